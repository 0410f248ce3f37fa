// Package runtest carries out whole runs for tests: jobs on real processes in a store
// that goes with the test, and what their histories hold. Only tests use it.
package runtest
