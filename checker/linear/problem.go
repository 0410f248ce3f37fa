package linear

import "time"

// Problem is the question whether the operations of one key are linearizable.
type Problem struct {
	Object Object `json:"object"`
	Values Values `json:"values"`
	Ops    []Op   `json:"ops"`
}

// With is the problem with other operations of the same key.
func (p Problem) With(ops []Op) Problem {
	p.Ops = ops
	return p
}

// Decide answers where an exact algorithm is known that need not search; else it
// is Undecided.
func (p Problem) Decide() Outcome {
	switch p.Object {
	case Register:
		return Zones(p.Ops)
	case Counter:
		return steps(p.Values.Amounts, p.Ops)
	case Set:
		return setChain(p.Values.Lists, p.Ops)
	case Log:
		return logChain(p.Values.Lists, p.Ops)
	}
	return Undecided
}

// Bounds of making a witness smaller where only a search decides: for each try to
// leave something out, and for how many. Then the witness is what is left.
const (
	minimiseTime = 50 * time.Millisecond
	minimiseMost = 400
)

// Illegal is the function for Minimal: by an exact algorithm or by bounded searches.
// Once late has something to say nothing more is left out; nil never has.
func (p *Problem) Illegal(late <-chan time.Time) func([]Op) bool {
	tries, over := 0, false
	return func(few []Op) bool {
		select {
		case <-late:
			over = true
		default:
		}
		if over {
			return false
		}
		q := p.With(few)
		outcome := q.Decide()
		if outcome == Undecided && tries < minimiseMost {
			tries++
			outcome = q.Search(minimiseTime, new(Progress))
		}
		return outcome == Illegal
	}
}
