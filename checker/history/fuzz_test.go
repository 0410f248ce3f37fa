package history_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/checker/history"
)

type jsonRaw = json.RawMessage

// FuzzReader feeds bytes to the reader: it must end in io.EOF or in an error that
// names the input, and what it accepts must survive being written and read again.
func FuzzReader(f *testing.F) {
	file := write(f, full())
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte(""))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x00"))
	f.Add(append(write(f, nil), `{"index":0,"type":"view","member":"n1","view":"1","members":[ "a" , "\u00e4" ],"\u0069":[{"]":1}] }`...))
	f.Add(append(write(f, nil), `{"index":0,"type":"phase","phase":"main","type":null}`...))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := history.NewReader(bytes.NewReader(data), "fuzz")
		if err != nil {
			if !strings.Contains(err.Error(), "fuzz") {
				t.Fatalf("the error does not name the input: %v", err)
			}
			return
		}
		events, err := history.ReadAll(r)
		var bad *history.Malformed
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("reading memory gives %v", err)
		}
		if _, again := r.Next(); err == nil && again != io.EOF {
			t.Fatalf("after the end: %v", again)
		}
		r2, err := history.NewReader(bytes.NewReader(write(t, events)), "again")
		if err != nil {
			t.Fatal(err)
		}
		got, err := history.ReadAll(r2)
		if err != nil {
			t.Fatal(err)
		}
		same := cmp.Comparer(func(a, b jsonRaw) bool {
			var x, y bytes.Buffer
			_ = json.Compact(&x, a)
			_ = json.Compact(&y, b)
			return bytes.Equal(x.Bytes(), y.Bytes())
		})
		if diff := cmp.Diff(events, got, same); diff != "" {
			t.Fatalf("written and read again differs:\n%s", diff)
		}
	})
}
