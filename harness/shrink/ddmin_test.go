package shrink

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

// inOrder tries candidates one after the other, and counts them.
func inOrder(fails func(kept []int) bool, tries *int) func(int, func(int) []int) int {
	return func(count int, candidate func(int) []int) int {
		for i := range count {
			*tries++
			if fails(candidate(i)) {
				return i
			}
		}
		return -1
	}
}

// Whatever must come together for the failure is what is left, and no more.
func TestDdminFindsWhatMustComeTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		var cause []int
		if n > 0 {
			cause = rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, min(n, 8), rapid.ID[int]).Draw(t, "cause")
		}
		slices.Sort(cause)
		tries := 0
		got := ddmin(n, inOrder(func(kept []int) bool {
			for _, c := range cause {
				if !slices.Contains(kept, c) {
					return false
				}
			}
			return true
		}, &tries))
		if !slices.Equal(got, cause) {
			t.Fatalf("of %d things %v are left, %v is the cause", n, got, cause)
		}
		if most := 4*n + 20*(len(cause)+1)*8 + 10; tries > most {
			t.Errorf("%d tries for %d things with a cause of %d", tries, n, len(cause))
		}
	})
}

// A predicate of any kind, also one that is not monotone: what is left fails,
// and without any single one of it nothing does.
func TestDdminIsOneMinimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 16).Draw(t, "n")
		salt := rapid.Uint64().Draw(t, "salt")
		odds := rapid.Uint64Range(1, 8).Draw(t, "odds")
		fails := func(kept []int) bool {
			if len(kept) == n {
				return true
			}
			h := salt
			for _, k := range kept {
				h = (h ^ uint64(k+1)) * 0x9e3779b97f4a7c15
				h ^= h >> 29
			}
			return h%8 < odds
		}
		tries := 0
		got := ddmin(n, inOrder(fails, &tries))
		if !slices.IsSorted(got) {
			t.Errorf("the order changed: %v", got)
		}
		if !fails(got) {
			t.Fatalf("%v does not fail", got)
		}
		for i := range got {
			if less := without(got, i+1, 1); fails(less) {
				t.Errorf("%v fails, and so does %v", got, less)
			}
		}
	})
}

func TestPairs(t *testing.T) {
	for n := 2; n < 9; n++ {
		k := 0
		for a := range n {
			for b := a + 1; b < n; b++ {
				if x, y := pair(n, k); x != a || y != b {
					t.Fatalf("pair %d of %d is %d, %d; want %d, %d", k, n, x, y, a, b)
				}
				k++
			}
		}
	}
}

// The first success in the candidates' order is taken, however many are tried
// at a time.
func TestFirstOfIsTheLowest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SliceOfN(rapid.Bool(), 0, 40).Draw(t, "good")
		workers := rapid.IntRange(1, 5).Draw(t, "workers")
		var running, most atomic.Int32
		i, found, err := firstOf(context.Background(), len(good), workers, func(_ context.Context, i int) (*int, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			if !good[i] {
				return nil, nil
			}
			return &i, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := slices.Index(good, true); i != want || want >= 0 && *found != want {
			t.Errorf("%v with %d workers: %d, want %d", good, workers, i, want)
		}
		if int(most.Load()) > workers {
			t.Errorf("%d at a time, with %d workers", most.Load(), workers)
		}
	})
}

func TestFirstOfGivesTheError(t *testing.T) {
	boom := errors.New("boom")
	_, _, err := firstOf(context.Background(), 5, 2, func(_ context.Context, i int) (*int, error) {
		if i == 3 {
			return nil, boom
		}
		return nil, nil
	})
	if !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
}
