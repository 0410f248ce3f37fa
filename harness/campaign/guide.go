package campaign

import "groupy/harness/plan"

// guide is what runs met, in the order of their numbers: what a plan is guided by
// must not hang on which run happened to end first.
type guide struct {
	known  map[int]*Run // that are not in sum
	folded int          // all runs below are in sum
	sum    map[string]plan.Coverage
}

func newGuide() guide {
	return guide{known: map[int]*Run{}, sum: map[string]plan.Coverage{}}
}

// met takes a run that counts.
func (g *guide) met(r *Run) {
	if r.Number >= g.folded {
		g.known[r.Number] = r
	}
}

// knows reports whether all runs up to a number count.
func (g *guide) knows(number int) bool {
	for i := g.folded; i <= number; i++ {
		if g.known[i] == nil {
			return false
		}
	}
	return true
}

// upTo is what the runs of a protocol met, up to a number. Numbers do not fall
// from one call to the next; what a run beyond met is left out.
func (g *guide) upTo(number int, protocol string) plan.Coverage {
	for ; g.folded <= number && g.known[g.folded] != nil; g.folded++ {
		r := g.known[g.folded]
		delete(g.known, g.folded)
		if g.sum[r.Protocol] == nil {
			g.sum[r.Protocol] = plan.Coverage{}
		}
		g.sum[r.Protocol].Merge(r.Met)
	}
	return g.sum[protocol].Clone()
}
