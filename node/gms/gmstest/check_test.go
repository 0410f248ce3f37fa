package gmstest

import (
	"testing"

	"groupy/node/gms"
)

// history is a little language for events: each call adds one.
type history struct{ sim Sim }

func (h *history) add(member string, what any) *history {
	h.sim.observe(member, what)
	return h
}

func (h *history) start(ms ...string) *history {
	for _, m := range ms {
		h.add(m, Started{})
	}
	return h
}

func (h *history) view(id string, members ...string) *history {
	for _, m := range members {
		h.add(m, gms.Install{View: id, Members: members})
	}
	return h
}

func (h *history) ask(m, msg string) *history {
	return h.add(m, Asked{gms.Multicast{Req: uint64(len(h.sim.Events) + 1), Msg: msg}})
}

func (h *history) deliver(msg, sender, view string, at ...string) *history {
	for _, m := range at {
		h.add(m, gms.Deliver{Msg: msg, Sender: sender, View: view})
	}
	return h
}

func begin() *history {
	h := &history{}
	return h.start("a", "b").view("1", "a", "b").ask("a", "m").ask("b", "n").
		deliver("m", "a", "1", "a", "b").deliver("n", "b", "1", "a", "b")
}

// Each property accepts the legal history, and names its own breach.
func TestPropertiesTellGoodFromBad(t *testing.T) {
	bad := map[string]*history{
		"integrity":            begin().deliver("x", "a", "1", "a", "b"),
		"no-duplication":       begin().deliver("n", "b", "1", "a"),
		"view-installed":       begin().ask("a", "o").deliver("o", "a", "2", "a", "b"),
		"self-inclusion":       begin().add("a", gms.Install{View: "2", Members: []string{"b"}}),
		"view-agreement":       begin().view("2", "a").view("2", "b"),
		"view-monotonicity":    begin().view("2", "a", "b").view("1", "a", "b"),
		"primary-chain":        begin().view("2", "a").view("3", "b"),
		"same-view-delivery":   begin().ask("a", "o").deliver("o", "a", "1", "a").view("2", "a", "b").deliver("o", "a", "2", "b"),
		"virtual-synchrony":    begin().ask("a", "o").deliver("o", "a", "1", "a").view("2", "a", "b"),
		"total-order":          begin().ask("a", "o").ask("b", "p").deliver("o", "a", "1", "a").deliver("p", "b", "1", "a", "b").deliver("o", "a", "1", "b"),
		"gap-freedom":          begin().ask("a", "o").ask("b", "p").deliver("o", "a", "1", "a").deliver("p", "b", "1", "a", "b"),
		"fifo-order":           begin().ask("a", "o").ask("a", "p").deliver("p", "a", "1", "a", "b").deliver("o", "a", "1", "a", "b"),
		"agreement":            begin().ask("a", "o").deliver("o", "a", "1", "a"),
		"uniform-agreement":    begin().ask("a", "o").deliver("o", "a", "1", "a").add("a", Stopped{}),
		"membership-precision": begin().add("a", Stopped{}),
		"self-delivery":        begin().ask("a", "o"),
		"probe-delivery":       begin().ask("a", "probe-a").deliver("probe-a", "a", "1", "a"),
	}
	for _, p := range append(append([]Property{}, Safety...), Liveness...) {
		if why := p.Check(begin().sim.Record()); why != "" {
			t.Errorf("%s accuses a legal history: %s", p.Name, why)
		}
		h, ok := bad[p.Name]
		if !ok {
			t.Errorf("no bad history for %s", p.Name)
		} else if p.Check(h.sim.Record()) == "" {
			t.Errorf("%s accepts its bad history", p.Name)
		}
	}
	if why := agreement(bad["uniform-agreement"].sim.Record(), false); why != "" {
		t.Errorf("agreement counts what only the dead delivered: %s", why)
	}
}
