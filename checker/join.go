package checker

import "fmt"

var joinProperty = Property{
	Name: "join", Kind: Liveness, Promised: true,
	Statement: "a live process that asked to join has installed a view",
	check:     checkJoin,
}

func checkJoin(t *trace) Result {
	if t.unjudgeable != nil {
		return unknown(t.unjudgeable)
	}
	var f finding
	for _, q := range t.liveMembers() {
		m := &t.members[q]
		if m.joinAt == none {
			continue
		}
		f.evidence++
		if len(m.installs) > 0 {
			continue
		}
		f.broken(m.joinAt, func() (string, []Witness) {
			return fmt.Sprintf("%s lives, was asked to join and never installs a view", m.name),
				[]Witness{t.witness(m.joinAt, "%s is asked to join", m.name), t.final()}
		})
	}
	return f.done()
}
