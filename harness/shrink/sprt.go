package shrink

import (
	"fmt"
	"math"
)

// sprt decides between two rates of failure by as few tries as may be: Wald's
// sequential probability ratio test ("Sequential Tests of Statistical
// Hypotheses", 1945). A thing that fails at the rate low or less is taken for
// failing with probability falseYes at most, and one that fails at high or more
// is taken for not failing with probability falseNo at most. Past most tries what
// is undecided is taken for not failing.
type sprt struct {
	low, high         float64 // rates
	falseYes, falseNo float64 // error rates
	most              int
}

// wald is the test for candidates of a plan that fails at the given rate. One
// that keeps 80% of the rate is kept, one that keeps 20% is not.
func wald(rate float64) sprt {
	return sprt{low: 0.2 * rate, high: 0.8 * rate, falseYes: 0.05, falseNo: 0.1, most: 15 + int(15/rate)}
}

// decide tries until it knows, and says whether it fails. An error ends it.
func (s sprt) decide(try func() (bool, error)) (bool, error) {
	yes, no := math.Log((1-s.falseNo)/s.falseYes), math.Log(s.falseNo/(1-s.falseYes))
	ratio := 0.0 // logarithm of the likelihoods' ratio, high to low
	for range s.most {
		failed, err := try()
		if err != nil {
			return false, err
		}
		if failed {
			ratio += math.Log(s.high / s.low)
		} else {
			ratio += math.Log((1 - s.high) / (1 - s.low))
		}
		if ratio >= yes {
			return true, nil
		}
		if ratio <= no {
			return false, nil
		}
	}
	return false, nil
}

// String says the test's error rates, for people.
func (s sprt) String() string {
	return fmt.Sprintf("a candidate that fails in %.0f%% of the runs or fewer is kept with probability %.2g at most, "+
		"one that fails in %.0f%% or more is not with probability %.2g at most, and nothing is tried more than %d times",
		100*s.low, s.falseYes, 100*s.high, s.falseNo, s.most)
}
