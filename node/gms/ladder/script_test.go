package ladder_test

import (
	"path/filepath"
	"testing"

	"groupy/node/gms/gmstest"
)

// The scripts are meant to be read: what each level does, and where it breaks.
// Run with -rewrite to write down what happens instead of comparing.
func TestLadderScripts(t *testing.T) {
	for _, level := range []string{"gms1", "gms2", "gms3", "gms4"} {
		t.Run(level, func(t *testing.T) {
			gmstest.RunScripts(t, filepath.Join("testdata", "scripts", level))
		})
	}
}
