package history_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"groupy/checker/history"
)

// TestRules runs the format's rules: each case is a file (the header is added,
// unless the argument bare says that the input is all of it) and what comes of it.
// "<cut>" at the end takes the last newline away; "<NUL>" stands for that byte.
func TestRules(t *testing.T) {
	datadriven.RunTest(t, "testdata/rules.txt", func(t *testing.T, d *datadriven.TestData) string {
		input := strings.ReplaceAll(d.Input, "<NUL>", "\x00") + "\n"
		if d.Input == "" {
			input = ""
		}
		if body, cut := strings.CutSuffix(input, "<cut>\n"); cut {
			input = body
		}
		if !d.HasArg("bare") {
			input = `{"type":"header","format":"groupy-history/1"}` + "\n" + input
		}
		r, err := history.NewReader(strings.NewReader(input), "h")
		if err != nil {
			return err.Error()
		}
		events, err := history.ReadAll(r)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("ok: %d events, cut %v", len(events), r.Truncated())
	})
}

func yes[T any](v T) *T { return &v }

// full is an event of every kind, with every key set somewhere.
func full() []history.Event {
	return []history.Event{
		{Type: history.Start, Node: "n1", Member: "n1.1", PID: 71},
		{Type: history.Phase, Phase: history.PhaseMain, Time: 5},
		{Type: history.Invoke, Process: "c0", Node: "n1", Member: "n1.1", F: "multicast", Value: []byte(`"m1"`)},
		{Type: history.View, Member: "n1.1", View: "1", Members: []string{"n1.1", "ü\"\\\n\t<&>\u2028"}, Primary: yes(false)},
		{Type: history.Deliver, Member: "n1.1", Msg: "m1", Sender: "n1.1", View: "1", State: "#00ff00"},
		{Type: history.Info, Process: "c0", Node: "n1", F: "multicast", Value: []byte(`"m1"`), Error: "timeout"},
		{Type: history.Fault, Fault: "kill", ID: "f1", Phase: "begin", Value: []byte(`{"a":[1,{"b":"}]"}]}`), Evidence: []byte(`[true]`), Reason: "none"},
		{Type: "rumour", Extra: map[string]jsonRaw{"who": []byte(`"x"`), "a\tb": []byte(`{ }`)}},
		{Type: history.Stop, Node: "n1", Member: "n1.1", How: history.StopExit, Code: yes(3)},
		{Type: history.Stop, Node: "n1", Member: "n1.1", How: history.StopSignal, Reason: "aborted", Asked: "shutdown", Cause: "panic: lost", Log: []string{"panic: lost", "main()"}},
	}
}

func write(t testing.TB, events []history.Event) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := history.NewWriter(&buf, history.Header{Name: "t", Nodes: []string{"n1"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		if err := w.Append(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestRoundTrip(t *testing.T) {
	events := full()
	file := write(t, events)
	dir := t.TempDir()
	plain := filepath.Join(dir, "history.jsonl")
	packed := plain + ".zst"
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{plain: file, packed: enc.EncodeAll(file, nil)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := history.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := history.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(events, got); diff != "" {
			t.Errorf("%s: read other than written (-written +read):\n%s", path, diff)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A run that dies leaves a file cut anywhere; its whole lines must be read, and
// nothing else.
func TestCutAnywhere(t *testing.T) {
	file := write(t, full())
	header := bytes.IndexByte(file, '\n') + 1
	for n := header; n <= len(file); n++ {
		r, err := history.NewReader(bytes.NewReader(file[:n]), "cut")
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		got, err := history.ReadAll(r)
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		whole := bytes.Count(file[header:n], []byte("\n"))
		// A line that lacks nothing but its newline is whole.
		if n < len(file) && file[n] == '\n' && file[n-1] == '}' {
			whole++
		}
		if len(got) != whole {
			t.Fatalf("cut at %d: %d events, want %d", n, len(got), whole)
		}
		if cut := file[n-1] != '\n' && file[n] != '\n'; cut != r.Truncated() {
			t.Fatalf("cut at %d: truncated %v, want %v", n, r.Truncated(), cut)
		}
	}
}

func TestCutCompressed(t *testing.T) {
	events := make([]history.Event, 0, 100_000)
	for i := range 100_000 {
		events = append(events, history.Event{Type: history.Deliver, Member: "n1.1", Msg: fmt.Sprint("m", i*7919), View: "1"})
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := enc.EncodeAll(write(t, events), nil)
	path := filepath.Join(t.TempDir(), "h.zst")
	if err := os.WriteFile(path, packed[:len(packed)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := history.ReadAll(r)
	if err != nil || len(got) == 0 || !r.Truncated() {
		t.Fatalf("%d events, truncated %v, %v; want some events of a truncated history", len(got), r.Truncated(), err)
	}
}

func TestHugeLine(t *testing.T) {
	file := append(write(t, nil), bytes.Repeat([]byte("x"), history.MaxLine+1)...)
	r, err := history.NewReader(bytes.NewReader(file), "h")
	if err != nil {
		t.Fatal(err)
	}
	var bad *history.Malformed
	if _, err := r.Next(); !errors.As(err, &bad) || bad.Line != 2 {
		t.Fatalf("got %v, want a malformed line 2", err)
	}
	if _, again := r.Next(); !errors.Is(again, error(bad)) {
		t.Fatalf("the error does not stay: %v", again)
	}
}

func TestWriterRefusesBadValues(t *testing.T) {
	var buf bytes.Buffer
	w, err := history.NewWriter(&buf, history.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(&history.Event{Type: history.Invoke, Value: []byte("{")}); err == nil {
		t.Fatal("a value that is no JSON was written")
	}
	if err := w.Append(&history.Event{Type: history.Phase, Phase: "main", Evidence: []byte("{\n\"a\":1}")}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r, err := history.NewReader(&buf, "h")
	if err != nil {
		t.Fatal(err)
	}
	events, err := history.ReadAll(r)
	if err != nil || len(events) != 1 || events[0].Index != 0 {
		t.Fatalf("got %v, %v; want the one good event, with index 0", events, err)
	}
}

type brokenDisk struct{}

func (brokenDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriterKeepsItsError(t *testing.T) {
	w, err := history.NewWriter(brokenDisk{}, history.Header{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err == nil {
		t.Fatal("a failed write went unnoticed")
	}
	if err := w.Append(&history.Event{Type: history.Phase, Phase: "main"}); err == nil {
		t.Fatal("an event was taken after a failed write")
	}
}

// TestWatch: who watches sees each event once for each reading, and begins anew
// with it.
func TestWatch(t *testing.T) {
	r, err := history.NewReader(bytes.NewReader(write(t, full())), "h")
	if err != nil {
		t.Fatal(err)
	}
	var readings [][]history.Type
	r.Watch(func() func(*history.Event) {
		readings = append(readings, nil)
		return func(e *history.Event) { readings[len(readings)-1] = append(readings[len(readings)-1], e.Type) }
	})
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Rewind(); err != nil {
		t.Fatal(err)
	}
	events, err := history.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var all []history.Type
	for _, e := range events {
		all = append(all, e.Type)
	}
	if diff := cmp.Diff([][]history.Type{all[:2], all}, readings); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
