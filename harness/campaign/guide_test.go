package campaign

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/harness/plan"
)

// What a run is guided by does not hang on the order in which runs ended, nor on
// runs beyond those that it may know.
func TestGuideHangsOnNumbersAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "runs")
		var runs []*Run
		for i := range n {
			met := plan.Coverage{}
			met.Add("kill", rapid.SampledFrom(plan.Moments).Draw(t, "moment"), rapid.IntRange(1, 3).Draw(t, "times"))
			runs = append(runs, &Run{Number: i, Cell: Cell{Protocol: rapid.SampledFrom([]string{"gms1", "gms2"}).Draw(t, "protocol")}, Met: met})
		}
		upTo := rapid.IntRange(0, n-1).Draw(t, "up to")
		want := plan.Coverage{}
		for _, r := range runs[:upTo+1] {
			if r.Protocol == "gms1" {
				want.Merge(r.Met)
			}
		}
		g := newGuide()
		for _, i := range rapid.Permutation(runs).Draw(t, "order") {
			g.met(i)
			if g.knows(upTo) && i.Number <= upTo {
				_ = g.upTo(upTo-1, "gms1")
			}
		}
		if !g.knows(upTo) {
			t.Fatal("it does not know what it was told")
		}
		if diff := cmp.Diff(want, g.upTo(upTo, "gms1")); diff != "" {
			t.Fatal(diff)
		}
	})
	g := newGuide()
	g.met(&Run{Number: 1})
	if g.knows(1) || !g.knows(-1) {
		t.Error("it knows a run that it was not told of")
	}
}
