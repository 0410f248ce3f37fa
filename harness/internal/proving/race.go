//go:build race

package proving

// A test binary with the race detector tests nodes that have it too.
func init() { buildFlags = []string{"-race"} }
