package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// written gives the bytes of a journal with these bodies.
func written(t rapid.TB, bodies [][]byte) []byte {
	var out bytes.Buffer
	w := NewWriter(&out)
	for _, b := range bodies {
		if err := w.Append(func(buf []byte) []byte { return append(buf, b...) }); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// read gives the frames of a file of these bytes, and how it ends.
func read(t rapid.TB, path string, data []byte) (bodies [][]byte, end error) {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for {
		body, _, err := r.Next()
		if err != nil {
			return bodies, err
		}
		bodies = append(bodies, bytes.Clone(body))
	}
}

func TestAJournalCutAnywhereGivesItsWholeFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	rapid.Check(t, func(t *rapid.T) {
		bodies := rapid.SliceOf(rapid.SliceOf(rapid.Byte())).Draw(t, "bodies")
		data := written(t, bodies)
		cut := rapid.IntRange(0, len(data)).Draw(t, "cut")
		whole, at := 0, 0
		for whole < len(bodies) && at+headSize+len(bodies[whole]) <= cut {
			at += headSize + len(bodies[whole])
			whole++
		}
		got, end := read(t, path, data[:cut])
		if len(got) != whole {
			t.Fatalf("%d frames of %d, cut at %d, should be %d", len(got), len(bodies), cut, whole)
		}
		for i := range got {
			if !bytes.Equal(got[i], bodies[i]) {
				t.Fatalf("frame %d is %q, was %q", i, got[i], bodies[i])
			}
		}
		want := io.EOF
		if cut != at {
			want = ErrTorn
		}
		if !errors.Is(end, want) {
			t.Fatalf("ends with %v, want %v", end, want)
		}
	})
}

func TestAChangedByteIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	rapid.Check(t, func(t *rapid.T) {
		bodies := rapid.SliceOfN(rapid.SliceOf(rapid.Byte()), 1, 5).Draw(t, "bodies")
		data := written(t, bodies)
		i := rapid.IntRange(0, len(data)-1).Draw(t, "which")
		data[i] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		hit, at := 0, 0
		for at+headSize+len(bodies[hit]) <= i {
			at += headSize + len(bodies[hit])
			hit++
		}
		got, end := read(t, path, data)
		if len(got) != hit {
			t.Fatalf("%d frames, the changed one is number %d", len(got), hit)
		}
		if place := fmt.Sprintf("%s: frame at offset %d:", path, at); !strings.Contains(end.Error(), place) {
			t.Fatalf("ends with %v, want %s", end, place)
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestAFailedWriteIsFinal(t *testing.T) {
	w := NewWriter(full{})
	for range 2 {
		if err := w.Append(func(b []byte) []byte { return b }); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("Append gives %v", err)
		}
	}
}
