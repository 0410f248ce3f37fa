// Package runtime runs the built-in node and guarantees that every world runs
// the same one: a Machine is the contract, a protocol core and an application
// composed into one pure state machine, and all that differs between worlds is
// who carries its outputs out.
//
// Outputs are performed in the order in which the machine gives them, by one
// single-threaded loop. A node that is killed has therefore done a prefix of
// them: it sent to the first k members of a broadcast and to no others, and
// whatever line it wrote speaks of what came before. That holds on standing
// connections; what is sent to a peer before there is one, or faster than the
// kernel takes it, waits in a queue of that peer's (see outbound), and who is
// killed takes the queue along: one peer's suffix is lost, never its middle.
//
//	Machine   the composition; no I/O, no clock
//	tcp       real sockets, the real clock
//	stdio     the harness is network and clock (virtual time)
package runtime
