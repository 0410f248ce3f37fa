package mutation

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	only  = flag.String("mutants", "", "regular expression of FILE FUNCTION: CHANGE: try these mutants only")
	every = flag.Int("every", 1, "try every so manieth mutant only")
	known = flag.String("known", "", "file of outcomes: what was killed then is not tried again, and what is tried is added")
)

// rooms are the packages whose mutants are tried.
var rooms = []string{
	"groupy/checker/linear", "groupy/checker/report", "groupy/checker/trace", "groupy/checker/membership",
	"groupy/checker/multicast", "groupy/checker/liveness", "groupy/checker/objects", "groupy/checker/stream", "groupy/checker",
}

// stages are the tests of the default suite, the quickest first, with fewer random
// histories. TestMutations is left out: it takes as long as all others together.
var stages = []stage{
	{"golden", "groupy/checker", []string{"-test.run=^TestGolden$"}},
	{"linear", "groupy/checker/linear", nil},
	{"objects", "groupy/checker/objects", nil},
	{"stream", "groupy/checker/stream", nil},
	{"other", "groupy/checker", []string{"-test.skip=^(TestGolden|TestMutations)$", "-rapid.checks=100"}},
}

// TestMutants tries every mutant of the checks. Each must be seen by a test, or be
// listed with the reason why none sees it; what is listed must be there and survive.
func TestMutants(t *testing.T) {
	if os.Getenv("GROUPY_LONG") == "" {
		t.Skip("takes the better part of an hour; GROUPY_LONG=1")
	}
	chosen, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := readSurvivors("testdata/survivors.txt")
	if err != nil {
		t.Fatal(err)
	}
	p := build(t, rooms...)
	var tried []mutant
	for i, m := range p.mutants {
		if i%*every == 0 && chosen.MatchString(m.String()) {
			tried = append(tried, m)
		}
	}
	before, note := readKnown(t)
	outcomes := p.tryAll(t, tried, before, note)
	for _, o := range outcomes {
		why, is := listed[o.String()]
		switch {
		case o.by == "" && !is:
			t.Errorf("%s:%d: no test sees %s (reached: %v); add one, or list it in testdata/survivors.txt with the reason", o.file, o.line, o.name, o.reached)
		case o.by != "" && is:
			t.Errorf("%s:%d: the %s tests see %s, which is listed as %q", o.file, o.line, o.by, o.name, why)
		}
	}
	for name := range listed {
		if !slices.ContainsFunc(p.mutants, func(m mutant) bool { return m.String() == name }) {
			t.Errorf("testdata/survivors.txt lists %s, and there is no such mutant", name)
		}
	}
	if err := writeTable(p.mutants, outcomes, before); err != nil {
		t.Error(err)
	}
}

// outcome is what became of a mutant.
type outcome struct {
	mutant
	by      string // the stage that saw it; "": it survives
	reached bool   // some test came to its place
}

// String is how lists call the mutant.
func (m mutant) String() string { return m.file + " " + m.name }

// tryAll tries the mutants that were not killed before, GOMAXPROCS of them at a time.
func (p *program) tryAll(t *testing.T, mutants []mutant, before map[string]string, note func(outcome)) []outcome {
	t.Helper()
	reached, most := p.reached(t, stages)
	outcomes := make([]outcome, len(mutants))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				o := outcome{mutant: mutants[i], by: before[mutants[i].String()], reached: true}
				if o.by == "" {
					o.by, o.reached = p.try(o.mutant, stages, reached, most)
					note(o)
				}
				outcomes[i] = o
			}
		})
	}
	for i := range mutants {
		next <- i
	}
	close(next)
	workers.Wait()
	return outcomes
}

// readKnown gives which stage killed a mutant in earlier runs, "" for those that have
// survived, and where to note what comes.
func readKnown(t *testing.T) (before map[string]string, note func(outcome)) {
	t.Helper()
	before = map[string]string{}
	if *known == "" {
		return before, func(outcome) {}
	}
	file, err := os.OpenFile(*known, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if by, name, is := strings.Cut(lines.Text(), "\t"); is {
			before[name] = cmp.Or(before[name], by)
		}
	}
	var one sync.Mutex
	return before, func(o outcome) {
		one.Lock()
		defer one.Unlock()
		if _, err := fmt.Fprintf(file, "%s\t%s\n", o.by, o); err != nil {
			t.Error(err)
		}
	}
}
