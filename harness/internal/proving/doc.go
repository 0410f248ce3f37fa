// Package proving is the ground on which tests prove the harness: the program under
// test, built once for a test binary, and worlds of the built-in node. Only tests use
// it.
package proving
