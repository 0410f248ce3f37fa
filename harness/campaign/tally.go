package campaign

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/replay"
)

// Counts are runs by how they ended. A run that the harness broke may have a
// verdict too.
type Counts struct {
	Runs    int `json:"runs"`
	Valid   int `json:"valid"`
	Invalid int `json:"invalid"`
	Unknown int `json:"unknown"`
	Broken  int `json:"broken"`
}

func (c *Counts) add(r *Run) {
	c.Runs++
	switch r.Verdict {
	case checker.Valid:
		c.Valid++
	case checker.Invalid:
		c.Invalid++
	case checker.Unknown:
		c.Unknown++
	}
	if r.Broken != "" {
		c.Broken++
	}
}

// Failure is what a campaign knows of one group.
type Failure struct {
	Group
	Count  int     `json:"count"`
	Of     int     `json:"of"`    // runs of the group's protocol
	Low    float64 `json:"low"`   // of the rate, 95% confidence
	High   float64 `json:"high"`  //
	First  *Run    `json:"first"` // the one with the lowest number
	Shrunk *Shrunk `json:"shrunk,omitempty"`
}

// Tally is what the lines of a journal come to, whatever their order.
type Tally struct {
	Total    Counts
	Events   int64
	Failed   int // runs that are not valid
	Cells    map[Cell]*Counts
	Unknown  map[string]int           // runs by code of a reason
	Met      map[string]plan.Coverage // by protocol
	Worked   time.Duration            // over all sessions
	Programs []string                 // hashes of the programs under test
	WorstLag int64                    // µs

	failures map[Group]*Failure
	protocol map[string]int // runs
	session  time.Time      // begin of the present one
	done     map[int]bool   // numbers of the runs that count
}

// NewTally is the tally of no line.
func NewTally() *Tally {
	return &Tally{
		Cells: map[Cell]*Counts{}, Unknown: map[string]int{}, Met: map[string]plan.Coverage{},
		failures: map[Group]*Failure{}, protocol: map[string]int{}, done: map[int]bool{},
	}
}

// Add takes a line. A run that is there already counts no second time.
func (t *Tally) Add(l *Line) {
	switch l.Kind {
	case KindSession:
		t.session = l.Session.At
		if !slices.Contains(t.Programs, l.Session.SHA256) {
			t.Programs = append(t.Programs, l.Session.SHA256)
		}
	case KindRun:
		t.run(l.Run)
	case KindShrunk:
		t.failure(l.Shrunk.Group).Shrunk = l.Shrunk
	}
}

func (t *Tally) run(r *Run) {
	if t.done[r.Number] {
		return
	}
	t.done[r.Number] = true
	t.Total.add(r)
	t.Events += r.Events
	t.protocol[r.Protocol]++
	t.WorstLag = max(t.WorstLag, r.LagUS)
	if t.Cells[r.Cell] == nil {
		t.Cells[r.Cell] = &Counts{}
	}
	t.Cells[r.Cell].add(r)
	for _, code := range r.Unknown {
		t.Unknown[code]++
	}
	if t.Met[r.Protocol] == nil {
		t.Met[r.Protocol] = plan.Coverage{}
	}
	t.Met[r.Protocol].Merge(r.Met)
	if since := r.At.Sub(t.session); !t.session.IsZero() && since > 0 {
		t.Worked += since
		t.session = r.At
	}
	if r.Failed() {
		t.Failed++
	}
	if g := r.Group(); g != (Group{}) {
		f := t.failure(g)
		f.Count++
		if f.First == nil || r.Number < f.First.Number {
			f.First = r
		}
	}
}

func (t *Tally) failure(g Group) *Failure {
	if t.failures[g] == nil {
		t.failures[g] = &Failure{Group: g}
	}
	return t.failures[g]
}

// Done reports whether a run counts already.
func (t *Tally) Done(number int) bool { return t.done[number] }

// Failures are the groups, in order of protocol and signature.
func (t *Tally) Failures() []Failure {
	var list []Failure
	for _, f := range t.failures {
		g := *f
		g.Of = t.protocol[g.Protocol]
		g.Low, g.High = replay.Wilson(g.Count, g.Of)
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Signature, b.Signature))
	})
	return list
}

// Protocols are those that ran, in order.
func (t *Tally) Protocols() []string { return slices.Sorted(maps.Keys(t.protocol)) }
