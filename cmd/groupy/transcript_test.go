package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/cmd/groupy/internal/exit"
)

// TestEachEndingHasItsTranscript holds all that a run prints, for each kind of ending,
// against a file that -update writes. The runs are simulated, so that only the folder's
// name differs.
func TestEachEndingHasItsTranscript(t *testing.T) {
	for _, c := range []struct {
		name string
		code int
		args []string
	}{
		{"valid", 0, []string{"--nemesis", "kill,pause", "--time-limit", "4s"}},
		{"faultless", 0, []string{"--nemesis", "none", "--time-limit", "2s"}},
		{"invalid", 1, []string{"--protocol", "gms2", "--nemesis", "kill-mid-multicast", "--time-limit", "4s", "--rate", "10"}},
		{"unknown", 2, []string{"--nodes", "1", "--time-limit", "2s"}},
		{"quiet", 1, []string{"--protocol", "gms2", "--nemesis", "kill-mid-multicast", "--time-limit", "4s", "--rate", "10", "--quiet"}},
		{"bad-input", exit.BadInput, []string{"--nemesis", "earthquake"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			var out, errOut bytes.Buffer
			args := append([]string{"run", "--world", "sim", "--seed", "1"}, c.args...)
			if code := execute(context.Background(), args, nil, &out, &errOut); code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			if c.code == exit.BadInput {
				out.Write(errOut.Bytes())
			}
			got := regexp.MustCompile(`\d{8}T\d{6}\.\d{3}`).ReplaceAllString(out.String(), "TIME")
			sameAsGolden(t, c.name, got)
		})
	}
}

// transcripts is the folder of the golden files, wherever a test runs.
var transcripts, _ = filepath.Abs(filepath.Join("testdata", "transcript"))

func sameAsGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(transcripts, name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(read(t, file), got); diff != "" {
		t.Errorf("%s, rewritten with -update, differs (-want +got):\n%s", file, diff)
	}
}
