// Command groupy tests replicated groups under faults. It turns flags into
// values and values into text; all else is in the packages.
//
// Each command is one file. What several take is in internal/flags, what several print
// in internal/text. It must not decide what a run is, or what is right.
package main
