package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// Parting is where a run in a virtual world first is not the real run that its plan
// was taken from.
type Parting struct {
	Who     string // the member, operation, fault or property that it is about
	Was, Is string // what there was in the real run, and what there is; "": nothing
	// Kept says that the two violate the same property first, and by the same witness.
	Kept bool
}

// String says it for people.
func (p *Parting) String() string {
	show := func(text string) string {
		if text == "" {
			return "(nothing)"
		}
		return text
	}
	return fmt.Sprintf("%s\n  real: %s\n  here: %s", p.Who, show(p.Was), show(p.Is))
}

// Transplanted is a real run brought to the virtual worlds.
type Transplanted struct {
	Plan *plan.Plan
	Was  *verdict.Judgement // of the real run, whatever the machine may have done
	real verdict.Source
}

// Bring transplants a recorded real run, to hold runs of the plan against it. The
// error says why that cannot be done.
func Bring(folder string, o checker.Options) (*Transplanted, error) {
	plan, err := Transplant(folder)
	if err != nil {
		return nil, err
	}
	path, err := store.Folder(folder).History()
	if err != nil {
		return nil, err
	}
	was, err := store.Folder(folder).Plan()
	if err != nil {
		return nil, err
	}
	t := &Transplanted{Plan: plan, real: verdict.FromFile(path)}
	t.Was, err = verdict.Judge(t.real, was, nil, o)
	return t, err
}

// Parting compares the real run with one of its plan in a virtual world, as far as two
// such runs can be alike: what each member, each operation and each fault did, in its
// order; the verdict of each promised property, and its witness. It gives the first
// difference by the real run's history; nil if there is none. Left out are times,
// process ids, evidence, the names of clients' processes, which count operations that
// were never asked, and in which order things happened that only the run loop saw
// together: for a verdict that order counts through the witness.
func (t *Transplanted) Parting(is *verdict.Judgement, history verdict.Source) (*Parting, error) {
	real, err := readLived(t.real)
	if err != nil {
		return nil, err
	}
	here, err := readLived(history)
	if err != nil {
		return nil, err
	}
	p := firstParting(real, here)
	if p == nil {
		p = judgedApart(t.Was, is, real, here)
	}
	if p != nil {
		wanted := verdict.SignatureOf(t.Was)
		p.Kept = wanted != "" && wanted == verdict.SignatureOf(is) &&
			witnessed(t.Was.Properties[string(wanted)], real) == witnessed(is.Properties[string(wanted)], here)
	}
	return p, nil
}

// lived is a history by who did what.
type lived struct {
	acts    map[string][]act // by who
	byIndex map[int64]act
}

// act is a comparable event.
type act struct {
	who  string
	what string // the event without all that two runs need not have in common
	at   int64  // index
}

func readLived(open verdict.Source) (*lived, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	l := &lived{acts: map[string][]act{}, byIndex: map[int64]act{}}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return nil, err
		}
		if a, ok := actOf(e); ok {
			l.acts[a.who] = append(l.acts[a.who], a)
			l.byIndex[a.at] = a
		}
	}
}

// actOf gives what can be compared of an event; ok is false if that is nothing.
func actOf(e *history.Event) (a act, ok bool) {
	c := *e
	c.Index, c.Time, c.PID, c.Evidence, c.Process = 0, 0, 0, nil, ""
	a.at = e.Index
	switch {
	case e.Type == history.Hash, e.Type == history.Fault && e.Phase == history.FaultSkip:
		return a, false
	case e.Type == history.Fault:
		a.who, c.Value = "fault "+e.ID, nil
	case e.Type == history.Phase:
		a.who = "the phases"
	case e.Member != "":
		a.who = e.Member
	default:
		a.who = e.Node + ", " + operation(e.F, e.Value, e.Msg)
	}
	line, err := json.Marshal(c)
	if err != nil {
		return a, false
	}
	_, rest, _ := strings.Cut(string(line), `"type"`)
	a.what = `{"type"` + rest
	return a, true
}

// firstParting is the difference that comes first in the real run's history; one of
// something that is only here comes behind all others.
func firstParting(real, here *lived) (first *Parting) {
	at := int64(-1)
	for who := range real.acts {
		i, p := partingIn(who, real.acts[who], here.acts[who])
		if p != nil && (first == nil || i < at) {
			first, at = p, i
		}
	}
	if first != nil {
		return first
	}
	for who, acts := range here.acts {
		if real.acts[who] == nil && (first == nil || acts[0].at < at) {
			first, at = &Parting{Who: who, Is: acts[0].what}, acts[0].at
		}
	}
	return first
}

func partingIn(who string, real, here []act) (at int64, p *Parting) {
	for i, a := range real {
		at = a.at
		switch {
		case i == len(here):
			return at, &Parting{Who: who, Was: a.what}
		case a.what != here[i].what:
			return at, &Parting{Who: who, Was: a.what, Is: here[i].what}
		}
	}
	if len(here) > len(real) {
		return at + 1, &Parting{Who: who, Is: here[len(real)].what}
	}
	return 0, nil
}

// judgedApart is the first property whose verdict or witness is not the same.
func judgedApart(was, is *verdict.Judgement, real, here *lived) *Parting {
	for _, p := range checker.Properties {
		a, b := was.Properties[p.Name], is.Properties[p.Name]
		if !a.Promised && !b.Promised {
			continue
		}
		if a.Verdict != b.Verdict {
			return &Parting{Who: p.Name, Was: string(a.Verdict), Is: string(b.Verdict)}
		}
		if x, y := witnessed(a, real), witnessed(b, here); x != y {
			return &Parting{Who: "the witness of " + p.Name, Was: x, Is: y}
		}
	}
	if was.Verdict != is.Verdict {
		return &Parting{Who: "the verdict", Was: string(was.Verdict), Is: string(is.Verdict)}
	}
	return nil
}

func witnessed(r checker.Result, in *lived) string {
	var acts []string
	for _, w := range r.Witness {
		acts = append(acts, in.byIndex[w.Index].who+" "+in.byIndex[w.Index].what)
	}
	return strings.Join(acts, "\n        ")
}
