package shrink

// ddmin takes things away as long as what is left still fails. It is given how
// many things there are, of which all together fail, and gives the numbers of
// those that are kept: a 1-minimal set, of which no single one can be taken away.
//
// first tries count candidates, the i-th of which keeps what candidate(i) says,
// and gives the lowest i that fails, or -1. It may try several at a time.
//
// This is delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
// Failure-Inducing Input", 2002), by complements: halves are taken away first,
// then ever smaller parts. A part is not tried again at its size before all
// others were, so that n things take about n tries and not their square.
func ddmin(n int, first func(count int, candidate func(i int) []int) int) []int {
	kept := make([]int, n)
	for i := range kept {
		kept[i] = i
	}
	if n == 0 || first(1, func(int) []int { return nil }) == 0 {
		return nil
	}
	for size := (n + 1) / 2; ; {
		removed := false
		for end := len(kept); end > 0; {
			i := first((end+size-1)/size, func(i int) []int { return without(kept, end-i*size, size) })
			if i < 0 {
				break
			}
			end -= i * size
			kept = without(kept, end, size)
			end -= min(size, end)
			removed = true
		}
		if size == 1 && !removed {
			return kept
		}
		if !removed || size > 1 {
			size = max(1, min(size, len(kept))/2)
		}
	}
}

// without is kept less the size numbers that end before place end.
func without(kept []int, end, size int) []int {
	left := append([]int(nil), kept[:max(0, end-size)]...)
	return append(left, kept[end:]...)
}

// pair gives the k-th pair a < b of n things, in order of a, then b.
func pair(n, k int) (a, b int) {
	for a = 0; k >= n-1-a; a++ {
		k -= n - 1 - a
	}
	return a, a + 1 + k
}
