package checker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// TestCycles judges short random logs of many members, where cycles over three and
// more members are common though no two disagree: the verdict is the twin's, and
// the witness is a cycle of which no corner can be left out.
func TestCycles(t *testing.T) {
	longer := map[int]int{}
	for seed := range uint64(2000) {
		d := rolled(seed)
		var lines []string
		for q := range 3 + d.intn(4) {
			msgs := []string{"m1", "m2", "m3", "m4", "m5", "m6"}
			for range 2 + d.intn(2) {
				i := d.intn(len(msgs))
				lines = append(lines, fmt.Sprintf("n%d.1 delivers %s", q+1, msgs[i]))
				msgs = slices.Delete(msgs, i, i+1)
			}
		}
		events, err := script(strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		r := check(t, events, checker.Options{}).Properties["total-order"]
		if want := (&naive{events: events}).verdict("total-order"); r.Verdict != want {
			t.Fatalf("seed %d: %s, its twin says %s\n%s", seed, r.Verdict, want, strings.Join(lines, "\n"))
		}
		if r.Verdict == report.Valid {
			continue
		}
		longer[len(r.Witness)/2]++
		few := alone(&naive{events: events}, r.Witness)
		if !irreducible(few) {
			t.Fatalf("seed %d: %s\n%s", seed, outcome(r), strings.Join(lines, "\n"))
		}
	}
	t.Logf("cycles by number of members: %v", longer)
	if longer[3] < 50 || longer[4] < 3 {
		t.Errorf("too few long cycles to mean anything: %v", longer)
	}
}

// irreducible: the events break total-order, and without any one they do not.
func irreducible(few []history.Event) bool {
	if (&naive{events: numbered(few)}).totalOrder() {
		return false
	}
	for i := range few {
		if !(&naive{events: numbered(without(few, i))}).totalOrder() {
			return false
		}
	}
	return true
}
