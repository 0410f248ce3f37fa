package checker

import "fmt"

var noDuplication = Property{
	Name: "no-duplication", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a member delivers a message once at most",
	check:     checkNoDuplication,
}

func checkNoDuplication(t *trace) Result {
	var f finding
	t.eachPosition(func(q int, pos []int32) {
		for i := range t.members[q].log {
			d := &t.members[q].log[i]
			f.evidence++
			if !d.again {
				continue
			}
			f.broken(d.at, func() (string, []Witness) {
				return fmt.Sprintf("%s delivers %s twice", t.name(q), t.msg(d.msg)),
					[]Witness{t.delivered(q, int(pos[d.msg])), t.delivered(q, i)}
			})
		}
	})
	return f.done()
}
