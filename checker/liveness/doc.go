// Package liveness judges what has to have happened in a run that came to rest. One
// file, one property; each is a pure function of the trace, and unknown where the run
// did not give the group every chance.
package liveness
