package liveness

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var ProbeDelivery = trace.Property{
	Name: "probe-delivery", Kind: trace.Liveness, Promised: true,
	Statement: "each probe multicast of `final` is delivered by every live member",
	Check:     checkProbeDelivery,
}

// A probe is asked of a live node; where that node died before the end, nobody owes
// its probe.
func checkProbeDelivery(t *trace.Trace) report.Result {
	if t.Unjudgeable != nil {
		return report.Unjudged(t.Unjudgeable)
	}
	var probes []int32
	for i := range t.Msgs {
		x := &t.Msgs[i]
		if x.Probe && (x.Sender == trace.None || t.Live(&t.Members[x.Sender])) {
			probes = append(probes, int32(i))
		}
	}
	if len(probes) == 0 {
		return report.Unjudged(&report.Reason{Code: report.NoProbes, Text: "no live member was asked for a probe in the final phase"})
	}
	var f report.Finding
	t.EachPosition(func(q int, pos []int32) {
		if !t.Live(&t.Members[q]) {
			return
		}
		for _, x := range probes {
			f.Evidence++
			if pos[x] != trace.None {
				continue
			}
			f.Broken(t.Msgs[x].InvokedAt, func() (string, []report.Witness) {
				return fmt.Sprintf("%s lives and never delivers the probe %s", t.Name(q), t.Msg(x)),
					append(t.LifeOf(q), t.Invoked(x))
			})
		}
	})
	return f.Done()
}
