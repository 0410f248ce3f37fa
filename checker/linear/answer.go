package linear

import (
	"fmt"
	"time"
)

// Answer is what a search for an order came to.
type Answer struct {
	Outcome Outcome `json:"outcome"`
	Longest int     `json:"longest,omitempty"` // operations that the longest order explains
	Witness Witness `json:"witness,omitzero"`  // of Illegal
	// Stopped says of Undecided what ended the search: "after 10s".
	Stopped string `json:"stopped,omitempty"`
	Late    bool   `json:"late,omitempty"` // it was the time: with more of it there may be an answer
}

// Bounds of InProcess. What a search holds grows with the square of the operations.
const (
	inProcessTime = 10 * time.Second
	inProcessMost = 20_000 // operations
)

// InProcess searches in the caller's own process, for 10 seconds over all problems of a
// history. It is for programs that have no other process to search in: it bounds memory
// only by taking no more than 20,000 operations of a key. Package watched does better.
var InProcess = Searcher{Time: inProcessTime, Search: func(p *Problem, limit time.Duration) Answer {
	if len(p.Ops) > inProcessMost {
		return Answer{Stopped: fmt.Sprintf("before it began, at more than %d operations", inProcessMost)}
	}
	return p.Answer(limit, new(Progress), func(Answer) {})
}}

// Answer searches for the given time at most, with making the witness small. Before it
// sets out to make a witness small it tells that the operations are illegal.
func (p *Problem) Answer(limit time.Duration, progress *Progress, tell func(Answer)) Answer {
	late := time.NewTimer(limit)
	defer late.Stop()
	a := Answer{Outcome: p.Search(limit, progress), Longest: progress.Longest()}
	switch a.Outcome {
	case Undecided:
		a.Stopped, a.Late = fmt.Sprint("after ", limit), true
	case Illegal:
		a.Witness = p.whole()
		tell(a)
		a.Witness = p.Minimal(p.Illegal(late.C))
	}
	return a
}

// whole is all operations as a witness.
func (p *Problem) whole() (w Witness) {
	for i := range p.Ops {
		w.Ops = append(w.Ops, i)
		if p.Ops[i].Return != Open {
			w.By = max(w.By, p.Ops[i].Return)
		}
	}
	return w
}
