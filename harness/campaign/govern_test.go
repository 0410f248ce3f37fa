package campaign

import "testing"

func TestFit(t *testing.T) {
	const timeout = 1_000_000
	for _, c := range []struct {
		name                 string
		limit, running, most int
		lag                  int64
		want                 int
	}{
		{"late: two thirds", 9, 9, 12, 300_000, 6},
		{"late: of those that run", 12, 6, 12, 300_000, 4},
		{"late: not below a quarter of what was asked", 3, 3, 12, 900_000, 3},
		{"late: not below one", 1, 1, 2, 900_000, 1},
		{"neither late nor in time", 6, 6, 12, 100_000, 6},
		{"in time: one more", 6, 6, 12, 10_000, 7},
		{"in time, but fewer run than may", 6, 3, 12, 10_000, 6},
		{"in time: not above what was asked", 12, 12, 12, 0, 12},
	} {
		if got := fit(c.limit, c.running, c.most, c.lag, timeout); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
