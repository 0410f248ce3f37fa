package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/verdict"
)

// Group are the findings about one message, or one that is about none.
type Group struct {
	Focus    string // the message; "" if there is none
	Findings []Finding
}

// Finding is a property that is broken, with its witness drawn.
type Finding struct {
	Property
	First  bool   // it is shown unfolded
	Steps  []Step // the witness in the order of the history, and what ended between
	Never  []Absence
	Lanes  []Lane
	Wires  []Wire // from a message's sender to a delivery
	Width  int
	Height int
	From   int64    // µs: where the diagram shows it
	To     int64    // µs
	Focus  string   // the message that it is about, "" if there is none
	names  []string // all messages that it names
	Lines  string   // the lines of its events, with commas between
}

// Lane is a member in a drawn witness.
type Lane struct {
	Name string
	Y    int
}

// Step is one event of a witness, or, without a number, the end of a process or a
// membership between two of them.
type Step struct {
	Number int
	checker.Witness
	At     string // seconds
	Micros int64
	Kind   history.Type
	How    string // of a stop
	Msg    string
	View   string
	X, Y   int // y is 0 where the event belongs to no member
	Log    *LogLine
}

// Absence is a delivery that never came: it stands behind the last step of a member
// that had not ended by then.
type Absence struct {
	Member, Msg string
	X, Y        int
}

// Wire is a line from one step to another.
type Wire struct{ X1, Y1, X2, Y2 int }

// Sizes of a drawn witness, in CSS pixels, and how many ends it has room for.
const (
	stepWidth  = 92
	laneHeight = 52
	laneLabel  = 70
	maxEnds    = 4
)

// findings are the broken properties, promised ones first, those about one message
// together.
func findings(folder string, p *Page, j *verdict.Judgement, seen *sight) (groups []Group, err error) {
	logs := openLogs(folder, p)
	var list []Finding
	about := map[string]map[string]bool{}
	for _, row := range p.Rows {
		if row.Verdict != checker.Invalid {
			continue
		}
		f := Finding{Property: row, First: row.Promised && len(list) == 0}
		f.steps(seen)
		for _, earlier := range list { // what several name is what they are about
			if slices.Contains(f.names, earlier.Focus) {
				f.Focus = earlier.Focus
				break
			}
		}
		if f.Focus != "" {
			about[f.Focus] = nil
		}
		list = append(list, f)
	}
	if err := deliverers(folder, about); err != nil {
		return nil, err
	}
	for _, f := range list {
		f.place(seen)
		f.never(seen, about[f.Focus])
		f.lay()
		for i := range f.Steps {
			if f.Steps[i].Number > 0 {
				f.Steps[i].Log = logs.near(seen.witnessed[f.Steps[i].Index])
			}
		}
		at := slices.IndexFunc(groups, func(g Group) bool { return f.Focus != "" && g.Focus == f.Focus })
		if at < 0 {
			at, groups = len(groups), append(groups, Group{Focus: f.Focus})
		}
		groups[at].Findings = append(groups[at].Findings, f)
	}
	return groups, nil
}

// steps takes the witness's events in the order of the history, and what ended
// between the first and the last of them.
func (f *Finding) steps(seen *sight) {
	witness := slices.SortedFunc(slices.Values(f.Witness), func(a, b checker.Witness) int { return cmp.Compare(a.Index, b.Index) })
	if len(witness) == 0 {
		return
	}
	var lines []string
	about := map[string]int{}
	for i, w := range witness {
		e := seen.witnessed[w.Index]
		msg := e.Msg
		if e.Type == history.Invoke {
			msg = message(&e)
		}
		about[msg]++
		s := step(e)
		s.Number, s.Witness, s.Msg = i+1, w, msg
		f.Steps = append(f.Steps, s)
		lines = append(lines, fmt.Sprint(w.Line))
		if i == 0 || s.Micros < f.From {
			f.From = s.Micros
		}
		f.To = max(f.To, s.Micros)
	}
	delete(about, "")
	f.names = slices.Sorted(maps.Keys(about))
	for _, msg := range f.names {
		if f.Focus == "" || about[msg] > about[f.Focus] {
			f.Focus = msg
		}
	}
	f.Lines = strings.Join(lines, ",")
	f.between(seen, witness[0].Index, witness[len(witness)-1].Index)
}

func step(e history.Event) Step {
	return Step{At: fmt.Sprintf("%.4f s", float64(e.Time)/1e9), Micros: e.Time / 1000, Kind: e.Type, How: e.How, View: e.View}
}

// between adds the ends of processes and memberships between two events: the last
// ones, if there are many.
func (f *Finding) between(seen *sight, first, last int64) {
	var ends []Step
	for _, e := range seen.ends {
		_, own := seen.witnessed[e.Index]
		if e.Index <= first || e.Index >= last || own && slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Index == e.Index }) {
			continue
		}
		s := step(e)
		s.Witness = checker.Witness{Index: e.Index, Line: e.Line, Text: endText(e)}
		ends = append(ends, s)
	}
	f.Steps = append(f.Steps, ends[max(0, len(ends)-maxEnds):]...)
	slices.SortStableFunc(f.Steps, func(a, b Step) int { return cmp.Compare(a.Index, b.Index) })
	for _, s := range ends {
		seen.witnessed[s.Index] = seen.ends[slices.IndexFunc(seen.ends, func(e history.Event) bool { return e.Index == s.Index })]
	}
}

// endText says how a process or a membership ended.
func endText(e history.Event) string {
	if e.Type == history.Evict {
		return strings.TrimSuffix(e.Member+" learns that it is no longer a member: "+e.Reason, ": ")
	}
	switch e.How {
	case history.StopKill:
		return e.Member + " is killed"
	case history.StopShutdown:
		return e.Member + " shuts down, as it was asked to"
	case history.StopSignal:
		return e.Member + " is ended by a signal that the harness did not send: " + e.Reason
	}
	if e.Code != nil {
		return fmt.Sprintf("%s ends by itself, with code %d", e.Member, *e.Code)
	}
	return e.Member + " ends by itself"
}

// place gives each step a column, each member of the witness a lane, and each step
// its member's.
func (f *Finding) place(seen *sight) {
	var names []string
	for i := range f.Steps {
		s := &f.Steps[i]
		s.X = laneLabel + stepWidth/2 + i*stepWidth
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

// never marks who never delivered the message that a finding is about, of the
// members of its witness that had not ended before its last event.
func (f *Finding) never(seen *sight, delivered map[string]bool) {
	if f.Focus == "" || len(f.Steps) == 0 || len(delivered) == 0 && !slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Kind == history.Invoke }) {
		return
	}
	last := f.Steps[len(f.Steps)-1]
	for _, lane := range f.Lanes {
		gone := slices.ContainsFunc(seen.ends, func(e history.Event) bool { return e.Member == lane.Name && e.Index <= last.Index })
		if !delivered[lane.Name] && !gone {
			f.Never = append(f.Never, Absence{lane.Name, f.Focus, last.X + stepWidth, lane.Y})
		}
	}
}

// lay draws a wire from where a message was asked for, or first delivered, to its
// deliveries on other lanes.
func (f *Finding) lay() {
	columns := len(f.Steps)
	if len(f.Never) > 0 {
		columns++
	}
	f.Width = laneLabel + columns*stepWidth + 10
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
	case history.Stop:
		switch s.How {
		case history.StopKill:
			return "killed"
		case history.StopShutdown:
			return "shut down"
		}
		return "ends"
	case history.Evict:
		return "evicted"
	}
	return string(s.Kind)
}

// Mark is which sign a step is drawn as; the style sheet and the legend have the same.
func (s Step) Mark() string {
	switch {
	case s.Kind == history.Stop && s.How == history.StopShutdown:
		return "orderly"
	case s.Kind == history.Stop:
		return "killed"
	case s.Kind == history.Evict:
		return "evicted"
	case s.Kind == history.View:
		return "install"
	case s.Kind == history.Deliver:
		return "deliver"
	}
	return "ask"
}

// Below is where a step's label stands.
func (s Step) Below() int { return s.Y + 24 }

// Below is where the label of what never came stands.
func (a Absence) Below() int { return a.Y + 24 }

// Label says what never came.
func (a Absence) Label() string { return "never " + clip(a.Msg) }

// clip keeps a label inside its place.
func clip(text string) string {
	if r := []rune(text); len(r) > 12 {
		return string(r[:11]) + "…"
	}
	return text
}
