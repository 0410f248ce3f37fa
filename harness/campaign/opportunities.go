package campaign

import (
	"cmp"
	"slices"

	"groupy/harness"
	"groupy/nemesis"
)

// faults are the kinds that a cell asks for, one way or another.
func (c Cell) faults() (names []string) {
	asked, err := harness.ParseNemesis(c.Nemesis)
	switch {
	case err != nil: // the database may be older than this build
	case asked == nil:
		for _, l := range harness.Levels {
			if l.Name == c.Protocol {
				names = l.Nemesis
			}
		}
	case slices.Equal(asked, []string{"all"}):
		for _, f := range nemesis.Faults {
			names = append(names, f.Name)
		}
	default:
		names = asked
	}
	return names
}

// Asked are the faults that a protocol's cells ask for, in order.
func Asked(cells []Cell, protocol string) (names []string) {
	for _, c := range cells {
		if c.Protocol == protocol {
			names = append(names, c.faults()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Opportunities are those that the faults of a protocol's cells have: one for each
// fault and moment of the protocol.
type Opportunities struct {
	Protocol       string
	Exercised, All int
	Faults         []FaultMet // those that are asked for, in order
}

// FaultMet is how often a fault met each of harness.Moments.
type FaultMet struct {
	Fault string
	Met   []int
}

// Opportunities are those of a campaign, or of all if it is "", by protocol.
func (db *DB) Opportunities(campaign string) (list []Opportunities, err error) {
	met, err := db.Coverage(campaign)
	if err != nil {
		return nil, err
	}
	cells, err := db.Cells(campaign)
	if err != nil {
		return nil, err
	}
	for _, c := range cells {
		if slices.ContainsFunc(list, func(o Opportunities) bool { return o.Protocol == c.Protocol }) {
			continue
		}
		o, asked := Opportunities{Protocol: c.Protocol}, Asked(cells, c.Protocol)
		o.Exercised, o.All = Exercised(met[c.Protocol], asked)
		for _, fault := range asked {
			row := FaultMet{Fault: fault}
			for _, moment := range harness.Moments {
				row.Met = append(row.Met, met[c.Protocol][fault][moment])
			}
			o.Faults = append(o.Faults, row)
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b Opportunities) int { return cmp.Compare(a.Protocol, b.Protocol) })
	return list, nil
}

// Exercised counts the opportunities of the asked faults, one for each moment of
// the protocol, and those of them that were met.
func Exercised(met harness.Coverage, asked []string) (exercised, all int) {
	for _, fault := range asked {
		for _, moment := range harness.Moments {
			all++
			if met[fault][moment] > 0 {
				exercised++
			}
		}
	}
	return exercised, all
}

// Cells are those that a campaign, or all if it is "", has runs of.
func (db *DB) Cells(campaign string) ([]Cell, error) {
	return collect(db, scanCell, "SELECT DISTINCT protocol, workload, nemesis, nodes, world FROM runs WHERE ? IN ('', campaign)", campaign)
}
