// Package recording writes down what a machine was given, and gives it to a fresh one
// again. Its guarantee: each input stands in the recording before any output that it
// caused has left, whatever ends the process; a machine that is given the recorded
// inputs does the same again, also where the process was killed. What a frame holds may
// or may not have left, since a kill can fall between the two; that is for those to tell
// who would have seen it. frame.go has the format, and package journal that of the file.
//
// It takes inputs with their times, and outputs. It must not know a machine's inside.
package recording
