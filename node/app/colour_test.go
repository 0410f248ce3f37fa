package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// group is the ideal group: one sequence that all members follow, each at its
// own pace, with the application that start gives. A member may die, and may be admitted at any time.
type group struct {
	start   func(Setup) App
	log     []event
	members []*replica
}

type event struct {
	view []string // a view, or else a message:
	msg  Delivery
}

type replica struct {
	name   string
	app    App
	at     int // the next entry
	dead   bool
	states map[string]string // message -> state after it
	output map[string]Output // message -> all that came of it
}

func (g *group) admit(name string) *replica {
	r := &replica{name: name, app: g.start(Setup{Member: name}), at: len(g.log), states: map[string]string{}, output: map[string]Output{}}
	g.members = append(g.members, r)
	g.view()
	return r
}

func (g *group) view() {
	var names []string
	for _, r := range g.members {
		if !r.dead {
			names = append(names, r.name)
		}
	}
	g.log = append(g.log, event{view: names})
}

func (g *group) cast(from, msg, payload string) {
	g.log = append(g.log, event{msg: Delivery{Msg: msg, Sender: from, Payload: json.RawMessage(payload)}})
}

// advance lets one member take its next entry, and sequences what it asks for.
func (g *group) advance(r *replica) bool {
	if r.dead || r.at == len(g.log) {
		return false
	}
	e := g.log[r.at]
	r.at++
	var out Output
	if e.view != nil {
		out = r.app.View(e.view)
	} else {
		out = r.app.Deliver(e.msg)
		r.states[e.msg.Msg], r.output[e.msg.Msg] = out.State, out
	}
	for _, c := range out.Casts {
		g.cast(r.name, c.Msg, string(c.Payload))
	}
	return true
}

func (g *group) settle() {
	for moved := true; moved; {
		moved = false
		for _, r := range g.members {
			moved = g.advance(r) || moved
		}
	}
}

func TestColourAppliesChangesInOrder(t *testing.T) {
	g := &group{start: newColour}
	r := g.admit("n1.1")
	for i, n := range []string{"1", "2", "3", "255", "-1", "1000"} {
		g.cast("n1.1", fmt.Sprintf("m%d", i), n)
	}
	g.settle()
	// {0,0,0} -> {0,0,1} -> {0,1,2} -> {1,2,3} -> {2,3,0} -> {3,0,1} -> {0,1,235}
	want := []string{"#000001", "#000102", "#010203", "#020300", "#030001", "#0001eb"}
	for i, w := range want {
		if got := r.states[fmt.Sprintf("m%d", i)]; got != w {
			t.Errorf("after m%d: %s, want %s", i, got, w)
		}
	}
}

func TestColourTellsOrdersApart(t *testing.T) {
	state := func(order ...string) string {
		g := &group{start: newColour}
		r := g.admit("n1.1")
		for _, m := range order {
			g.cast("n1.1", m, "") // no payload: drawn from the id
		}
		g.settle()
		return r.states[order[len(order)-1]]
	}
	if a, b := state("m1", "m2", "m3"), state("m2", "m1", "m3"); a == b {
		t.Errorf("two orders give the same colour %s", a)
	}
	if a, b := state("m1", "m2", "m3"), state("m1", "m2", "m3"); a != b {
		t.Errorf("one order gives %s and %s", a, b)
	}
}

func TestColourAsksAgainOnEachViewWhileNobodyAnswers(t *testing.T) {
	c := newColour(Setup{Member: "n2.1"}).(*colour)
	first := c.View([]string{"n1.1", "n2.1"})
	again := c.View([]string{"n2.1", "n3.1"})
	if len(first.Casts) != 1 || len(again.Casts) != 1 || first.Casts[0].Msg == again.Casts[0].Msg {
		t.Fatalf("requests %v, then %v; want two different ones", first.Casts, again.Casts)
	}
	if len(again.Logs) == 0 || !strings.Contains(again.Logs[0], "no state") {
		t.Errorf("log %q does not say that there was no answer", again.Logs)
	}
	// The answer to the later request counts from the later request's place.
	deliver := func(msg, sender, payload string) Output {
		return c.Deliver(Delivery{Msg: msg, Sender: sender, Payload: json.RawMessage(payload)})
	}
	deliver(first.Casts[0].Msg, "n2.1", string(first.Casts[0].Payload))
	deliver("m1", "n1.1", "5")
	deliver(again.Casts[0].Msg, "n2.1", string(again.Casts[0].Payload))
	deliver("m2", "n1.1", "7")
	out := deliver("~n3.1/answer", "n3.1", fmt.Sprintf(`{"answer":%q,"colour":[0,0,5]}`, again.Casts[0].Msg))
	if out.State != "#000507" {
		t.Errorf("state %s, want #000507: m1 is in the answer, m2 is not", out.State)
	}
}

// TestColourReplicasAgree: whatever joins and dies when, all who tell a state
// after a message tell the same, and it is the state of a replica that was there
// from the start. While a synchronised member lives, every joiner ends up synced.
func TestColourReplicasAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &group{start: newColour}
		g.admit("n1.1")
		for i := range rapid.IntRange(5, 60).Draw(t, "steps") {
			switch r := g.members[rapid.IntRange(0, len(g.members)-1).Draw(t, "who")]; rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				g.admit(fmt.Sprintf("n%d.1", len(g.members)+1))
			case 1:
				if r.name != "n1.1" { // it stays, as the reference
					r.dead = true
					g.view()
				}
			case 2, 3, 4:
				if !r.dead {
					g.cast(r.name, fmt.Sprintf("m%d", i), "")
				}
			default:
				g.advance(r)
			}
		}
		g.settle()
		reference := g.members[0]
		for _, r := range g.members[1:] {
			for msg, state := range r.states {
				if state != "" && state != reference.states[msg] {
					t.Fatalf("%s is in %s after %s, n1.1 in %s", r.name, state, msg, reference.states[msg])
				}
			}
			mine, its := r.app.(*colour), reference.app.(*colour)
			if !r.dead && (!mine.synced || mine.rgb != its.rgb) {
				t.Fatalf("%s ends with synced %v in %s, n1.1 in %s", r.name, mine.synced, mine, its)
			}
		}
	})
}

func TestFindNamesTheApps(t *testing.T) {
	for _, k := range Apps {
		got, err := Find(k.Name)
		if err != nil || got.Sentence != k.Sentence || got.New(Setup{Member: "n1.1"}) == nil {
			t.Errorf("Find(%q) = %v, %v", k.Name, got, err)
		}
	}
	_, err := Find("color")
	if err == nil || !strings.Contains(err.Error(), "colour") {
		t.Errorf("error %v does not name the apps", err)
	}
}
