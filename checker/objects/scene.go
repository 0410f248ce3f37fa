package objects

import (
	"math"
	"slices"
	"strings"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/trace"
)

// mostDrawn is how many operations a picture shows at most: more of them nobody
// could read.
const mostDrawn = 300

// scene is what to draw: some key, one that is undecided, or one that fits no
// order, with the witness.
type scene struct {
	key     int32
	ids     []int32 // of the witness's key, all operations that count
	witness *linear.Witness
}

func (s *scene) undecided(k int32) {
	if s.key == trace.None {
		s.key = k
	}
}

func (s *scene) violation(k int32, ids []int32, w linear.Witness) {
	if s.witness == nil {
		*s = scene{k, ids, &w}
	}
}

// fault is a time in which a fault was held, by events.
type fault struct {
	name, id string
	from, to int64
}

// Fault takes a fault's event.
func (o *Operations) Fault(e *history.Event) {
	switch e.Phase {
	case history.FaultBegin:
		o.faults = append(o.faults, fault{e.Fault, e.ID, e.Index, math.MaxInt64})
	case history.FaultEnd:
		for i := len(o.faults) - 1; i >= 0; i-- {
			if f := &o.faults[i]; f.name == e.Fault && f.id == e.ID && f.to == math.MaxInt64 {
				f.to = e.Index
				return
			}
		}
	}
}

// draw gives the scene as a picture, unless there is nothing to see.
func (o *Operations) draw(line func(int64) int, shown scene) {
	if len(o.list) == 0 {
		return
	}
	k := max(shown.key, 0)
	ids, by := o.visible(k, shown)
	problem := o.problem(k, ids)
	picture := &linear.Picture{Problem: problem, Texts: o.keys[k].values}
	for i := range problem.Ops {
		op, end := &problem.Ops[i], &o.list[ids[i]]
		label := linear.Label{Client: end.process, Line: line(op.Call), Text: o.does(end)}
		if op.Return > by || op.Maybe {
			op.Return, op.Maybe = linear.Open, true
			label.Text = o.begins(end)
		}
		picture.Labels = append(picture.Labels, label)
	}
	for _, f := range o.faults {
		if f.from <= by {
			picture.Windows = append(picture.Windows, linear.Window{Name: strings.TrimSpace(f.name + " " + f.id), From: f.from, To: min(f.to, by)})
		}
	}
	o.show(picture)
}

// visible chooses the operations that are drawn, as they were known by some place:
// of a violation all that led to it, or if they are too many the witness, which is
// illegal by itself; else the first ones.
func (o *Operations) visible(k int32, shown scene) (ids []int32, by int64) {
	if w := shown.witness; w != nil {
		for _, i := range shown.ids {
			if o.list[i].Call < w.By {
				ids = append(ids, i)
			}
		}
		if len(ids) > mostDrawn {
			ids = ids[:0]
			for _, at := range slices.Concat(w.Ops, w.Begun) {
				ids = append(ids, shown.ids[at])
			}
			slices.Sort(ids)
			ids = ids[:min(len(ids), mostDrawn)]
		}
		return ids, w.By
	}
	for i := range o.list {
		op := &o.list[i]
		switch {
		case op.Key != k || op.failed:
		case len(ids) == mostDrawn:
			return ids, op.Call
		default:
			ids = append(ids, int32(i))
		}
	}
	return ids, math.MaxInt64 - 1
}
