// Package contract reads what a program under test writes, and says of what breaks
// the contract how: what was expected, and the nearest right spelling. A line is
// either read whole, or it is a Breach; nothing is dropped without a word.
//
// In go lines of a node; out come values of package node. It must not know
// processes, worlds or runs.
package contract
