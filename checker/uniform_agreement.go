package checker

var uniformAgreement = Property{
	Name: "uniform-agreement", Kind: Safety, Promised: true, Lasting: true,
	Statement: "the same, and also for messages that only members delivered which later died",
	check:     func(t *trace) Result { return checkAgreement(t, true) },
}
