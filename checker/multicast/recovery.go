package multicast

import (
	"fmt"

	"groupy/checker/report"
	"groupy/checker/trace"
)

var Recovery = trace.Property{
	Name: "recovery", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "a member that is started again says where it takes up, and delivers and installs again what it had delivered and installed since, the same in the same order and all of it, before anything new and before the run ends",
	Check:     checkRecovery,
}

func checkRecovery(t *trace.Trace) report.Result {
	var f report.Finding
	for i := range t.TakeUps {
		u := &t.TakeUps[i]
		m := &t.Members[u.Q]
		f.Evidence += u.Repeated
		if u.Began != trace.None {
			f.Evidence++
		}
		switch {
		case u.Broken != trace.None:
			f.Broken(u.Broken, func() (string, []report.Witness) {
				text, witness := owed(t, u, u.Instead)
				return fmt.Sprintf("%s%s %s%s", m.Name, again(u), u.What, text),
					append(witness, session(t, u), t.Witness(u.Broken, "%s %s", m.Name, u.What))
			})
		case u.Open && t.Live(m) && t.Unjudgeable == nil:
			f.Broken(t.FinalAt, func() (string, []report.Witness) {
				never, due := "came as far as it had been", u.Next
				if u.At == trace.None {
					never, due = "says where it takes up", m.Record
				}
				text, witness := owed(t, u, due)
				return fmt.Sprintf("%s was started again and never %s%s", m.Name, never, text),
					append(witness, session(t, u), t.Final())
			})
		}
	}
	return f.Done()
}

func again(u *trace.TakeUp) string {
	if u.Began == trace.None {
		return ""
	}
	return " was started again and"
}

// session is the event with which a member takes up, or should have.
func session(t *trace.Trace, u *trace.TakeUp) report.Witness {
	if u.At == trace.None {
		return t.Witness(u.Began, "%s is started again", t.Name(int(u.Q)))
	}
	return t.Witness(u.At, "%s, started again, takes up", t.Name(int(u.Q)))
}

// owed is what the member should have done again next.
func owed(t *trace.Trace, u *trace.TakeUp, next trace.Point) (string, []report.Witness) {
	if next == trace.Nowhere {
		return "", nil
	}
	m := &t.Members[u.Q]
	switch delivery, install := (&trace.TakeUp{Next: next}).Due(m); {
	case install:
		return fmt.Sprintf("; it had installed view %s", t.View(m.Installs[next.Install].View)), []report.Witness{t.Installed(int(u.Q), int(next.Install))}
	case delivery:
		return fmt.Sprintf("; it had delivered %s", t.Msg(m.Log[next.Log].Msg)), []report.Witness{t.Delivered(int(u.Q), int(next.Log))}
	}
	return "", nil
}
