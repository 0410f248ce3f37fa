package shrink

import (
	"context"
	"sync"
)

// firstOf tries 0 … n-1, some at a time, and gives the lowest that succeeds with
// what it found; -1 if none does. The answer is the same however many are tried
// at a time: that only costs tries behind the first success. An error before the
// first success ends it.
func firstOf[T any](ctx context.Context, n, workers int, try func(ctx context.Context, i int) (*T, error)) (int, *T, error) {
	workers = max(1, workers)
	found, errs := make([]*T, workers), make([]error, workers)
	for begin := 0; begin < n; begin += workers {
		window := min(workers, n-begin)
		var wg sync.WaitGroup
		for k := range window {
			wg.Go(func() { found[k], errs[k] = try(ctx, begin+k) })
		}
		wg.Wait()
		for k := range window {
			if errs[k] != nil {
				return -1, nil, errs[k]
			}
			if found[k] != nil {
				return begin + k, found[k], nil
			}
		}
	}
	return -1, nil, nil
}
