package checker

import "fmt"

var probeDelivery = Property{
	Name: "probe-delivery", Kind: Liveness, Promised: true,
	Statement: "each probe multicast of `final` is delivered by every live member",
	check:     checkProbeDelivery,
}

// A probe is asked of a live node; where that node died before the end, nobody owes
// its probe.
func checkProbeDelivery(t *trace) Result {
	if t.unjudgeable != nil {
		return unknown(t.unjudgeable)
	}
	var probes []int32
	for i := range t.msgs {
		x := &t.msgs[i]
		if x.probe && (x.sender == none || t.live(&t.members[x.sender])) {
			probes = append(probes, int32(i))
		}
	}
	if len(probes) == 0 {
		return unknown(&Reason{noProbes, "no live member was asked for a probe in the final phase"})
	}
	var f finding
	t.eachPosition(func(q int, pos []int32) {
		if !t.live(&t.members[q]) {
			return
		}
		for _, x := range probes {
			f.evidence++
			if pos[x] != none {
				continue
			}
			f.broken(t.msgs[x].invokedAt, func() (string, []Witness) {
				return fmt.Sprintf("%s lives and never delivers the probe %s", t.name(q), t.msg(x)),
					append(t.lifeOf(q), t.invoked(x))
			})
		}
	})
	return f.done()
}
