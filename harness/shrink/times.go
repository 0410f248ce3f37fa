package shrink

import (
	"cmp"
	"slices"

	"groupy/harness/plan"
	"groupy/nemesis"
	"groupy/workloads"
)

// The times of a plan made shorter. They only ever go down.

// room is how long the main phase goes on, in microseconds, after the last thing
// that is planned for it: virtual time costs nothing, and in the real world what a
// fault does takes its time.
const room = 3_000_000

// until takes out what is to begin after so many microseconds of the main phase,
// and ends it soon after them. It gives nil if that changes nothing.
func until(p *plan.Plan, end int64) *plan.Plan {
	q := p.Clone()
	q.Limits.MainMicros = min(p.Limits.MainMicros, end+room)
	q.Ops = slices.DeleteFunc(q.Ops, func(op workloads.Op) bool { return op.AtMicros > end })
	q.Faults = slices.DeleteFunc(q.Faults, func(s nemesis.Step) bool { return s.AtMicros > end })
	if SizeOf(q) == SizeOf(p) {
		return nil
	}
	return onlyRequested(q)
}

// shorter gives times below t, in microseconds, the shortest first: none, the
// powers of ten, t with fewer digits, and its half.
func shorter(t int64) []int64 {
	var times []int64
	add := func(s int64) {
		if s < t {
			times = append(times, s)
		}
	}
	add(0)
	for grid := int64(1000); grid < t; grid *= 10 {
		add(grid)
		add(t - t%grid)
	}
	if t > 2000 {
		add(t / 2)
	}
	slices.Sort(times)
	return slices.Compact(times)
}

// shorterHolds shortens what a fault is held for. None stands for: until the run
// heals.
func shorterHolds(p *plan.Plan) (plans []*plan.Plan) {
	for i, s := range p.Faults {
		for _, us := range shorter(s.ForMicros) {
			plans = append(plans, edited(p, i, func(s *nemesis.Step) { s.ForMicros = us })...)
		}
	}
	return plans
}

// closerTogether shortens the time between two steps or operations, or between
// the last of them and the end of the main phase, which leaves some room. All
// that comes later moves with it.
func closerTogether(p *plan.Plan) (plans []*plan.Plan) {
	before := int64(0)
	for _, at := range times(p) {
		gaps := shorter(at - before)
		if at >= p.Limits.MainMicros {
			gaps = []int64{room}
		}
		for _, gap := range gaps {
			if gap < at-before {
				plans = append(plans, earlier(p, at, at-before-gap))
			}
		}
		before = at
	}
	return plans
}

// times are all times of the main phase, each once, its end included.
func times(p *plan.Plan) []int64 {
	times := append(begins(p), p.Limits.MainMicros)
	slices.Sort(times)
	return slices.Compact(times)
}

// begins are the times of the main phase's operations and steps.
func begins(p *plan.Plan) (times []int64) {
	for _, op := range p.Ops {
		times = append(times, op.AtMicros)
	}
	for _, s := range p.Faults {
		times = append(times, s.AtMicros)
	}
	return times
}

// last is the latest of them; 0 if there are none.
func last(p *plan.Plan) int64 { return slices.Max(append(begins(p), 0)) }

// earlier moves all that is planned for from or later forward by so many
// microseconds.
func earlier(p *plan.Plan, from, by int64) *plan.Plan {
	q := p.Clone()
	for i := range q.Ops {
		if op := &q.Ops[i]; op.AtMicros >= from {
			op.AtMicros -= by
		}
	}
	for i := range q.Faults {
		if s := &q.Faults[i]; s.AtMicros >= from {
			s.AtMicros -= by
		}
	}
	slices.SortStableFunc(q.Ops, func(a, b workloads.Op) int { return cmp.Compare(a.AtMicros, b.AtMicros) })
	slices.SortStableFunc(q.Faults, func(a, b nemesis.Step) int { return cmp.Compare(a.AtMicros, b.AtMicros) })
	q.Limits.MainMicros = max(p.Limits.MainMicros-by, min(p.Limits.MainMicros, last(q)+room))
	return q
}
