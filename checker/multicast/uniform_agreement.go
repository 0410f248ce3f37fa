package multicast

import (
	"groupy/checker/report"
	"groupy/checker/trace"
)

var UniformAgreement = trace.Property{
	Name: "uniform-agreement", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "the same, and also for messages that only members delivered which later died",
	Check:     func(t *trace.Trace) report.Result { return checkAgreement(t, true) },
}
