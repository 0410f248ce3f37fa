package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the command itself, built once for the tests that need it as a
// process; it is the real one, so that what it starts is the real one too.
var program string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "groupy-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "no folder for the program under test:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "groupy")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the program under test: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
