// Package stream proves a history valid in one pass, or gives up. Its guarantee: what it
// proves the properties would find valid, with the same evidence; memory holds what is
// unstable only. It knows the shape of a run in which nothing went wrong; what does not
// fit is suspicious, and left to the trace of the whole history. It must not find
// violations: it cannot tell them from what only looks odd.
package stream
