package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/verdict"
)

// Finding is a property that is broken, or a promised one that could not be
// decided, with its witness drawn.
type Finding struct {
	Property
	Steps  []Step // the witness in the order of the history
	Lanes  []Lane
	Wires  []Wire // from a message's sender to a delivery
	Width  int
	Height int
	From   int64  // µs: where the diagram shows it
	To     int64  // µs
	Focus  string // the message that it is about, "" if there is none
	Lines  string // the lines of its events, with commas between
}

// Lane is a member in a drawn witness.
type Lane struct {
	Name string
	Y    int
}

// Step is one event of a witness.
type Step struct {
	Number int
	checker.Witness
	At     string // seconds
	Micros int64
	Kind   history.Type
	Msg    string
	View   string
	X, Y   int // y is 0 where the event belongs to no member
	Log    *LogLine
}

// Wire is a line from one step to another.
type Wire struct{ X1, Y1, X2, Y2 int }

// Sizes of a drawn witness, in CSS pixels.
const (
	stepWidth  = 92
	laneHeight = 52
	laneLabel  = 70
)

// findings are the broken properties, promised ones first.
func findings(folder string, p *Page, j *verdict.Judgement, seen *sight) (list []Finding) {
	logs := openLogs(folder, p)
	for _, row := range p.Rows {
		if row.Verdict != checker.Invalid {
			continue
		}
		f := Finding{Property: row}
		f.steps(seen)
		f.lay()
		for i := range f.Steps {
			f.Steps[i].Log = logs.near(seen.witnessed[f.Steps[i].Index])
		}
		list = append(list, f)
	}
	return list
}

// steps takes the witness's events in the order of the history.
func (f *Finding) steps(seen *sight) {
	witness := slices.SortedFunc(slices.Values(f.Witness), func(a, b checker.Witness) int { return cmp.Compare(a.Index, b.Index) })
	var lines []string
	about := map[string]int{}
	for i, w := range witness {
		e := seen.witnessed[w.Index]
		msg := e.Msg
		if e.Type == history.Invoke {
			msg = message(&e)
		}
		about[msg]++
		f.Steps = append(f.Steps, Step{
			Number: i + 1, Witness: w, At: fmt.Sprintf("%.4f s", float64(e.Time)/1e9), Micros: e.Time / 1000,
			Kind: e.Type, Msg: msg, View: e.View, X: laneLabel + stepWidth/2 + i*stepWidth,
		})
		lines = append(lines, fmt.Sprint(w.Line))
		if i == 0 || e.Time/1000 < f.From {
			f.From = e.Time / 1000
		}
		f.To = max(f.To, e.Time/1000)
	}
	delete(about, "")
	for _, msg := range slices.Sorted(maps.Keys(about)) {
		if f.Focus == "" || about[msg] > about[f.Focus] {
			f.Focus = msg
		}
	}
	f.Lines = strings.Join(lines, ",")
	f.place(seen)
}

// place gives each member of the witness a lane, and each step its member's.
func (f *Finding) place(seen *sight) {
	var names []string
	for _, s := range f.Steps {
		if m := whose(seen.witnessed[s.Index]); m != "" && !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		f.Lanes = append(f.Lanes, Lane{name, 30 + i*laneHeight})
	}
	for i := range f.Steps {
		if at := slices.Index(names, whose(seen.witnessed[f.Steps[i].Index])); at >= 0 {
			f.Steps[i].Y = f.Lanes[at].Y
		}
	}
}

// whose lane an event belongs on: its member's, or its node's.
func whose(e history.Event) string { return cmp.Or(e.Member, e.Node) }

// lay draws a wire from where a message was asked for, or first delivered, to its
// deliveries on other lanes.
func (f *Finding) lay() {
	f.Width = laneLabel + len(f.Steps)*stepWidth + 10
	f.Height = 16 + max(1, len(f.Lanes))*laneHeight
	first := map[string]*Step{}
	for i := range f.Steps {
		s := &f.Steps[i]
		if s.Msg == "" || s.Y == 0 {
			continue
		}
		if from := first[s.Msg]; from == nil {
			first[s.Msg] = s
		} else if from.Y != s.Y && s.Kind == history.Deliver {
			f.Wires = append(f.Wires, Wire{from.X, from.Y, s.X, s.Y})
		}
	}
}

// Label is what a step's mark says.
func (s Step) Label() string {
	switch s.Kind {
	case history.View:
		return "view " + s.View
	case history.Deliver, history.Invoke, history.Send:
		if s.Msg != "" {
			return clip(s.Msg)
		}
	}
	return string(s.Kind)
}

// Below is where a step's label stands.
func (s Step) Below() int { return s.Y + 24 }

// clip keeps a label inside its place.
func clip(text string) string {
	if r := []rune(text); len(r) > 12 {
		return string(r[:11]) + "…"
	}
	return text
}

// Numbers is the finding's place in the diagram, for the page's script.
func (f Finding) Numbers() string {
	b, _ := json.Marshal([]int64{f.From, f.To})
	return string(b)
}
