package shrink

import (
	"context"
	"crypto/sha256"
	"math"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
)

// attempt runs a candidate and gives its run if it fails the same way, nil if it
// does not. An error ends the search.
type attempt func(ctx context.Context, p *plan.Plan) (*run.Trial, error)

// search holds the smallest plan so far, and takes things away from it.
type search struct {
	ctx     context.Context
	try     attempt
	workers int // candidates at a time
	show    func(ShrinkStatus)

	model    *verdict.Judgement  // of the original; nil: not known yet
	failures []verdict.Signature // and what it violates
	wanted   verdict.Signature   // the one of them that is kept

	plan  *plan.Plan
	trial *run.Trial // its run
	tried int        // candidates, without those that only parallelism tried
	known map[[sha256.Size]byte]bool
	err   error // nothing more is tried after one
}

// firstIn is the first of the original's failures that a judged run shows; "" if
// it shows none.
func (s *search) firstIn(j *verdict.Judgement) verdict.Signature {
	for _, wanted := range s.failures {
		if wanted.Has(j) {
			return wanted
		}
	}
	return ""
}

// maxPairs is for how many units all pairs are tried, too.
const maxPairs = 24

// maxRounds bounds the search; each round but the last makes the plan smaller.
const maxRounds = 100

// run shrinks until a whole round changes nothing: first what removes most for
// one try, then one by one, then what is left is made plainer.
func (s *search) run() error {
	for range maxRounds {
		before := s.plan
		s.unobserved()
		s.cut()
		s.faults()
		s.clients()
		s.nodes()
		s.operations()
		s.pairs()
		for _, plainer := range simplifications {
			for s.firstOf(plainer(s.plan)) {
			}
		}
		if s.err != nil || s.plan == before {
			break
		}
	}
	return s.err
}

// first tries candidates in order, some at a time, and goes on with the first
// that still fails. It gives its number, or -1.
func (s *search) first(count int, candidate func(i int) *plan.Plan) int {
	if s.err != nil {
		return -1
	}
	// What is known, or no plan, is left out before the tries are shared out.
	var plans []*plan.Plan
	var numbers []int
	for i := range count {
		if p := candidate(i); p != nil && p.Validate() == nil && !s.known[sum(p)] {
			plans, numbers = append(plans, p), append(numbers, i)
		}
		if len(plans) < s.workers && i < count-1 {
			continue
		}
		if k := s.window(plans); k >= 0 {
			return numbers[k]
		}
		if s.err != nil {
			return -1
		}
		plans, numbers = plans[:0], numbers[:0]
	}
	return -1
}

// window tries a few plans and goes on with the first that still fails. It gives
// its number, or -1.
func (s *search) window(plans []*plan.Plan) int {
	k, found, err := firstOf(s.ctx, len(plans), s.workers, func(ctx context.Context, i int) (*run.Trial, error) {
		t, err := s.try(ctx, plans[i])
		if err != nil || t == nil || s.trial != nil && skips(t) > skips(s.trial) {
			return nil, err
		}
		return t, nil
	})
	if s.err = err; err != nil {
		return -1
	}
	tried := plans
	if k >= 0 {
		s.plan, s.trial, tried = plans[k], found, plans[:k]
		s.tried++
	}
	for _, p := range tried {
		s.known[sum(p)] = true
	}
	s.tried += len(tried)
	if s.show != nil && s.plan != nil {
		s.show(ShrinkStatus{Tried: s.tried, Size: SizeOf(s.plan)})
	}
	return k
}

// skips counts the faults of a run without proof that they took hold. A
// candidate must not have more of them than the plan that it comes from: what
// such a fault did is not known, so it explains nothing.
func skips(t *run.Trial) (n int64) {
	for _, f := range t.Judgement.Stats.Faults {
		n += f.Fail
	}
	return n
}

func (s *search) firstOf(plans []*plan.Plan) bool {
	return s.first(len(plans), func(i int) *plan.Plan { return plans[i] }) >= 0
}

func sum(p *plan.Plan) [sha256.Size]byte { return sha256.Sum256(p.Encode()) }

// unobserved forgets when things reached the nodes in a recorded run, under one seed
// or another: a plan that fails without that is by far the plainer one.
func (s *search) unobserved() {
	if s.plan.Observed != nil {
		s.seeded(s.plan)
	}
}

// cut ends the main phase after the violation, or else at parts of its length.
func (s *search) cut() {
	for {
		var plans []*plan.Plan
		if at := s.violatedAt(); at >= 0 {
			plans = append(plans, until(s.plan, at))
		}
		for _, part := range []int64{8, 4, 2} {
			plans = append(plans, until(s.plan, s.plan.Limits.MainMicros/part))
		}
		if !s.firstOf(plans) {
			return
		}
	}
}

// violatedAt is when in the main phase the violation was complete, in
// microseconds rounded up to a millisecond; -1 if that cannot be told, or where
// the violation is that something never happens.
func (s *search) violatedAt() int64 {
	for _, p := range checker.Properties {
		if p.Name == s.wanted.Property() && p.Kind == checker.Liveness {
			return -1
		}
	}
	last := int64(-1)
	for _, w := range s.trial.Judgement.Properties[s.wanted.Property()].Witness {
		last = max(last, w.Index)
	}
	began, at := int64(math.MaxInt64), int64(-1)
	for e := range s.trial.Events() {
		if e.Type == history.Phase && e.Phase == history.PhaseMain {
			began = e.Time
		}
		if e.Index == last && e.Time >= began {
			at = e.Time - began
		}
	}
	if at < 0 {
		return -1
	}
	return (at/1_000_000 + 1) * 1000
}

// faults takes away whole faults, each with its undo.
func (s *search) faults() {
	from := s.plan
	ddmin(len(from.Faults), func(count int, kept func(int) []int) int {
		return s.first(count, func(i int) *plan.Plan { return withFaults(from, kept(i)) })
	})
}

// clients takes away all that a client does.
func (s *search) clients() {
	from := s.plan
	all := clients(from)
	ddmin(len(all), func(count int, kept func(int) []int) int {
		return s.first(count, func(i int) *plan.Plan { return withClients(from, picked(all, kept(i))) })
	})
}

// nodes takes away whole nodes, the last first.
func (s *search) nodes() {
	for s.firstOf(fewerNodes(s.plan)) {
	}
}

func (s *search) operations() {
	from := s.plan
	ddmin(len(from.Bootstrap)+len(from.Ops), func(count int, kept func(int) []int) int {
		return s.first(count, func(i int) *plan.Plan { return withOps(from, kept(i)) })
	})
}

// pairs takes away two things at once: a fault and what made up for it, an
// operation and its answer.
func (s *search) pairs() {
	for {
		from := s.plan
		n := SizeOf(from).Units()
		if n < 2 || n > maxPairs {
			return
		}
		i := s.first(n*(n-1)/2, func(i int) *plan.Plan {
			a, b := pair(n, i)
			var faults, ops []int
			for k := range n {
				switch {
				case k == a || k == b:
				case k < len(from.Faults):
					faults = append(faults, k)
				default:
					ops = append(ops, k-len(from.Faults))
				}
			}
			return withOps(withFaults(from, faults), ops)
		})
		if i < 0 {
			return
		}
	}
}

// Size is how large a plan is.
type Size struct {
	Faults, Operations, Nodes int
	MainMicros                int64
}

// Size counts a plan's fault steps, its operations with those of the bootstrap,
// its nodes, and the length of its main phase.
func SizeOf(p *plan.Plan) Size {
	return Size{
		Faults: len(p.Faults), Operations: len(p.Bootstrap) + len(p.Ops),
		Nodes: len(p.Nodes), MainMicros: p.Limits.MainMicros,
	}
}

// Units are what shrinking counts: fault steps and operations.
func (s Size) Units() int { return s.Faults + s.Operations }

// ShrinkStatus is a moment of a search, for people to watch.
type ShrinkStatus struct {
	Tried int
	Size  Size
}
