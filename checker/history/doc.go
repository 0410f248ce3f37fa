// Package history keeps what a run leaves behind: what was written is read back
// the same, what was cut short is read up to its last whole line, and whatever
// breaks the format's rules is an error that names the line. Nothing read here is
// judged; that is the checker's part.
//
// The format is one JSON object a line: a header, then the events. The order of
// lines is the order of events; time is for people and plots, never precedence.
package history
