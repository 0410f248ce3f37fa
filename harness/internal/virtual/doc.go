// Package virtual is the simulated network, disk and clock of the two virtual worlds:
// sim calls the built-in node's core in process, lockstep talks to real processes a
// line at a time. Its guarantee: the same plan gives the same history, byte for byte,
// in both, on any number of cores.
//
// It must not read a clock or draw anything at random.
package virtual
