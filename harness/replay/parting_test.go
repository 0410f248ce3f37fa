package replay

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/verdict"
)

// lives is a small history of two members, in the words that the test varies.
const lives = `{"type":"header","format":"groupy-history/1","world":"real","nodes":["n1","n2"],"promises":["no-duplication"]}
{"index":0,"time":5,"type":"phase","phase":"bootstrap"}
{"index":1,"time":6,"type":"start","node":"n1","member":"n1.1","pid":77}
{"index":2,"time":7,"type":"start","node":"n2","member":"n2.1","pid":78}
{"index":3,"time":10,"type":"view","member":"n1.1","view":"1","members":["n1.1","n2.1"]}
{"index":4,"time":11,"type":"view","member":"n2.1","view":"1","members":["n1.1","n2.1"]}
{"index":5,"time":12,"type":"invoke","process":"c1","node":"n1","f":"multicast","value":"m1"}
{"index":6,"time":13,"type":"deliver","member":"n1.1","msg":"m1","view":"1"}
{"index":7,"time":14,"type":"ok","process":"c1","node":"n1","f":"multicast","value":"m1"}
{"index":8,"time":15,"type":"fault","fault":"drop","id":"f1","phase":"begin","evidence":{"dropped":1}}
{"index":9,"time":16,"type":"deliver","member":"n2.1","msg":"m1","view":"1"}
{"index":10,"time":17,"type":"deliver","member":"n2.1","msg":"m1","view":"1"}
`

func parting(t *testing.T, is string) *Parting {
	t.Helper()
	judge := func(text string) *verdict.Judgement {
		j, err := verdict.Judge(verdict.FromMemory([]byte(text)), nil, nil, checker.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	tr := &Transplanted{Was: judge(lives), real: verdict.FromMemory([]byte(lives))}
	p, err := tr.Parting(judge(is), verdict.FromMemory([]byte(is)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTwoRunsAreTheSame(t *testing.T) {
	for name, change := range map[string][]string{
		"nothing":         nil,
		"times":           {`"time":1`, `"time":2`},
		"process ids":     {`"pid":77`, `"pid":0`},
		"client's name":   {`"c1"`, `"c9"`},
		"evidence":        {`"dropped":1`, `"dropped":7`},
		"the world":       {`"world":"real"`, `"world":"virtual"`},
		"order elsewhere": {`"index":6,"time":13,"type":"deliver"`, `"index":7,"time":13,"type":"deliver"`, `"index":7,"time":14,"type":"ok"`, `"index":6,"time":13,"type":"ok"`},
	} {
		is := strings.NewReplacer(change...).Replace(lives)
		if name == "order elsewhere" {
			lines := strings.Split(is, "\n")
			lines[7], lines[8] = lines[8], lines[7]
			is = strings.Join(lines, "\n")
		}
		if p := parting(t, is); p != nil {
			t.Errorf("with other %s they part: %s", name, p)
		}
	}
}

func TestTwoRunsPart(t *testing.T) {
	line := func(n int) string { return strings.Split(lives, "\n")[n] + "\n" }
	renumbered := func(text string) string {
		lines := strings.Split(text, "\n")
		for i, l := range lines {
			if _, rest, ok := strings.Cut(l, `,"time"`); ok {
				lines[i] = fmt.Sprintf(`{"index":%d,"time"%s`, i-1, rest)
			}
		}
		return strings.Join(lines, "\n")
	}
	for name, c := range map[string]struct {
		is   string
		who  string
		kept bool
	}{
		"a delivery less":            {renumbered(strings.Replace(lives, line(7), "", 1)), "n1.1", true},
		"another message":            {strings.Replace(lives, line(7), strings.Replace(line(7), "m1", "m2", 1), 1), "n1.1", true},
		"another view":               {strings.Replace(lives, `"view","member":"n2.1","view":"1"`, `"view","member":"n2.1","view":"2"`, 1), "n2.1", true},
		"another outcome":            {strings.Replace(lives, `"ok","process"`, `"info","process"`, 1), `n1, multicast "m1"`, true},
		"a fault that never began":   {renumbered(strings.Replace(lives, line(9), "", 1)), "fault f1", true},
		"no second delivery":         {renumbered(strings.Replace(lives, line(11), "", 1)), "n2.1", false},
		"somebody who was not there": {lives + `{"index":11,"time":18,"type":"start","node":"n1","member":"n1.2"}` + "\n", "n1.2", true},
		"a phase more":               {lives + `{"index":11,"time":18,"type":"phase","phase":"main"}` + "\n", "the phases", true},
	} {
		p := parting(t, c.is)
		if p == nil || p.Who != c.who || p.Kept != c.kept {
			t.Errorf("%s: %+v, want one at %s", name, p, c.who)
		}
	}
}

// A run that violates another promise has parted, though all did the same: the order
// over all members is compared through verdict and witness.
func TestVerdictsPart(t *testing.T) {
	p := parting(t, strings.Replace(lives, `"promises":["no-duplication"]`, `"promises":["no-duplication","self-inclusion","integrity"]`, 1))
	if p != nil {
		t.Errorf("two promises more that are kept: %s", p)
	}
	is := strings.Split(lives, "\n")
	is[6], is[7] = is[7], is[6] // n1 delivers before anybody asked
	text := strings.NewReplacer(`"index":5`, `"index":6`, `"index":6`, `"index":5`).Replace(strings.Join(is, "\n"))
	for _, promises := range []string{`"no-duplication"`, `"no-duplication","integrity"`} {
		p := parting(t, strings.Replace(text, `"no-duplication"`, promises, 1))
		if want := strings.Contains(promises, "integrity"); (p != nil) != want {
			t.Errorf("with %s promised they part: %v", promises, p)
		}
	}
}

// What a transplanted run loses that the real one did not is seen.
func TestATransplantThatIsNotTheRunIsSaidToPart(t *testing.T) {
	p, err := plan.NewPlan(plan.Options{Name: "parting", Seed: "parting", Protocol: "gms2", Nemesis: []string{}, Rate: 100, TimeLimit: 1e9})
	if err != nil {
		t.Fatal(err)
	}
	result := runtest.RunPlan(t, p)
	tr, err := Bring(string(result.Folder), checker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*plan.Plan){
		"as it was": func(*plan.Plan) {},
		"a message lost": func(p *plan.Plan) {
			o := *p.Observed
			o.Links = map[string]string{}
			for line, marks := range p.Observed.Links {
				o.Links[line] = marks
			}
			words := strings.Fields(o.Links["n1.1 n2"])
			words[len(words)/2] = "x"
			o.Links["n1.1 n2"] = strings.Join(words, " ")
			p.Observed = &o
		},
		"an operation less": func(p *plan.Plan) { p.Ops = p.Ops[:len(p.Ops)-1] },
	} {
		q := tr.Plan.Clone()
		spoil(q)
		trial, err := run.Try(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		parted, err := tr.Parting(trial.Judgement, verdict.FromMemory(bytes.Clone(trial.History)))
		if err != nil {
			t.Fatal(err)
		}
		if (parted == nil) != (name == "as it was") {
			t.Errorf("%s: %v", name, parted)
		}
	}
}
