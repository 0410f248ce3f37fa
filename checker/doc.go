// Package checker says whether a history can have come from a group that keeps
// its promises. What it calls invalid is impossible for such a group, and the
// witness shows why in a few events; what it calls valid held in every comparison
// made, and the evidence counts them; the rest is unknown, with a reason. A
// correct run is never called invalid.
//
// It needs nothing but the history: not the plan, not the protocol, not the
// harness. A stream proves the history of a run in which nothing went wrong in one
// pass, in memory for what is unstable only. Where anything is suspicious, or
// operations have answers, another pass turns the events into a trace, and each
// property is a pure function of it: of views (membership), of messages (multicast),
// of what must have happened (liveness), of answers (objects). The list Properties
// holds them all.
//
// The properties and their names are those of Chockler, Keidar and Vitenberg,
// "Group Communication Specifications" (2001), and of Hadzilacos and Toueg,
// "A Modular Approach to Fault-Tolerant Broadcasts" (1994).
package checker
