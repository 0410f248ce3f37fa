// Package world supplies what a run takes place in: time, processes and links.
// The run loop is the same in each and never asks which one it is in.
//
// Its guarantee: events come out of Next one at a time, each node's in the order
// in which it wrote them, a process's end after its last line; and after Close
// nothing of the world is left, no process, socket or goroutine.
package world
