package stream

import (
	"hash/maphash"
	"slices"
	"strconv"
)

// idSet remembers message ids in little memory: those that end in a number as runs
// of numbers by what stands before it, which grow together, the others by a hash of
// 64 bits. It may take an id for another's, never miss one.
type idSet struct {
	seed  maphash.Seed
	runs  map[string][]run
	other map[uint64]struct{}
}

// run is the numbers from, …, to.
type run struct{ from, to int64 }

// Bounds of what is kept as runs.
const (
	maxPrefixes = 1 << 12
	maxRuns     = 1 << 10 // of one prefix
)

func newIDSet() idSet {
	return idSet{seed: maphash.MakeSeed(), runs: map[string][]run{}, other: map[uint64]struct{}{}}
}

// numbered splits an id into what stands before its number, and the number.
func numbered(id string) (prefix string, n int64, ok bool) {
	i := len(id)
	for i > 0 && len(id)-i < 18 && '0' <= id[i-1] && id[i-1] <= '9' {
		i--
	}
	for i < len(id)-1 && id[i] == '0' { // 007 is not 7
		i++
	}
	n, err := strconv.ParseInt(id[i:], 10, 64)
	return id[:i], n, err == nil
}

// after is the index of the first run that begins after n.
func after(runs []run, n int64) int {
	if k := len(runs); k == 0 || runs[k-1].from <= n { // the usual case
		return k
	}
	i, _ := slices.BinarySearchFunc(runs, n+1, func(r run, n int64) int {
		if r.from < n {
			return -1
		}
		return 1
	})
	return i
}

func (s *idSet) has(id string) bool {
	if prefix, n, ok := numbered(id); ok {
		runs := s.runs[prefix]
		if i := after(runs, n); i > 0 && n <= runs[i-1].to {
			return true
		}
	}
	if len(s.other) == 0 {
		return false
	}
	_, ok := s.other[maphash.String(s.seed, id)]
	return ok
}

func (s *idSet) Add(id string) {
	prefix, n, ok := numbered(id)
	runs, known := s.runs[prefix]
	if !ok || !known && len(s.runs) >= maxPrefixes {
		s.other[maphash.String(s.seed, id)] = struct{}{}
		return
	}
	i := after(runs, n)
	joinsLeft := i > 0 && runs[i-1].to >= n-1
	joinsRight := i < len(runs) && runs[i].from == n+1
	switch {
	case i > 0 && n <= runs[i-1].to:
	case joinsLeft && joinsRight:
		runs[i-1].to = runs[i].to
		s.runs[prefix] = slices.Delete(runs, i, i+1)
	case joinsLeft:
		runs[i-1].to = n
	case joinsRight:
		runs[i].from = n
	case len(runs) >= maxRuns:
		s.other[maphash.String(s.seed, id)] = struct{}{}
	default:
		s.runs[prefix] = slices.Insert(runs, i, run{n, n})
	}
}
