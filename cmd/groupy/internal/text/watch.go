package text

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"groupy/harness/run"
	"groupy/harness/shrink"
)

// Watcher shows a run as it goes: one line that is written over on a terminal, a
// plain line for each phase and some seconds elsewhere.
type Watcher struct {
	out   io.Writer
	width int // of the terminal; 0: none
	last  run.Status
	shown time.Duration // of the run's time, when it last wrote
	began bool
}

func NewWatcher(out io.Writer) *Watcher {
	w := &Watcher{out: out}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		w.width = 80
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 20 {
			w.width = width
		}
	}
	return w
}

// Show takes the moment of a run.
func (w *Watcher) Show(s run.Status) {
	every := 5 * time.Second
	if w.width > 0 {
		every = 100 * time.Millisecond
	}
	if w.began && s.Phase == w.last.Phase && s.Time < w.shown+every {
		return
	}
	w.began, w.last, w.shown = true, s, s.Time
	text := line(s)
	if w.width == 0 {
		fmt.Fprintln(w.out, text)
		return
	}
	if runes := []rune(text); len(runes) > w.width-1 {
		text = string(runes[:w.width-1])
	}
	fmt.Fprintf(w.out, "\r\x1b[K%s", text)
}

// Clear removes the live line.
func (w *Watcher) Clear() {
	if w.width > 0 && w.began {
		fmt.Fprint(w.out, "\r\x1b[K")
	}
}

func line(s run.Status) string {
	text := fmt.Sprintf("%5.1fs %-9s %d asked, %d ok, %d unknown, %d deliveries  view %s",
		s.Time.Seconds(), s.Phase, s.Operations, s.OK, s.Unknown, s.Deliveries, strings.Join(s.View, " "))
	if len(s.Faults) > 0 {
		text += "  faults " + strings.Join(s.Faults, ", ")
	}
	return text
}

// ShowShrink takes the moment of a search; only a terminal shows it.
func (w *Watcher) ShowShrink(s shrink.ShrinkStatus) {
	if w.width > 0 {
		w.began = true
		fmt.Fprintf(w.out, "\r\x1b[K%s tried; %s on %s left", Count(s.Tried, "candidate"), Count(s.Size.Units(), "unit"), Count(s.Size.Nodes, "node"))
	}
}
