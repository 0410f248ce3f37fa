// Package system says what is under test: for each protocol of the built-in node what
// it promises, which faults it is to survive, and what it can do. One visible list.
// It must not know how a plan is made, or a run carried out.
package system
