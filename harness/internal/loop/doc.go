// Package loop carries out one plan in one world. It is single-threaded: an event of
// the world, then what is due, then what the faults' evidence shows, and again. Its
// guarantee: what a run does is decided by the plan alone, every step is in the
// history before it is taken, and no fault is reported without proof that it took
// hold.
//
// It takes a plan, a world and a place to write the history to, and gives what the
// history does not hold. It must not know which world it is in, nor what the checker
// will say.
package loop
