package index

import (
	"cmp"
	"slices"

	"groupy/harness/campaign"
	"groupy/harness/plan"
)

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
func (db *DB) Opportunities(id string) (list []Opportunities, err error) {
	met, err := db.Coverage(id)
	if err != nil {
		return nil, err
	}
	cells, err := db.Cells(id)
	if err != nil {
		return nil, err
	}
	for _, c := range cells {
		if slices.ContainsFunc(list, func(o Opportunities) bool { return o.Protocol == c.Protocol }) {
			continue
		}
		o, asked := Opportunities{Protocol: c.Protocol}, campaign.Asked(cells, c.Protocol)
		o.Exercised, o.All = campaign.Exercised(c.Protocol, met[c.Protocol], asked)
		for _, fault := range asked {
			row := FaultMet{Fault: fault}
			for _, moment := range plan.Moments {
				row.Met = append(row.Met, met[c.Protocol][fault][moment])
			}
			o.Faults = append(o.Faults, row)
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b Opportunities) int { return cmp.Compare(a.Protocol, b.Protocol) })
	return list, nil
}

// Cells are those that a campaign, or all if it is "", has runs of.
func (db *DB) Cells(campaign string) ([]campaign.Cell, error) {
	return collect(db, scanCell, "SELECT DISTINCT protocol, workload, nemesis, nodes, world FROM runs WHERE ? IN ('', campaign)", campaign)
}
