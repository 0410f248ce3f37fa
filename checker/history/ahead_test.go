package history_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"groupy/checker/history"
)

// many is a file of n deliveries, long enough to be read ahead.
func many(t *testing.T, n int) []byte {
	t.Helper()
	events := make([]history.Event, n)
	for i := range events {
		events[i] = history.Event{Time: int64(i) * 1000, Type: history.Deliver, Member: "n1.1", Msg: fmt.Sprint("m", i*7919), View: "1"}
	}
	return write(t, events)
}

func reader(t *testing.T, src io.Reader) *history.Reader {
	t.Helper()
	r, err := history.NewReader(src, "h")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// nexts reads by Next alone, which reads nothing ahead.
func nexts(r *history.Reader) (events []history.Event, err error) {
	for {
		e, err := r.Next()
		if err != nil {
			return events, err
		}
		events = append(events, *e)
	}
}

// TestReadAhead holds a walk that reads ahead to one that does not, whatever the
// pieces are in which the input comes, and wherever it ends or is malformed.
func TestReadAhead(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	file := many(t, 3000)
	bad := bytes.Replace(file, []byte(`"index":2500,`), []byte(`"index":x,`), 1)
	gap := bytes.Replace(file, []byte(`"index":2500,`), []byte(`"index":2501,`), 1)
	for name, file := range map[string][]byte{"whole": file, "cut": file[:len(file)-9], "bad": bad, "gap": gap, "no newline": file[:len(file)-1]} {
		slow := reader(t, iotest.OneByteReader(bytes.NewReader(file)))
		want, wantErr := nexts(slow)
		fast := reader(t, bytes.NewReader(file))
		got, err := history.ReadAll(fast)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: other events (-next +ahead):\n%s", name, diff)
		}
		if wantErr == io.EOF {
			wantErr = nil
		}
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || fast.Truncated() != slow.Truncated() {
			t.Errorf("%s: ends with %v, truncated %v; want %v, %v", name, err, fast.Truncated(), wantErr, slow.Truncated())
		}
		if _, again := fast.Next(); err != nil && !errors.Is(again, err) || err == nil && again != io.EOF {
			t.Errorf("%s: after the end: %v", name, again)
		}
	}
}

// TestWalkEndsEarly leaves walks in the middle: no goroutine stays behind, no event
// is lost, and the input can be read again.
func TestWalkEndsEarly(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	file := many(t, 20_000)
	r := reader(t, bytes.NewReader(file))
	for _, stop := range []int64{0, 1100, 1101, 9000} {
		at := int64(0)
		if err := r.Rewind(); err != nil {
			t.Fatal(err)
		}
		see := func(e *history.Event) {
			if e.Index != at || e.Line != int(at)+2 {
				t.Fatalf("stopped at %d: got event %d of line %d, want %d", stop, e.Index, e.Line, at)
			}
			at++
		}
		for e := range r.Events() {
			if see(e); e.Index == stop {
				break
			}
		}
		for range 700 {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			see(e)
		}
		for e := range r.Events() {
			see(e)
		}
		if at != 20_000 {
			t.Errorf("stopped at %d: %d events in all", stop, at)
		}
	}
}

// TestReadsAsItGrows asks that an event is given before the next one is written.
func TestReadsAsItGrows(t *testing.T) {
	pipe, to := io.Pipe()
	lines := strings.SplitAfter(string(many(t, 3000)), "\n")
	go func() { _, _ = io.WriteString(to, lines[0]) }()
	r := reader(t, pipe)
	defer pipe.Close()
	line := 1
	put := func() { go func(text string) { _, _ = io.WriteString(to, text) }(lines[line]) }
	put()
	for e, err := range r.Events() {
		if err != nil || e.Line != line+1 {
			t.Fatalf("line %d: %v, %v", line, e, err)
		}
		if line++; line == 3001 {
			break
		}
		put()
	}
}
