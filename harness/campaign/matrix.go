package campaign

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/node/draw"
)

// Matrix is what a campaign varies, beside the seed.
type Matrix struct {
	Protocols []string `json:"protocols"`
	Workloads []string `json:"workloads"`
	Nemeses   []string `json:"nemeses"` // each a comma list of faults, or all, or none; "": the protocol's own
	Nodes     []int    `json:"nodes"`
	Worlds    []string `json:"worlds"`
}

// Cell is one combination of the matrix.
type Cell struct {
	Protocol string `json:"protocol"`
	Workload string `json:"workload"`
	Nemesis  string `json:"nemesis"`
	Nodes    int    `json:"nodes"`
	World    string `json:"world"`
}

// String names the cell for people: gms5 multicast kill,pause 5 sim.
func (c Cell) String() string {
	nemesis := c.Nemesis
	if nemesis == "" {
		nemesis = "default"
	}
	return strings.Join([]string{c.Protocol, c.Workload, nemesis, strconv.Itoa(c.Nodes), c.World}, " ")
}

// Cells are all combinations, in the order of the lists; the last list turns
// fastest.
func (m Matrix) Cells() (cells []Cell) {
	for _, protocol := range m.Protocols {
		for _, workload := range m.Workloads {
			for _, nemesis := range m.Nemeses {
				for _, nodes := range m.Nodes {
					for _, world := range m.Worlds {
						cells = append(cells, Cell{protocol, workload, nemesis, nodes, world})
					}
				}
			}
		}
	}
	return cells
}

// options are those of one run in a cell.
func (c Cell) options(base plan.Options, seed string) (plan.Options, error) {
	o := base
	var err error
	if o.Nemesis, err = plan.ParseNemesis(c.Nemesis); err != nil {
		return o, err
	}
	o.Seed, o.Protocol, o.Workload, o.Nodes = seed, c.Protocol, c.Workload, c.Nodes
	return o, nil
}

// SeedOf is the seed of a campaign's i-th run. It hangs on nothing else, so a
// run keeps its seed whatever the campaign's length.
func SeedOf(campaign string, i int) string {
	return strconv.FormatUint(draw.New(campaign).With("run").At(uint64(i)).Uint64()>>16, 36)
}

// check says what cannot be in a matrix before anything is run.
func (m Matrix) check(base plan.Options) error {
	for name, n := range map[string]int{
		"protocols": len(m.Protocols), "workloads": len(m.Workloads), "fault sets": len(m.Nemeses),
		"node counts": len(m.Nodes), "worlds": len(m.Worlds),
	} {
		if n == 0 {
			return fmt.Errorf("the matrix names no %s", name)
		}
	}
	for _, w := range m.Worlds {
		if !slices.Contains(run.Worlds, w) {
			return fmt.Errorf("--world %q: there are %s", w, strings.Join(run.Worlds, ", "))
		}
	}
	seen := map[Cell]bool{}
	for _, c := range m.Cells() {
		if seen[c] {
			return fmt.Errorf("the matrix names %s twice", c)
		}
		seen[c] = true
		o, err := c.options(base, "check")
		if err != nil {
			return err
		}
		if _, err := plan.NewPlan(o); err != nil {
			return err
		}
	}
	return nil
}
