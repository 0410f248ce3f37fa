// Package groundtest runs tests as a user who is not root, on whatever machine. Where
// that cannot be had, the test is skipped in one line. It must not know what is tested.
package groundtest
