package plan

import (
	"slices"

	"groupy/nemesis"
)

// Clone is a plan of its own.
func (p *Plan) Clone() *Plan {
	q := *p
	q.Nodes = slices.Clone(p.Nodes)
	q.Bootstrap = slices.Clone(p.Bootstrap)
	q.Ops = slices.Clone(p.Ops)
	q.Faults = make([]nemesis.Step, len(p.Faults))
	for i, s := range p.Faults {
		q.Faults[i] = cloneStep(s)
	}
	q.Requested = slices.Clone(p.Requested)
	return &q
}

func cloneStep(s nemesis.Step) nemesis.Step {
	if s.When != nil {
		when := *s.When
		when.Pass = slices.Clone(when.Pass)
		s.When = &when
	}
	if s.Rule != nil {
		rule := *s.Rule
		s.Rule = &rule
	}
	if s.Disk != nil {
		rule := *s.Disk
		s.Disk = &rule
	}
	s.Groups = slices.Clone(s.Groups)
	for i := range s.Groups {
		s.Groups[i] = slices.Clone(s.Groups[i])
	}
	s.Links = slices.Clone(s.Links)
	return s
}
