package campaign

import (
	"slices"

	"groupy/harness/plan"
	"groupy/harness/system"
	"groupy/nemesis"
)

// faults are the kinds that a cell asks for, one way or another.
func (c Cell) faults() (names []string) {
	asked, err := plan.ParseNemesis(c.Nemesis)
	switch {
	case err != nil: // the database may be older than this build
	case asked == nil:
		for _, l := range system.Levels {
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

// Exercised counts the opportunities of the asked faults, one for each moment of
// the protocol, and those of them that were met.
func Exercised(protocol string, met plan.Coverage, asked []string) (exercised, all int) {
	for _, fault := range asked {
		for _, moment := range plan.MomentsOf(protocol) {
			all++
			if met[fault][moment] > 0 {
				exercised++
			}
		}
	}
	return exercised, all
}
