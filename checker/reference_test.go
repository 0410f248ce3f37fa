package checker_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// withoutReference are the properties that testdata/reference does not judge, each with
// the reason.
var withoutReference = map[string]string{
	"linearizability": "a search of its own; naive_linear_test.go has the slow twin",
}

// reference is the second opinion: the Python program in testdata/reference, which was
// written from the documents and not from this package. It judges one history after
// another.
type reference struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// opinion is what is held against each other: the verdict, that of each property which
// is judged at all, or that the history breaks the format's rules.
type opinion struct {
	Verdict    report.Verdict            `json:"verdict"`
	Properties map[string]report.Verdict `json:"properties"`
	Malformed  string                    `json:"malformed"`

	why map[string]string // of ours, for people
}

// startReference starts the program, which ends with the test.
func startReference(t *testing.T) *reference {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is missing: there is no second opinion")
	}
	cmd := exec.Command(python, "-B", "testdata/reference/judge.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the reference ended with: %v", err)
		}
	})
	return &reference{in, bufio.NewReader(out)}
}

// judge asks for an opinion on one history file. An empty line ends it.
func (r *reference) judge(t *testing.T, file []byte) opinion {
	t.Helper()
	if _, err := r.in.Write(append(bytes.TrimSuffix(file, []byte("\n")), "\n\n"...)); err != nil {
		t.Fatalf("the reference takes no more: %v", err)
	}
	line, err := r.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the reference gave no answer: %v", err)
	}
	var o opinion
	if err := json.Unmarshal(line, &o); err != nil {
		t.Fatalf("the reference answered %q: %v", line, err)
	}
	return o
}

// ours is this package's opinion.
func ours(t *testing.T, file []byte) opinion {
	t.Helper()
	r, err := history.NewReader(bytes.NewReader(file), "history")
	if err != nil {
		t.Fatal(err)
	}
	rep, err := checker.Check(r, checker.Options{})
	if bad := new(history.Malformed); errors.As(err, &bad) {
		return opinion{Malformed: bad.Problem}
	} else if err != nil {
		t.Fatal(err)
	}
	o := opinion{Verdict: rep.Verdict, Properties: map[string]report.Verdict{}, why: map[string]string{}}
	for name, result := range rep.Properties {
		o.Properties[name] = result.Verdict
		if o.why[name] = result.Explanation; result.Reason != nil {
			o.why[name] = result.Reason.Text
		}
	}
	return o
}

// differ names what two opinions differ on.
func differ(ours, theirs opinion) []string {
	if (ours.Malformed == "") != (theirs.Malformed == "") {
		return []string{fmt.Sprintf("malformed: the checker says %q, the reference %q", ours.Malformed, theirs.Malformed)}
	}
	var out []string
	for _, p := range checker.Properties {
		if _, none := withoutReference[p.Name]; !none && ours.Properties[p.Name] != theirs.Properties[p.Name] {
			out = append(out, fmt.Sprintf("%s: the checker says %q (%s), the reference %q", p.Name, ours.Properties[p.Name], ours.why[p.Name], theirs.Properties[p.Name]))
		}
	}
	// What the reference does not judge may decide the whole.
	if ours.Properties["linearizability"] == "" && ours.Verdict != theirs.Verdict {
		out = append(out, fmt.Sprintf("all in all: the checker says %q, the reference %q", ours.Verdict, theirs.Verdict))
	}
	return out
}

// TestReference holds random histories against the checker and the reference, and asks
// that each property was both kept and broken often: a few hundred histories, ten
// thousand with GROUPY_LONG=1, or as many as GROUPY_REFERENCE says.
func TestReference(t *testing.T) {
	count := 300
	if os.Getenv("GROUPY_LONG") != "" {
		count = 10_000
	}
	if n, err := strconv.Atoi(os.Getenv("GROUPY_REFERENCE")); err == nil {
		count = n
	}
	ref := startReference(t)
	var tally referenceTally
	differing := 0
	for seed := range uint64(count) {
		d := rolled(seed)
		header, events, made := anyRun(d)
		file := cutShort(encode(t, header, events), made)
		mine, theirs := ours(t, file), ref.judge(t, file)
		tally.Add(mine, theirs, made)
		if found := differ(mine, theirs); len(found) > 0 {
			t.Errorf("seed %d (%s): %s%s", seed, strings.Join(made, ", "), strings.Join(found, "; "), tally.example(t, ref, header, events, found))
			if differing++; differing == 30 {
				t.Fatal("no more are looked at. A property that the reference does not know is to be written in testdata/reference, or withoutReference says why not")
			}
		}
	}
	tally.report(t, count)
}

// shrink takes events out of a history while the two still differ on a property.
func shrink(t *testing.T, ref *reference, h history.Header, events []history.Event, property string) []history.Event {
	t.Helper()
	same := func(found string) bool { return strings.HasPrefix(found, property+":") }
	for size := len(events) / 2; size > 0; {
		smaller := false
		for i := 0; i+size <= len(events); {
			less := slices.Delete(slices.Clone(events), i, i+size)
			file := encode(t, h, less)
			if slices.ContainsFunc(differ(ours(t, file), ref.judge(t, file)), same) {
				events, smaller = less, true
			} else {
				i++
			}
		}
		if !smaller {
			size /= 2
		}
	}
	return events
}

// referenceTally counts verdicts by property on each side, and how often each defect and
// form was drawn.
type referenceTally struct {
	mine, theirs map[string]map[report.Verdict]int
	made         map[string]int
	shown        map[string]bool // properties of which an example was given
}

// example gives a small history for the first difference that has none yet.
func (c *referenceTally) example(t *testing.T, ref *reference, h history.Header, events []history.Event, found []string) string {
	t.Helper()
	for _, about := range found {
		property, _, _ := strings.Cut(about, ":")
		if !c.shown[property] {
			c.shown[property] = true
			return "\n" + show(t, shrink(t, ref, h, events, property))
		}
	}
	return ""
}

func (c *referenceTally) Add(mine, theirs opinion, made []string) {
	if c.made == nil {
		c.made, c.shown, c.mine, c.theirs = map[string]int{}, map[string]bool{}, map[string]map[report.Verdict]int{}, map[string]map[report.Verdict]int{}
	}
	for _, m := range made {
		c.made[m]++
	}
	for _, side := range []struct {
		o     opinion
		tally map[string]map[report.Verdict]int
	}{{mine, c.mine}, {theirs, c.theirs}} {
		for name, v := range side.o.Properties {
			if side.tally[name] == nil {
				side.tally[name] = map[report.Verdict]int{}
			}
			side.tally[name][v]++
		}
	}
}

// report prints the tally, and asks for enough of everything: a property that is never
// broken, or never kept, is compared by a test that cannot fail.
func (c *referenceTally) report(t *testing.T, count int) {
	t.Helper()
	verdicts := []report.Verdict{report.Valid, report.Invalid, report.Unknown}
	for _, p := range checker.Properties {
		if reason, none := withoutReference[p.Name]; none {
			t.Logf("%-22s not judged by the reference: %s", p.Name, reason)
			continue
		}
		line := fmt.Sprintf("%-22s", p.Name)
		for _, v := range verdicts {
			line += fmt.Sprintf("  %s %5d %5d", v, c.mine[p.Name][v], c.theirs[p.Name][v])
		}
		t.Log(line)
		for _, v := range verdicts[:2] {
			if least := count / 100; c.mine[p.Name][v] < least {
				t.Errorf("%s was %s in %d of %d histories; %d are asked for", p.Name, v, c.mine[p.Name][v], count, least)
			}
		}
	}
	for _, m := range slices.Sorted(maps.Keys(c.made)) {
		t.Logf("%-40s %5d", m, c.made[m])
	}
	for _, d := range slices.Concat(referenceDefects, returnDefects) {
		if c.made[d.name] < count/200 {
			t.Errorf("%s was drawn %d times in %d histories", d.name, c.made[d.name], count)
		}
	}
}

// TestReferenceOnGolden holds the golden histories against the reference.
func TestReferenceOnGolden(t *testing.T) {
	ref := startReference(t)
	datadriven.Walk(t, "testdata/golden", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			events, err := script(d.Input)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			file := encode(t, history.Header{Promises: allNames()}, events)
			for _, found := range differ(ours(t, file), ref.judge(t, file)) {
				t.Errorf("%s: %s\n%s", d.Pos, found, d.Input)
			}
			return d.Expected
		})
	})
}
