// Package gmstest runs protocol cores in a small simulated world, for tests of
// the cores alone: the same options and the same calls give the same events, at
// the speed of function calls.
//
// A Sim has virtual time, one process per node, and FIFO links that lose,
// double, reorder, hold and cut what they carry. Every message goes through
// JSON and Protocol.Decode on its way, so that what a test sees is what a real
// process would see. RunScripts plays golden scripts in it; the functions of
// check.go judge what was observed, by the letter and without cleverness.
//
// It is not the harness's simulated world, which shares its links, faults and
// checkers with the real one. It imports package gms alone.
package gmstest
