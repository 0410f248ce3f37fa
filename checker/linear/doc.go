// Package linear decides whether operations on an object are linearizable: whether
// one order of them, in which each takes effect between its call and its return,
// explains every answer (Herlihy and Wing, "Linearizability: A Correctness
// Condition for Concurrent Objects", 1990). What it calls legal has such an order
// and what it calls illegal has none; it never guesses.
//
// The ways, from cheap to dear: Replay tries one given order; Problem.Decide has an
// exact algorithm for many objects (zones for registers in which every value is
// written once, chains for sets and logs, deadlines for counters of equal steps);
// Problem.Search tries all orders. A history is linearizable exactly if that of
// each key is, so all but Replay take the operations of one key.
package linear
