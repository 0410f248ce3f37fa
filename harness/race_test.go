//go:build race

package harness

// A test binary with the race detector tests nodes that have it too.
func init() { buildFlags = []string{"-race"} }
