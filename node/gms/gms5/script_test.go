package gms5_test

import (
	"path/filepath"
	"testing"

	"groupy/node/gms/gmstest"
)

// The scripts show each of gms5's mechanisms once, meant to be read. Run with
// -rewrite to write down what happens instead of comparing.
func TestGMS5Scripts(t *testing.T) {
	gmstest.RunScripts(t, filepath.Join("testdata", "scripts", "gms5"))
}
