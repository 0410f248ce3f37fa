// Package why tells a failing run as a story: who did what, in the words of the
// protocol and of the faults, up to the violation.
package why
