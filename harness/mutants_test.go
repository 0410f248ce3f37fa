package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/internal/proving"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

// realTries is how many runs of the real world a mutant has there to fall in:
// a plan is stored for it if ten of ten runs showed it.
const realTries = 5

// The table of docs/mutants.md is true: each mutant has its row, and the plan
// that is stored for it breaks the row's property on real processes, and does not
// without the mutant.
func TestEveryMutantFalls(t *testing.T) {
	page := readMutantPage(t)
	if len(page.rows) != len(protocols.Mutants) {
		t.Errorf("docs/mutants.md has %d mutants, and there are %d", len(page.rows), len(protocols.Mutants))
	}
	proving.Program(t) // built before a clock runs
	// Beyond the number of cores: a run of the real world mostly waits.
	turn := make(chan struct{}, 6)
	var all sync.WaitGroup
	for _, m := range protocols.Mutants {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			t.Run(m.Protocol+"/"+m.Name, func(t *testing.T) { fallsAsTold(t, m, page.row(m)) })
		})
	}
	all.Wait()
}

func fallsAsTold(t *testing.T, m gms.Mutant, row mutantRow) {
	if row.Falls != m.Falls {
		t.Fatalf("docs/mutants.md says that %q falls, want %s; TestWriteTheMutants writes the table", row.Falls, m.Falls)
	}
	if _, err := time.Parse(time.DateOnly, row.Found); err != nil || row.Runs == "" {
		t.Errorf("found after %q runs on %q: want a number and a date", row.Runs, row.Found)
	}
	p := storedPlan(t, mutantPlan(m))
	// Without the mutant in sim, which is a lockstep run at the speed of calls.
	if without, _ := brokenBy(t, withoutMutant(p, m)); slices.Contains(without, m.Falls) {
		t.Errorf("%s itself breaks %s under the plan", m.Protocol, m.Falls)
	}
	tries := 1
	if row.World == run.WorldReal {
		tries = realTries
	}
	for n := range tries {
		fallen := fallenIn(t, row.World, p)
		if slices.Contains(fallen, m.Falls) {
			return
		}
		t.Logf("%s run %d breaks %v", row.World, n+1, fallen)
	}
	t.Errorf("%s did not fall in %s", m.Falls, row.World)
}

// fallenIn gives the promised properties that a run of the plan violates, on
// real processes.
func fallenIn(t *testing.T, in string, p *plan.Plan) (names []string) {
	t.Helper()
	job := runtest.JobFor(t, p)
	job.World = in
	result, err := job.Execute(context.Background())
	if err != nil {
		t.Fatalf("%s in %s: %v", p.Name, in, err)
	}
	for name, r := range result.Judgement.Properties {
		if r.Promised && r.Verdict == checker.Invalid {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// mutantPlan is the file of the smallest plan in which the mutant falls.
func mutantPlan(m gms.Mutant) string {
	return fmt.Sprintf("testdata/mutants/%s-%s.json", m.Protocol, m.Name)
}

// asShipped is the plan with the core's own invariants ending its process, as they do
// for users.
func asShipped(p *plan.Plan) *plan.Plan {
	q := p.Clone()
	config := map[string]json.RawMessage{}
	if err := json.Unmarshal(p.Config, &config); err != nil {
		panic("a stored plan's config: " + err.Error())
	}
	delete(config, "muted")
	q.Config, _ = json.Marshal(config) // it was JSON
	return q
}

// withoutMutant is the plan for the level as it is.
func withoutMutant(p *plan.Plan, m gms.Mutant) *plan.Plan {
	q := p.Clone()
	q.Config = []byte(strings.Replace(string(p.Config), m.Name, "", 1))
	return q
}

// mutantRow is a row of the table of mutants.
type mutantRow struct {
	Protocol, Mutant, Falls string
	Runs                    string // median of the runs that find it, in sim
	World                   string // that the stored plan shows it in, each time
	Found                   string // date
}

func (r mutantRow) String() string {
	return fmt.Sprintf("| `%s` | `%s` | `%s` | %s | `%s` | %s |", r.Protocol, r.Mutant, r.Falls, r.Runs, r.World, r.Found)
}

// mutantPage is docs/mutants.md around its table, and the table.
type mutantPage struct {
	before, after string
	rows          []mutantRow
}

const (
	mutantsFile = "../docs/mutants.md"
	mutantHead  = "<!-- mutants -->\n| protocol | mutant | property that falls | runs to find it | shown in | last found |\n| --- | --- | --- | --- | --- | --- |\n"
	mutantEnd   = "<!-- end -->"
)

func readMutantPage(t *testing.T) *mutantPage {
	t.Helper()
	data, err := os.ReadFile(mutantsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), mutantHead)
	table, after, ended := strings.Cut(rest, mutantEnd)
	if !found || !ended {
		t.Fatalf("%s has no table of mutants between %q and %q", mutantsFile, mutantHead, mutantEnd)
	}
	p := &mutantPage{before: before, after: after}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 6 {
			t.Fatalf("%s: a row of %d cells, want 6: %s", mutantsFile, len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		p.rows = append(p.rows, mutantRow{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]})
	}
	return p
}

func (p *mutantPage) row(m gms.Mutant) mutantRow {
	i := slices.IndexFunc(p.rows, func(r mutantRow) bool { return r.Protocol == m.Protocol && r.Mutant == m.Name })
	if i < 0 {
		return mutantRow{}
	}
	return p.rows[i]
}

// set puts the row in, in place of the old one.
func (p *mutantPage) set(row mutantRow) {
	var rows []mutantRow
	for _, m := range protocols.Mutants {
		if r := p.row(m); row.Protocol == m.Protocol && row.Mutant == m.Name {
			rows = append(rows, row)
		} else if r.Mutant != "" {
			rows = append(rows, r)
		}
	}
	p.rows = rows
}

func (p *mutantPage) Write(t *testing.T) {
	t.Helper()
	var b strings.Builder
	b.WriteString(p.before + mutantHead)
	for _, r := range p.rows {
		fmt.Fprintln(&b, r)
	}
	b.WriteString(mutantEnd + p.after)
	if err := os.WriteFile(mutantsFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
