package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var NoDuplication = trace.Property{
	Name: "no-duplication", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a member delivers a message once at most",
	Check:     checkNoDuplication,
}

func checkNoDuplication(t *trace.Trace) report.Result {
	var f report.Finding
	t.EachPosition(func(q int, pos []int32) {
		for i := range t.Members[q].Log {
			d := &t.Members[q].Log[i]
			f.Evidence++
			if !d.Again {
				continue
			}
			f.Broken(d.At, func() (string, []report.Witness) {
				return fmt.Sprintf("%s delivers %s twice", t.Name(q), t.Msg(d.Msg)),
					[]report.Witness{t.Delivered(q, int(pos[d.Msg])), t.Delivered(q, i)}
			})
		}
	})
	return f.Done()
}
