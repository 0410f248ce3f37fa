// Package flags turns what is typed into values: the flags of a run, of an import, of
// the search for linearizations, and what a shell completes. Its guarantee: a value
// that it gives is one that can be run, and an error names the flag and what it may
// be. It makes nothing and prints nothing.
package flags
