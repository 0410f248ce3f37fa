// Package nemesis holds what can go wrong in a run: each fault with how it is
// planned, how it takes hold, how that is proven, and how it is undone.
//
// A fault's life:
//
//	planned ──begin──▶ installing ──held──▶ in force ──end──▶ healing ──gone──▶ over
//	   │                   │
//	   └───── skip ◀───────┘   (cannot apply, or no proof before its end)
//
// The harness writes `begin` into the history only when Held gave its evidence,
// and `end` only when Gone did. Begin and End never block and never wait: the
// harness asks again after each event. End twice does no harm.
package nemesis
