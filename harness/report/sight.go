package report

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"time"

	"groupy/checker/history"
	"groupy/harness/verdict"
)

// sight is what one walk over a history gives to a page.
type sight struct {
	header    history.Header
	story     *verdict.Story
	script    Script
	witnessed map[int64]history.Event // by index
	ends      []history.Event         // of processes and memberships
	leftOut   int
	colour    bool
	answers   []answer // in the order of their times
	open      map[string]history.Event
	counts    map[string]*Op
}

// answer is an operation that took effect.
type answer struct {
	f            string
	asked, ended time.Duration
}

// Op counts the operations of one kind. Latencies are of those that took effect;
// the quantiles are exact, of all of them.
type Op struct {
	F                          string
	Asked, OK, Failed, Unknown int
	P50, P95, P99, Max         string
}

var isColour = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// look walks over a history once.
func look(path string, j *verdict.Judgement) (*sight, error) {
	r, err := history.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := &sight{
		header: *r.Header(), story: verdict.NewStory(), witnessed: map[int64]history.Event{},
		open: map[string]history.Event{}, counts: map[string]*Op{},
	}
	for _, p := range j.Properties {
		for _, w := range p.Witness {
			s.witnessed[w.Index] = history.Event{}
		}
	}
	var rows Encoder
	current := map[string]string{} // node → member
	kept := 0
	for e, err := range r.Events() {
		if err != nil {
			return nil, err
		}
		if e.Type == history.Start {
			current[e.Node] = e.Member
		}
		_, needed := s.witnessed[e.Index]
		if needed {
			s.witnessed[e.Index] = placed(*e, current)
		}
		if e.Type == history.Stop || e.Type == history.Evict {
			s.ends = append(s.ends, *e)
		}
		s.operation(e)
		s.story.See(e)
		s.colour = s.colour || e.State != "" && isColour.MatchString(e.State)
		if many(e.Type) && !needed {
			if kept++; kept > maxRows {
				s.leftOut++
				continue
			}
		}
		rows.Add(e)
	}
	s.script = rows.Take()
	slices.SortFunc(s.answers, func(a, b answer) int { return cmp.Compare(a.asked, b.asked) })
	return s, nil
}

// placed gives an event that names a node only, as operations do, the member that
// the node was then.
func placed(e history.Event, current map[string]string) history.Event {
	if e.Member == "" {
		e.Member = current[e.Node]
	}
	return e
}

// many reports whether a history may have any number of such events.
func many(t history.Type) bool {
	switch t {
	case history.Deliver, history.Send, history.Invoke, history.OK, history.Fail, history.Info:
		return true
	}
	return false
}

func (s *sight) operation(e *history.Event) {
	switch e.Type {
	case history.Invoke:
		s.open[e.Process] = *e
		s.count(e.F).Asked++
	case history.OK, history.Fail, history.Info:
		asked, ok := s.open[e.Process]
		if !ok {
			return
		}
		delete(s.open, e.Process)
		switch c := s.count(asked.F); e.Type {
		case history.OK:
			c.OK++
			s.answers = append(s.answers, answer{asked.F, time.Duration(asked.Time), time.Duration(e.Time)})
		case history.Fail:
			c.Failed++
		}
	}
}

func (s *sight) count(f string) *Op {
	if s.counts[f] == nil {
		s.counts[f] = &Op{F: f}
	}
	return s.counts[f]
}

// numbers are the operations by kind.
func (s *sight) numbers() (list []Op) {
	took := map[string][]time.Duration{}
	for _, a := range s.answers {
		took[a.f] = append(took[a.f], a.ended-a.asked)
	}
	for _, f := range slices.Sorted(maps.Keys(s.counts)) {
		op := *s.counts[f]
		op.Unknown = op.Asked - op.OK - op.Failed
		if all := took[f]; len(all) > 0 {
			slices.Sort(all)
			at := func(q float64) string { return short(all[min(len(all)-1, int(q*float64(len(all))))]) }
			op.P50, op.P95, op.P99, op.Max = at(0.5), at(0.95), at(0.99), short(all[len(all)-1])
		}
		list = append(list, op)
	}
	return list
}

func short(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// answeredAfter is how long after a moment the first operation took effect that
// was asked then or later.
func (s *sight) answeredAfter(at time.Duration) (time.Duration, bool) {
	first, _ := slices.BinarySearchFunc(s.answers, at, func(a answer, at time.Duration) int { return cmp.Compare(a.asked, at) })
	best, ok := time.Duration(0), false
	for _, a := range s.answers[first:] {
		if ok && a.asked >= best {
			break // what is asked later still ends later
		}
		if !ok || a.ended < best {
			best, ok = a.ended, true
		}
	}
	return best - at, ok
}
