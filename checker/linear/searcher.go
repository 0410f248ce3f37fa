package linear

import "time"

// Searcher decides problems by searching.
type Searcher struct {
	Time time.Duration // for all problems of a history together
	// Search decides one problem in the given time at most.
	Search func(p *Problem, limit time.Duration) Answer
}

// All decides the problems of one history. In a round each has the same part of the time
// that is left, so that a hard one keeps no other from its answer; what the others did
// not use is in the next round for those that it was too short for, as long as they get
// twice as much as they had.
func (s Searcher) All(problems []*Problem) []Answer {
	answers := make([]Answer, len(problems))
	open := make([]int, len(problems))
	for i := range open {
		open[i] = i
	}
	for left := s.Time; len(open) > 0; {
		part := left / time.Duration(len(open))
		var late []int
		for _, i := range open {
			began := time.Now()
			answers[i] = s.Search(problems[i], part)
			left -= time.Since(began)
			if answers[i].Late {
				late = append(late, i)
			}
		}
		if left < 2*part*time.Duration(len(late)) {
			break
		}
		open = late
	}
	return answers
}
