// Package shrink makes a failing plan the smallest that still fails the same way. Its
// guarantee: the result fails with the same signature, was confirmed on real processes,
// and can be shrunk no further by the same steps; it does not depend on the number of
// workers.
package shrink
