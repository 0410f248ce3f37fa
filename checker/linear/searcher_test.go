package linear

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestAHardProblemTakesNoTimeOfOthers: each problem has a part, and what is left over goes
// to those that it was too short for. Times are those of a bubble, so none is measured.
func TestAHardProblemTakesNoTimeOfOthers(t *testing.T) {
	for _, c := range []struct {
		name  string
		needs []time.Duration
		legal []bool
	}{
		{"one", []time.Duration{10 * time.Second}, []bool{true}},
		{"one too hard", []time.Duration{11 * time.Second}, []bool{false}},
		{"easy ones leave their time", []time.Duration{7 * time.Second, 0, 0, 0, time.Second}, []bool{true, true, true, true, true}},
		{"a hopeless one first", []time.Duration{time.Hour, time.Second, time.Second, time.Second}, []bool{false, true, true, true}},
		{"two hard ones share", []time.Duration{3 * time.Second, 0, 0, 0, 0, 0, 0, 3 * time.Second}, []bool{true, true, true, true, true, true, true, true}},
		{"all too hard", []time.Duration{time.Minute, time.Minute}, []bool{false, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				problems := make([]*Problem, len(c.needs))
				needs := map[*Problem]time.Duration{}
				for i := range problems {
					problems[i] = &Problem{}
					needs[problems[i]] = c.needs[i]
				}
				s := Searcher{Time: 10 * time.Second, Search: func(p *Problem, limit time.Duration) Answer {
					time.Sleep(min(limit, needs[p]))
					if needs[p] > limit {
						return Answer{Late: true}
					}
					return Answer{Outcome: Legal}
				}}
				began := time.Now()
				for i, a := range s.All(problems) {
					if legal := a.Outcome == Legal; legal != c.legal[i] {
						t.Errorf("problem %d, which needs %v: legal is %v", i, c.needs[i], legal)
					}
				}
				if took := time.Since(began); took > s.Time {
					t.Errorf("all took %v, more than the %v that there are", took, s.Time)
				}
			})
		})
	}
}
