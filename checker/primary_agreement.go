package checker

import "fmt"

var primaryAgreement = Property{
	Name: "primary-agreement", Kind: Safety, Promised: true, Lasting: true,
	Statement: "a view is primary for all members that install it, or for none",
	check:     checkPrimaryAgreement,
}

func checkPrimaryAgreement(t *trace) Result {
	var f finding
	t.againstFirstInstall(func(ref, at place) {
		f.evidence++
		a, b := &t.members[ref.q].installs[ref.i], &t.members[at.q].installs[at.i]
		if a.primary == b.primary {
			return
		}
		if !a.primary {
			ref, at = at, ref
		}
		f.broken(max(a.at, b.at), func() (string, []Witness) {
			return fmt.Sprintf("view %s is primary for %s and not for %s", t.view(a.view), t.name(ref.q), t.name(at.q)),
				[]Witness{t.installed(ref.q, ref.i), t.installed(at.q, at.i)}
		})
	})
	return f.done()
}
