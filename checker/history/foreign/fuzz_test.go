package foreign

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
)

// Whatever a file holds, it is refused with an error or becomes a history that the
// checker reads; and nothing panics.
func FuzzConvert(f *testing.F) {
	seeds, err := filepath.Glob("testdata/*.*")
	if err != nil || len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, path := range seeds {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for i := range Formats {
			f.Add(byte(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, format byte, text []byte) {
		path := filepath.Join(t.TempDir(), "input")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Detect(path); err != nil {
			return // packed, and torn
		}
		o := Options{Tuple: format >= 128, Columns: Columns{"member": "0", "msg": "1"}, Pattern: `(?P<member>\w+) (?P<msg>\w+)`}
		var out bytes.Buffer
		if Convert(path, Formats[int(format)%len(Formats)], o, &out) != nil {
			return
		}
		r, err := history.NewReader(bytes.NewReader(out.Bytes()), "converted")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := checker.Check(r, checker.Options{}); err != nil {
			t.Fatalf("%v\n%s", err, out.Bytes())
		}
	})
}
