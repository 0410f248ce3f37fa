// Package machine is the built-in node without its surroundings: the contract, a protocol
// core and an application composed into one pure state machine. Its guarantee: the same
// inputs at the same times give the same outputs, in every world; no clock, no file, no
// socket. Outputs come in the order in which they have to be carried out.
//
// It takes an init and then inputs (requests, peers' messages, timers, closed
// connections, what was stored), and gives outputs (lines, sends, timers, records to
// keep). It must not know who carries them out.
package machine
