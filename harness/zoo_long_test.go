package harness

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"groupy/harness/plan"
	"groupy/node/gms/protocols"
)

// catch is one hunt of the zoo, a line of its file.
type catch struct {
	Mutant   string   `json:"mutant"`
	Strategy string   `json:"strategy"`
	Hunt     int      `json:"hunt"`
	Runs     int      `json:"runs"` // until the first violation, or the bound
	Found    bool     `json:"found"`
	Fallen   []string `json:"fallen,omitempty"`
}

// TestZoo is the table of exploration: for each mutant and strategy the median
// of the runs to the first violation, muted. It takes the better part of an hour, so it goes on where it
// stopped, from the file that GROUPY_ZOO names:
//
//	GROUPY_LONG=1 GROUPY_ZOO=zoo.jsonl go test ./harness -run '^TestZoo$' -v -timeout 0
func TestZoo(t *testing.T) {
	file := os.Getenv("GROUPY_ZOO")
	if os.Getenv("GROUPY_LONG") == "" || file == "" {
		t.Skip("a long search: set GROUPY_LONG=1 and GROUPY_ZOO=FILE")
	}
	hunts, most := number(t, "GROUPY_ZOO_HUNTS", 30), number(t, "GROUPY_ZOO_RUNS", 500)
	done := readZoo(t, file)
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for h := range hunts { // all cells grow together, so that a stopped zoo is a table too
		for _, m := range protocols.Mutants {
			if only := os.Getenv("GROUPY_ZOO_MUTANTS"); only != "" && !slices.Contains(strings.Split(only, ","), m.Name) {
				continue
			}
			for name, strategies := range zooStrategies() {
				if only := os.Getenv("GROUPY_ZOO_STRATEGIES"); only != "" && !slices.Contains(strings.Split(only, ","), name) {
					continue
				}
				if slices.ContainsFunc(done, func(c catch) bool { return c.Mutant == m.Name && c.Strategy == name && c.Hunt == h }) {
					continue
				}
				c := catch{Mutant: m.Name, Strategy: name, Hunt: h}
				c.Runs, c.Found, c.Fallen = hunt(t, m, true, strategies, h, most)
				line, err := json.Marshal(c)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := out.Write(append(line, '\n')); err != nil {
					t.Fatal(err)
				}
				done = append(done, c)
			}
		}
	}
	t.Log("\n" + zooTable(done))
}

// zooStrategies are the columns: each strategy alone, all that need no other run,
// and these with coverage for a guide.
func zooStrategies() func(yield func(string, []string) bool) {
	return func(yield func(string, []string) bool) {
		for _, s := range plan.Strategies {
			if !yield(s.Name, []string{s.Name}) {
				return
			}
		}
		_ = yield("all", plan.AllExplore()) && yield("guided", append(plan.AllExplore(), plan.CoverageStrategy))
	}
}

func number(t *testing.T, name string, byDefault int) int {
	text := os.Getenv(name)
	if text == "" {
		return byDefault
	}
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatalf("%s=%q: %v", name, text, err)
	}
	return n
}

func readZoo(t *testing.T, file string) (list []catch) {
	in, err := os.Open(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var c catch
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		list = append(list, c)
	}
	return list
}

// zooTable prints medians with their n; a hunt that caught nothing counts as
// longer than its bound.
func zooTable(list []catch) string {
	var b strings.Builder
	var names []string
	for name := range zooStrategies() {
		names = append(names, name)
	}
	fmt.Fprintf(&b, "| mutant | %s |\n|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)+1))
	for _, m := range protocols.Mutants {
		row := []string{m.Protocol + " " + m.Name}
		for _, name := range names {
			row = append(row, zooCell(list, m.Name, name))
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}

func zooCell(list []catch, mutant, strategy string) string {
	var runs []int
	missed := 0
	for _, c := range list {
		if c.Mutant != mutant || c.Strategy != strategy {
			continue
		}
		if !c.Found {
			missed++
			c.Runs++ // sorts behind what was caught in the last run allowed
		}
		runs = append(runs, c.Runs)
	}
	if len(runs) == 0 {
		return "-"
	}
	slices.Sort(runs)
	median := fmt.Sprint(runs[len(runs)/2])
	if len(runs)/2 >= len(runs)-missed {
		median = fmt.Sprint(">", runs[len(runs)-1]-1)
	}
	return fmt.Sprintf("%s (%d/%d)", median, len(runs)-missed, len(runs))
}
