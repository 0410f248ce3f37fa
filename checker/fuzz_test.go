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
	"groupy/checker/report"
)

// FuzzCheck judges arbitrary bytes: it must not panic, what is malformed must be an
// error, and every result must carry what it owes. The seeds are the golden
// histories.
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
		for _, p := range checker.Properties {
			if problem := malformedResult(rep.Properties[p.Name], int(rep.Stats.Events)); problem != "" {
				t.Fatalf("%s: %s\n%s", p.Name, problem, file)
			}
		}
		if rep.Verdict == report.Valid && rep.Stats.Shared == 0 {
			t.Fatalf("valid without evidence\n%s", file)
		}
	})
}
