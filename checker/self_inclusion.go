package checker

import (
	"fmt"
	"slices"
)

var selfInclusion = Property{
	Name: "self-inclusion", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a member is in every view that it installs",
	check:     checkSelfInclusion,
}

func checkSelfInclusion(t *trace) Result {
	var f finding
	for q := range t.members {
		for i, in := range t.members[q].installs {
			f.evidence++
			if slices.Contains(t.lists[in.list], int32(q)) {
				continue
			}
			f.broken(in.at, func() (string, []Witness) {
				return fmt.Sprintf("%s installs view %s, which does not hold it", t.name(q), t.view(in.view)),
					[]Witness{t.installed(q, i)}
			})
		}
	}
	return f.done()
}
