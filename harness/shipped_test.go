package harness

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"groupy/harness/plan"
	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

const (
	shippedHead = "<!-- shipped -->\n| protocol | mutant | runs to find it as shipped | muted | its plan breaks, as shipped | muted |\n| --- | --- | --- | --- | --- | --- |\n"
	shippedEnd  = "<!-- shipped end -->"
)

// firstBroken is the first property, in the order of reports, that a mutant's stored
// plan breaks.
func firstBroken(t *testing.T, p *plan.Plan) string {
	t.Helper()
	fallen, _ := brokenBy(t, p)
	if len(fallen) == 0 {
		return "nothing"
	}
	return fallen[0]
}

// shippedCells are the columns of a mutant that its stored plan decides.
func shippedCells(t *testing.T, m gms.Mutant) string {
	p := storedPlan(t, mutantPlan(m))
	return fmt.Sprintf("`%s` | `%s` |", firstBroken(t, asShipped(p)), firstBroken(t, p))
}

// Each mutant is reported twice, side by side: as shipped, where the core's own
// invariants end its process, and muted. What its stored plan breaks is as the table of
// docs/mutants.md has it; with GROUPY_LONG=1 and GROUPY_MUTANTS=shipped the table is
// written anew, and medians of five hunts with it.
func TestMutantsAsShippedAndMuted(t *testing.T) {
	data, err := os.ReadFile(mutantsFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), shippedHead)
	table, after, ended := strings.Cut(rest, shippedEnd)
	if !found || !ended {
		t.Fatalf("%s has no table of mutants as shipped", mutantsFile)
	}
	write := os.Getenv("GROUPY_LONG") != "" && os.Getenv("GROUPY_MUTANTS") == "shipped"
	rows := map[string]string{}
	for row := range strings.Lines(table) {
		rows[strings.Split(row, "|")[2]] = row
	}
	var now strings.Builder
	for _, m := range protocols.Mutants {
		cells := shippedCells(t, m)
		if strings.HasPrefix(cells, "`nothing`") {
			t.Errorf("%s %s is not found as shipped", m.Protocol, m.Name)
		}
		if write {
			fmt.Fprintf(&now, "| `%s` | `%s` | %s | %s | %s\n", m.Protocol, m.Name, medianHunt(t, m, false), medianHunt(t, m, true), cells)
		} else if row := rows[" `"+m.Name+"` "]; !strings.HasSuffix(strings.TrimSpace(row), cells) {
			t.Errorf("%s: the table has %q, and it is %s", m.Name, row, cells)
		}
	}
	if write {
		if err := os.WriteFile(mutantsFile, []byte(before+shippedHead+now.String()+shippedEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// medianHunt is the median of the runs that five hunts take, as text.
func medianHunt(t *testing.T, m gms.Mutant, muted bool) string {
	const hunts, most = 5, 400
	var runs []int
	for h := range hunts {
		n, found, _ := hunt(t, m, muted, plan.AllExplore(), h, most)
		if !found {
			n = most + 1
		}
		runs = append(runs, n)
	}
	slices.Sort(runs)
	if median := runs[hunts/2]; median <= most {
		return fmt.Sprint(median)
	}
	return fmt.Sprint("over ", most)
}
