package nemesis_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/nemesis"
	"groupy/nemesis/nemesistest"
	"groupy/node/draw"
)

// cutLinks gives the cut links of a fault in a world of n nodes.
func cutLinks(t *rapid.T, name, seed string, n int) (w *nemesistest.Virtual, s *nemesis.Active, cut map[[2]string]bool, err error) {
	f, err := nemesis.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	w = nemesistest.NewVirtual(n)
	s = &nemesis.Active{Step: nemesis.Step{ID: "f1", Fault: name}}
	f.Plan(draw.New(seed), w.Nodes(), &s.Step)
	if err := f.Begin(w, s); err != nil {
		return w, s, nil, err
	}
	cut = map[[2]string]bool{}
	heard := w.Talk(1)
	for _, from := range w.Nodes() {
		for _, to := range w.Nodes() {
			if from != to && heard[[2]string{from, to}] == 0 {
				cut[[2]string{from, to}] = true
			}
		}
	}
	return w, s, cut, nil
}

// What a partition is: sides that are disjoint, all links between them lost both
// ways, none inside. Judged by who hears whom, not by what was planned.
func TestPartitionsPart(t *testing.T) {
	sizes := map[string]func(n, small int) bool{
		"partition-halves":        func(n, small int) bool { return small == n/2 },
		"partition-random-halves": func(n, small int) bool { return small == n/2 },
		"partition-minority":      func(n, small int) bool { return small >= 1 && small < n-small },
		"isolate-one":             func(_, small int) bool { return small == 1 },
		"isolate-leader":          func(_, small int) bool { return small == 1 },
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "nodes")
		name := rapid.SampledFrom([]string{"partition-halves", "partition-random-halves", "partition-minority", "isolate-one", "isolate-leader"}).Draw(t, "fault")
		w, _, cut, err := cutLinks(t, name, rapid.String().Draw(t, "seed"), n)
		if err != nil {
			if name == "partition-minority" && n == 2 {
				return // one of two is no minority
			}
			t.Fatalf("%s of %d: %v", name, n, err)
		}
		with := []string{"n1"} // n1's side
		for _, node := range w.Nodes()[1:] {
			if !cut[[2]string{"n1", node}] {
				with = append(with, node)
			}
		}
		for _, a := range w.Nodes() {
			for _, b := range w.Nodes() {
				across := slices.Contains(with, a) != slices.Contains(with, b)
				if a != b && cut[[2]string{a, b}] != across {
					t.Fatalf("%s of %d: sides %v and the rest, but the link from %s to %s is cut: %v", name, n, with, a, b, !across)
				}
			}
		}
		if small := min(len(with), n-len(with)); !sizes[name](n, small) {
			t.Fatalf("%s of %d: the smaller side has %d", name, n, small)
		}
	})
}

func TestOneWayCutsOneWayOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(t, "nodes")
		_, _, cut, err := cutLinks(t, "one-way", rapid.String().Draw(t, "seed"), n)
		if err != nil {
			t.Fatal(err)
		}
		if len(cut) == 0 {
			t.Fatal("nothing is cut")
		}
		for l := range cut {
			if cut[[2]string{l[1], l[0]}] {
				t.Fatalf("%s and %s are cut both ways", l[0], l[1])
			}
		}
	})
}

func TestBridgeHearsBothSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(t, "nodes")
		w, _, cut, err := cutLinks(t, "bridge", rapid.String().Draw(t, "seed"), n)
		if n < 3 {
			if err == nil {
				t.Fatal("a bridge between nobody and somebody")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		bridges := 0
		for _, node := range w.Nodes() {
			if !slices.ContainsFunc(w.Nodes(), func(o string) bool { return cut[[2]string{node, o}] || cut[[2]string{o, node}] }) {
				bridges++
			}
		}
		if half := (n - 1) / 2; bridges != 1 || len(cut) != 2*half*(n-1-half) {
			t.Fatalf("%d bridges and %d cut links of %d nodes", bridges, len(cut), n)
		}
	})
}

func TestMajorityRingShowsEachADifferentMajority(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 11).Draw(t, "nodes")
		w, _, cut, err := cutLinks(t, "majority-ring", rapid.String().Draw(t, "seed"), n)
		if n < 4 {
			if err == nil || !strings.Contains(err.Error(), "4 nodes") {
				t.Fatalf("a ring of %d begins: %v", n, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]string{}
		for _, a := range w.Nodes() {
			sees := []string{}
			for _, b := range w.Nodes() {
				if cut[[2]string{a, b}] != cut[[2]string{b, a}] {
					t.Fatalf("%s and %s are cut one way", a, b)
				}
				if a == b || !cut[[2]string{a, b}] {
					sees = append(sees, b)
				}
			}
			if 2*len(sees) <= n || len(sees) == n {
				t.Fatalf("%s sees %d of %d", a, len(sees), n)
			}
			if other, twice := seen[strings.Join(sees, ",")]; twice {
				t.Fatalf("%s and %s see the same %v", a, other, sees)
			}
			seen[strings.Join(sees, ",")] = a
		}
	})
}
