// Package conformance puts a program to the contract alone: it asks one request after
// the other of real processes, and says of each whether it was answered as the contract
// has it, what is missing, what is optional, and what comes next. No faults but a kill,
// no load, no verdict: a program that passes can be tested, and nothing else is shown.
package conformance
