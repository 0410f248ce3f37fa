package runtime

import "testing"

// Each step is a frame from a member on a connection, or a connection's end; and
// what it must mean.
func TestArrivals(t *testing.T) {
	type step struct {
		conn  connID
		from  string // "" for the end
		means string // frame: counts, drop, closed+counts; end: closed, nothing
	}
	for name, steps := range map[string][]step{
		"a killed process":                          {{1, "n1.1", "counts"}, {1, "n1.1", "counts"}, {1, "", "closed"}},
		"a connection without frames means nothing": {{1, "", "nothing"}, {2, "n1.1", "counts"}},
		"a reset and a redial": {
			{1, "n1.1", "counts"}, {1, "", "closed"}, {2, "n1.1", "counts"}, {2, "", "closed"},
		},
		"the end is seen after the redial": {
			{1, "n1.1", "counts"}, {2, "n1.1", "counts"}, {1, "", "nothing"}, {2, "", "closed"},
		},
		"a superseded connection's late frames would be out of order": {
			{1, "n1.1", "counts"}, {2, "n1.1", "counts"}, {1, "n1.1", "drop"}, {2, "n1.1", "counts"},
		},
		"connections that speak in the wrong order": {
			{2, "n1.1", "counts"}, {1, "n1.1", "drop"}, {1, "", "nothing"}, {2, "", "closed"},
		},
		"a restart that is seen before the death": {
			{1, "n1.1", "counts"}, {2, "n1.2", "closed+counts"}, {1, "n1.1", "drop"}, {1, "", "nothing"}, {2, "", "closed"},
		},
		"a restart after the death": {
			{1, "n1.1", "counts"}, {1, "", "closed"}, {2, "n1.2", "counts"},
		},
		"a dead process's connection that speaks late": {
			{2, "n1.2", "counts"}, {3, "n1.1", "drop"}, {3, "", "nothing"}, {2, "n1.2", "counts"},
		},
		"two nodes": {
			{1, "n1.1", "counts"}, {2, "n2.1", "counts"}, {1, "", "closed"}, {2, "n2.1", "counts"},
		},
		"a node without incarnations": {{1, "n1", "counts"}, {1, "", "closed"}, {2, "n1", "counts"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newArrivals()
			for i, s := range steps {
				got := "nothing"
				if s.from == "" {
					if _, closed := a.ended(s.conn); closed {
						got = "closed"
					}
				} else {
					counts, closed := a.frame(s.conn, s.from)
					got = map[[2]bool]string{
						{true, false}: "counts", {false, false}: "drop", {true, true}: "closed+counts", {false, true}: "closed+drop",
					}[[2]bool{counts, closed}]
				}
				if got != s.means {
					t.Fatalf("step %d, %+v: %s", i, s, got)
				}
			}
		})
	}
}
