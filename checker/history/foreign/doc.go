// Package foreign reads what other systems and other tools wrote down as a history
// of ours, and writes ours as Jepsen's. What it reads keeps its order: the order of
// lines is the order of events, times may run backwards and indexes may be missing.
// Nothing is made up: what the input does not say is left out, and the header says
// which properties cannot be judged for it (history.Header.LeftOut).
//
// Input that is none of its format is an *Error with line and column. Memory does
// not grow with the length of the input, but for processes, and for members and
// views of a log.
package foreign
