package checker_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
)

// FuzzCheck judges arbitrary bytes: it must not panic, what is malformed must be an
// error, and what is judged must be judged the same as by the naive twin. The seeds
// are the golden histories.
func FuzzCheck(f *testing.F) {
	paths, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	input := regexp.MustCompile(`(?s)\ncheck [^\n]*\n(.*?)\n----`)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, m := range input.FindAllSubmatch(text, -1) {
			events, err := script(string(m[1]))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(encode(f, history.Header{}, events))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := history.NewReader(bytes.NewReader(file), "fuzz")
		if err != nil {
			return
		}
		rep, err := checker.Check(r, checker.Options{Promises: allNames()})
		if err != nil {
			return
		}
		checker.Render(io.Discard, rep)
		r, err = history.NewReader(bytes.NewReader(file), "fuzz")
		if err != nil {
			t.Fatal(err)
		}
		events, err := history.ReadAll(r)
		if err != nil || len(events) > 40 {
			return
		}
		n := &naive{events: events}
		for _, p := range checker.Properties {
			if p.Name == "integrity" {
				continue // the twin keeps to one multicast an id
			}
			if got, want := rep.Properties[p.Name].Verdict, n.verdict(p.Name); got != want {
				t.Fatalf("%s: the checker says %s, its twin %s\n%s", p.Name, got, want, file)
			}
		}
	})
}
