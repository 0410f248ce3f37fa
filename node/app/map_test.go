package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/node"
)

func raw(text string) json.RawMessage { return json.RawMessage(text) }

func read(key string) Operation { return Operation{F: node.TypeRead, Key: key} }
func write(key, value string) Operation {
	return Operation{F: node.TypeWrite, Key: key, Value: raw(value)}
}

func cas(key, from, to string) Operation {
	return Operation{F: node.TypeCAS, Key: key, From: raw(from), To: raw(to)}
}

// ask has a member ask for an operation under the message's name, and reports
// whether it went to the group.
func (g *group) ask(r *replica, msg string, op Operation) (*Answer, bool) {
	payload, now := r.app.(Store).Ask(op)
	if now == nil {
		g.cast(r.name, msg, string(payload))
	}
	return now, now == nil
}

// says is an answer in short.
func says(a *Answer) string {
	switch {
	case a == nil:
		return "nothing"
	case a.Failed != nil:
		return fmt.Sprintf("error %d", a.Failed.Code)
	}
	return "ok" + string(a.Value)
}

func TestMapAnswersAtTheOperationsPlace(t *testing.T) {
	g := &group{start: newReplicatedMap}
	r := g.admit("n1.1")
	g.settle()
	steps := []struct {
		op   Operation
		want string
	}{
		{read("k"), "oknull"},
		{cas("k", "1", "2"), "error 20"},
		{write("k", ` {"a": 1} `), "ok"},
		{read("k"), `ok{"a":1}`},
		{cas("k", `{"a":2}`, "2"), "error 22"},
		{cas("k", `{ "a":1 }`, "2"), "ok"},
		{read("k"), "ok2"},
		{read("other"), "oknull"},
		{Operation{F: "append", Key: "k"}, "error 10"},
	}
	for i, s := range steps {
		msg := fmt.Sprint("m", i)
		if now, sent := g.ask(r, msg, s.op); !sent {
			t.Fatalf("%v answered %s without the group", s.op, says(now))
		}
		g.settle()
		if got := says(r.output[msg].Answer); got != s.want {
			t.Errorf("%s %s: %s, want %s", s.op.F, s.op.Key, got, s.want)
		}
	}
}

func TestMapRefusesWhatNoOrderCouldServe(t *testing.T) {
	m := newReplicatedMap(Setup{Member: "n2.1"}).(Store)
	refuse := func(op Operation, want string) {
		t.Helper()
		if payload, now := m.Ask(op); payload != nil || says(now) != want {
			t.Errorf("%v: payload %s, answer %s; want %s and nothing sent", op, payload, says(now), want)
		}
	}
	refuse(read("k"), "error 11") // not in a group yet
	m.View([]string{"n1.1", "n2.1"})
	refuse(read("k"), "error 11") // has asked for its copy
	m = newReplicatedMap(Setup{Member: "n1.1"}).(Store)
	m.View([]string{"n1.1"})
	refuse(write("k", "null"), "error 12")
	refuse(write("k", ""), "error 12")
	refuse(cas("k", "null", "1"), "error 12")
	refuse(cas("k", "1", ""), "error 12")
}

func TestMapLocalReadsDoNotWaitForTheGroup(t *testing.T) {
	g := &group{start: func(s Setup) App { s.LocalReads = true; return newReplicatedMap(s) }}
	r := g.admit("n1.1")
	g.settle()
	g.ask(r, "m1", write("k", "1"))
	if now, sent := g.ask(r, "m2", read("k")); sent || says(now) != "oknull" {
		t.Errorf("read before the delivery: sent %v, %s; want the old value at once", sent, says(now))
	}
	g.settle()
	if now, _ := g.ask(r, "m3", read("k")); says(now) != "ok1" {
		t.Errorf("read after the delivery: %s", says(now))
	}
}

// TestMapIsCopiedInParts: a large map takes many messages, none larger than a
// part may be, and ends up whole while operations go on.
func TestMapIsCopiedInParts(t *testing.T) {
	g := &group{start: newReplicatedMap}
	first := g.admit("n1.1")
	g.settle()
	value := `"` + strings.Repeat("x", 1000) + `"`
	const keys = 500
	for i := range keys {
		g.ask(first, fmt.Sprint("w", i), write(fmt.Sprintf("k%03d", i), value))
	}
	g.settle()
	joiner := g.admit("n2.1")
	for i := 0; !synced(joiner); i++ {
		if i > 100*keys {
			t.Fatal("the copy does not end")
		}
		g.ask(first, fmt.Sprint("late", i), write(fmt.Sprintf("k%03d", i*7%keys), fmt.Sprint(i)))
		g.advance(first)
		g.advance(joiner)
	}
	g.settle()
	parts, largest := 0, 0
	for _, e := range g.log {
		if strings.Contains(e.msg.Msg, "/gives/") {
			parts++
			largest = max(largest, len(e.msg.Payload))
		}
	}
	if parts < 5 || largest > 2*partBytes {
		t.Errorf("%d parts, the largest of %d bytes; want at least 5 of some %d", parts, largest, partBytes)
	}
	if a, b := content(first), content(joiner); a != b {
		t.Errorf("the copy differs:\n%.200s\n%.200s", a, b)
	}
}

func synced(r *replica) bool { return r.app.(*replicatedMap).copying == nil }

func content(r *replica) string {
	var out strings.Builder
	e := &r.app.(*replicatedMap).entries
	for _, k := range e.keys {
		fmt.Fprintf(&out, "%s=%s ", k, e.values[k])
	}
	return out.String()
}

func TestMapJoinerAsksSomebodyElse(t *testing.T) {
	m := newReplicatedMap(Setup{Member: "n3.1"}).(*replicatedMap)
	donor := func(out Output) string {
		if len(out.Casts) == 0 {
			return ""
		}
		var w wireTransfer
		if err := json.Unmarshal(out.Casts[0].Payload, &w); err != nil {
			t.Fatal(err)
		}
		m.Deliver(Delivery{Msg: out.Casts[0].Msg, Sender: "n3.1", Payload: out.Casts[0].Payload})
		return w.Donor
	}
	none := func() Output {
		answer := encode(wireTransfer{Answer: m.copying.request, None: true})
		return m.Deliver(Delivery{Msg: "~n/gives", Sender: m.copying.donor, Payload: answer})
	}
	if d := donor(m.View([]string{"n1.1", "n2.1", "n3.1"})); d != "n1.1" {
		t.Errorf("asked %q first", d)
	}
	if d := donor(none()); d != "n2.1" {
		t.Errorf("after a member without the map, asked %q", d)
	}
	if out := none(); len(out.Casts) != 0 || len(out.Logs) == 0 {
		t.Errorf("nobody has the map, but %v", out)
	}
	if d := donor(m.View([]string{"n2.1", "n4.1", "n3.1"})); d != "n2.1" {
		t.Errorf("in the next view, asked %q", d)
	}
	for i := range patience - 1 {
		if out := m.Deliver(Delivery{Msg: fmt.Sprint("m", i), Sender: "n2.1"}); len(out.Casts) != 0 {
			t.Fatalf("lost patience after %d deliveries", i+1)
		}
	}
	if d := donor(m.Deliver(Delivery{Msg: "m", Sender: "n2.1"})); d != "n4.1" {
		t.Errorf("after %d deliveries without an answer, asked %q", patience, d)
	}
}

// TestMapReplicasAgree: whatever joins and dies when, all who answer an operation
// or tell a state say the same as the member that was there from the start, and
// every joiner ends up with the whole map. Parts are of one entry, so that a copy
// has as many cuts as there are keys.
func TestMapReplicasAgree(t *testing.T) {
	defer func(n int) { partBytes = n }(partBytes)
	partBytes = 1
	rapid.Check(t, func(t *rapid.T) {
		g := &group{start: newReplicatedMap}
		g.admit("n1.1")
		g.settle()
		for i := range rapid.IntRange(5, 80).Draw(t, "steps") {
			msg := fmt.Sprint("m", i)
			key := fmt.Sprint("k", rapid.IntRange(0, 5).Draw(t, "key"))
			value := fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "value"))
			r := g.members[rapid.IntRange(0, len(g.members)-1).Draw(t, "who")]
			switch what := rapid.IntRange(0, 12).Draw(t, "what"); {
			case what == 0:
				g.admit(fmt.Sprintf("n%d.1", len(g.members)+1))
			case what == 1 && r.name != "n1.1": // it stays, as the reference
				r.dead = true
				g.view()
			case what < 4 && !r.dead:
				g.ask(r, msg, write(key, value))
			case what < 6 && !r.dead:
				g.ask(r, msg, cas(key, value, value+"1"))
			case what == 6 && !r.dead:
				g.ask(r, msg, read(key))
			default:
				g.advance(r)
			}
		}
		g.settle()
		reference := g.members[0]
		for _, r := range g.members[1:] {
			for msg, out := range r.output {
				its := reference.output[msg]
				if out.State != "" && (out.State != its.State || says(out.Answer) != says(its.Answer)) {
					t.Fatalf("%s is in %s after %s and says %s; n1.1 is in %s and says %s",
						r.name, out.State, msg, says(out.Answer), its.State, says(its.Answer))
				}
			}
			if !r.dead && (!synced(r) || content(r) != content(reference)) {
				t.Fatalf("%s ends with synced %v in %s, n1.1 in %s", r.name, synced(r), content(r), content(reference))
			}
		}
	})
}
