package text

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"groupy/harness/run"
)

// moments is a run as the run loop shows it: often, and through two phases.
func moments(w *Watcher) {
	for i := range 200 {
		s := run.Status{Phase: "main", Time: time.Duration(i) * 50 * time.Millisecond, Operations: i, View: []string{"n1.1", "n2.1"}}
		if i >= 150 {
			s.Phase, s.Faults = "heal", []string{"pause", "drop"}
		}
		w.Show(s)
	}
	w.Clear()
}

func TestPlainLinesAreFew(t *testing.T) {
	var out bytes.Buffer
	moments(NewWatcher(&out))
	want := "" +
		"  0.0s main      0 asked, 0 ok, 0 unknown, 0 deliveries  view n1.1 n2.1\n" +
		"  5.0s main      100 asked, 0 ok, 0 unknown, 0 deliveries  view n1.1 n2.1\n" +
		"  7.5s heal      150 asked, 0 ok, 0 unknown, 0 deliveries  view n1.1 n2.1  faults pause, drop\n"
	if out.String() != want {
		t.Errorf("a run is shown as\n%s\nwant\n%s", out.String(), want)
	}
}

func TestATerminalHasOneLine(t *testing.T) {
	var out bytes.Buffer
	moments(&Watcher{out: &out, width: 40})
	text := out.String()
	if strings.Contains(text, "\n") {
		t.Errorf("the line was left: %q", text)
	}
	shown := strings.Split(strings.TrimPrefix(text, "\r\x1b[K"), "\r\x1b[K")
	if last := shown[len(shown)-1]; last != "" {
		t.Errorf("%q is still there when the run is over", last)
	}
	if len(shown) < 90 || len(shown) > 110 {
		t.Errorf("10 seconds are shown %d times, want ten a second", len(shown))
	}
	for _, line := range shown {
		if len([]rune(line)) >= 40 {
			t.Errorf("%q does not fit a terminal of 40 columns", line)
		}
	}
}
