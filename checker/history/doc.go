// Package history is what a run leaves behind: its types, and how it is read
// and written. The format is HISTORY.md's: one JSON object a line, the order of
// lines is the order of events, time is never precedence.
package history
