package checker_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/report"
)

// judge checks the text of a history as a file that can be read twice, and as a
// pipe, which cannot. Both must come to the same.
func judge(t *testing.T, file []byte, o checker.Options) (report.Report, error) {
	t.Helper()
	var texts []string
	var rep report.Report
	var err error
	for _, src := range []io.Reader{io.MultiReader(bytes.NewReader(file)), bytes.NewReader(file)} {
		var r *history.Reader
		if r, err = history.NewReader(src, "history"); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if rep, err = checker.Check(r, o); err != nil {
			out.WriteString(err.Error())
		}
		checker.Render(&out, rep)
		texts = append(texts, out.String())
	}
	if texts[0] != texts[1] {
		t.Errorf("a pipe gives another report than a file:\n%s\n%s", texts[0], texts[1])
	}
	return rep, err
}

// TestCheckGivesTheReadersError: what cannot be read is an error and no verdict,
// wherever it stands: at the beginning or behind what is suspicious already.
func TestCheckGivesTheReadersError(t *testing.T) {
	for _, before := range []string{"phase main", "n1.1 installs 1 {n1.1}\nn1.1 delivers m1 in 2"} {
		events, err := script(before)
		if err != nil {
			t.Fatal(err)
		}
		file := append(encode(t, history.Header{}, events), "{\"index\":7\n{}\n"...)
		for _, model := range []string{"", "map"} {
			if rep, err := judge(t, file, checker.Options{Model: model}); err == nil || !strings.Contains(err.Error(), "malformed history") {
				t.Errorf("%s: error %v, verdict %q", before, err, rep.Verdict)
			}
		}
	}
}

// TestCutShort: a history that ends in the middle of a line is judged up to there,
// and what ends inside the final phase says nothing of what is missing.
func TestCutShort(t *testing.T) {
	events, err := script("n1.1 installs 1 {n1.1}\nphase final\nphase end")
	if err != nil {
		t.Fatal(err)
	}
	file := encode(t, history.Header{}, events)
	rep, err := judge(t, file[:len(file)-9], checker.Options{Promises: []string{"membership-precision"}})
	if err != nil {
		t.Fatal(err)
	}
	got := rep.Properties["membership-precision"]
	if !rep.Stats.Truncated || got.Reason == nil || got.Reason.Code != "cut-off" {
		t.Errorf("truncated is %v; %s", rep.Stats.Truncated, outcome(got))
	}
	if whole, err := judge(t, file, checker.Options{Promises: []string{"membership-precision"}}); err != nil || whole.Stats.Truncated {
		t.Errorf("whole: truncated is %v, %v", whole.Stats.Truncated, err)
	}
}

// TestOptions: an unknown property and an unknown model are errors; a property that
// the history promises and nobody has is unknown.
func TestOptions(t *testing.T) {
	events, err := script("n1.1 installs 1 {n1.1 n2.1}\nask n1.1 m1\nn1.1 delivers m1\nn2.1 installs 1 {n1.1 n2.1}\nn2.1 delivers m1")
	if err != nil {
		t.Fatal(err)
	}
	file := encode(t, history.Header{}, events)
	for problem, o := range map[string]checker.Options{
		`no property is called "order"; there are no-unasked-end, integrity`: {Promises: []string{"integrity", "order"}},
		`no property is called "first"`:                                      {Promises: []string{"first", "integrity"}},
		`no model is called "bag"`:                                           {Model: "bag"},
	} {
		if _, err := judge(t, file, o); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%v, want %s", err, problem)
		}
	}
	for _, c := range []struct {
		header  history.Header
		options checker.Options
		want    report.Verdict
		code    string
	}{
		{history.Header{Promises: []string{"integrity"}}, checker.Options{}, report.Valid, ""},
		{history.Header{Promises: []string{"integrity", "fairness"}}, checker.Options{}, report.Unknown, "not-checked"},
		{history.Header{}, checker.Options{}, report.Unknown, "not-final"},
		{history.Header{Promises: []string{"join"}}, checker.Options{Promises: []string{"integrity"}}, report.Valid, ""},
		{history.Header{}, checker.Options{Promises: []string{"integrity"}}, report.Valid, ""},
		{history.Header{}, checker.Options{Promises: []string{"integrity"}, Model: "counter"}, report.Valid, ""},
		{history.Header{Promises: []string{"integrity"}}, checker.Options{Model: "counter"}, report.Unknown, "does-not-apply"},
		{
			history.Header{Promises: []string{"integrity"}, LeftOut: map[string]string{"integrity": "a reason"}},
			checker.Options{},
			report.Unknown, "left-out",
		},
		{
			history.Header{Promises: []string{"integrity"}, LeftOut: map[string]string{"join": "a reason"}},
			checker.Options{},
			report.Valid, "",
		},
	} {
		rep, err := judge(t, encode(t, c.header, events), c.options)
		if err != nil {
			t.Fatal(err)
		}
		if has := slices.ContainsFunc(rep.Unknown, func(r report.Reason) bool { return r.Code == c.code }); rep.Verdict != c.want || has != (c.code != "") {
			t.Errorf("%v, %v: %s with %v, want %s for %q", c.header, c.options, rep.Verdict, rep.Unknown, c.want, c.code)
		}
		for name, why := range c.header.LeftOut {
			if promised := slices.Contains(c.header.Promises, name); promised == (rep.LeftOut[name] == why) {
				t.Errorf("left out: %v", rep.LeftOut)
			}
		}
	}
}

// TestASearchThatGivesUp: a key that no search could decide makes the answer unknown,
// unless another key is illegal. Both are drawn.
func TestASearchThatGivesUp(t *testing.T) {
	undecided := "c1 asks write k 1\nc2 asks write k 1\nc1 ok write\nc2 ok write\nc3 asks read k\nc3 ok read 1\n"
	illegal := "c4 asks write j 1\nc4 ok write\nc4 asks read j\nc4 ok read 2\n"
	legal := "c5 asks write i 1\nc5 ok write\nc5 asks read i\nc5 ok read 1\n"
	asked := 0
	o := checker.Options{Promises: []string{"linearizability"}, Search: linear.Searcher{Time: time.Hour, Search: func(p *linear.Problem, limit time.Duration) linear.Answer {
		asked++
		if limit != time.Hour {
			t.Errorf("the search has %v, want all the time", limit)
		}
		return linear.Answer{Stopped: "at once", Longest: 2}
	}}}
	for _, c := range []struct {
		text, want string
		drawn      int
	}{
		{legal + undecided, "unknown, evidence 2\nundecided: the search gave up on key k at once, with an order of 2 of its 3 operations\n", 3},
		{undecided + illegal, "invalid, evidence 2, count 1\nc4 reads 2 from j, which nothing before can have written\n  8 c4 begins to read j\n  9 c4 reads 2 from j\n", 2},
		{legal, "valid, evidence 1\n", 2},
	} {
		events, err := script(c.text)
		if err != nil {
			t.Fatal(err)
		}
		drawn := 0
		o.Draw = func(p *linear.Picture) { drawn = len(p.Problem.Ops) }
		rep := check(t, events, o)
		if got := outcome(rep.Properties["linearizability"]); got != c.want || drawn != c.drawn {
			t.Errorf("%s, %d operations drawn; want\n%s, %d", got, drawn, c.want, c.drawn)
		}
	}
	if asked != 2 {
		t.Errorf("the search was asked %d times, want 2", asked)
	}
}

// TestLinesOfAnotherFile: a report names the lines that the caller gives, of a witness
// and of an operation that is not understood.
func TestLinesOfAnotherFile(t *testing.T) {
	o := checker.Options{Line: func(index int64) int { return 100 + int(index) }}
	events, err := script("n1.1 installs 1 {n1.1}\nn1.1 delivers m1")
	if err != nil {
		t.Fatal(err)
	}
	if w := check(t, events, o).Properties["integrity"].Witness; len(w) != 1 || w[0].Line != 101 {
		t.Errorf("the witness is %v, want line 101", w)
	}
	if events, err = script("n1.1 installs 1 {n1.1}\nc1 asks write 5"); err != nil {
		t.Fatal(err)
	}
	why := check(t, events, o).Properties["linearizability"].Reason
	if why == nil || !strings.Contains(why.Text, "first in line 101: ") {
		t.Errorf("not understood: %v, want line 101", why)
	}
}
