package multicast

import (
	"groupy/checker/report"
	"groupy/checker/trace"
)

var UniformAgreement = trace.Property{
	Name: "uniform-agreement", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a message delivered in view V by any member, one that died later included, is delivered by every member that survives V",
	Check:     func(t *trace.Trace) report.Result { return checkAgreement(t, true) },
}
