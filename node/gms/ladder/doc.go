// Package ladder holds gms1 to gms4, four protocols of a leader and its slaves, each
// with one mistake of the last one mended and one mistake left. What a level
// guarantees is said at its head, in its own file: gms1 orders, gms2 elects, gms3
// numbers and resends, gms4 asks for what it missed. They share one group process
// (group); a level adds an order and a watch.
//
// A core takes the inputs of package gms and gives its effects, and knows nothing
// else: no clock, no socket, no other member but by what that member said.
package ladder
