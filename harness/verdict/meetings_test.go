package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/checker/history"
	"groupy/harness/plan"
)

// Each fault meets what the group is doing when it comes, and not what it does to
// the group itself.
func TestFaultsMeetMoments(t *testing.T) {
	formed := []history.Event{
		{Type: history.Start, Node: "n1", Member: "n1.1"},
		{Type: history.Start, Node: "n2", Member: "n2.1"},
		{Type: history.View, Member: "n1.1", View: "1", Members: []string{"n1.1", "n2.1"}},
		{Type: history.View, Member: "n2.1", View: "1", Members: []string{"n1.1", "n2.1"}},
		{Type: history.Phase, Phase: history.PhaseMain},
	}
	kill := []history.Event{
		{Type: history.Stop, Node: "n2", Member: "n2.1", How: history.StopKill},
		{Type: history.Fault, Fault: "kill", Phase: history.FaultBegin, Value: []byte(`{"node":"n2"}`)},
	}
	drop := []history.Event{{Type: history.Fault, Fault: "drop", Phase: history.FaultBegin}}
	ask := func(f string) history.Event {
		return history.Event{Type: history.Invoke, Process: "c1", Node: "n1", F: f}
	}
	two := func(a, b []history.Event) []history.Event { return append(append([]history.Event{}, a...), b...) }
	for _, c := range []struct {
		name   string
		events []history.Event
		want   plan.Coverage
	}{
		{"nothing goes on", kill, plan.Coverage{"kill": {plan.MomentIdle: 1}}},
		{"a fault that did not take hold meets nothing", []history.Event{{Type: history.Fault, Fault: "drop", Phase: history.FaultSkip}}, plan.Coverage{}},
		{"an operation is open", two([]history.Event{ask("multicast")}, kill), plan.Coverage{"kill": {plan.MomentInFlight: 1}}},
		{"it is answered", two([]history.Event{ask("multicast"), {Type: history.OK, Process: "c1"}}, kill), plan.Coverage{"kill": {plan.MomentIdle: 1}}},
		{"one has delivered", two([]history.Event{{Type: history.Deliver, Member: "n1.1"}}, drop), plan.Coverage{"drop": {plan.MomentInFlight: 1}}},
		{"both have", two([]history.Event{{Type: history.Deliver, Member: "n1.1"}, {Type: history.Deliver, Member: "n2.1"}}, drop), plan.Coverage{"drop": {plan.MomentIdle: 1}}},
		{"a join is open", two([]history.Event{ask("join")}, drop), plan.Coverage{"drop": {plan.MomentJoin: 1}}},
		{"one is blocked", two([]history.Event{{Type: history.Block, Member: "n1.1"}}, drop), plan.Coverage{"drop": {plan.MomentViewChange: 1}}},
		{"one is in the next view", two([]history.Event{{Type: history.View, Member: "n1.1", View: "2", Members: []string{"n1.1", "n2.1"}}}, drop), plan.Coverage{"drop": {plan.MomentViewChange: 1}}},
		{"an earlier death is not overcome", two(kill, drop), plan.Coverage{"kill": {plan.MomentIdle: 1}, "drop": {plan.MomentRecovery: 1}}},
		{"the last one dies, which is its own doing", two(two(kill, []history.Event{{Type: history.View, Member: "n1.1", View: "2", Members: []string{"n1.1"}}}), []history.Event{
			{Type: history.Stop, Node: "n1", Member: "n1.1", How: history.StopKill},
			{Type: history.Fault, Fault: "kill", Phase: history.FaultBegin, Value: []byte(`{"node":"n1"}`)},
		}), plan.Coverage{"kill": {plan.MomentIdle: 2}}},
		{"it is", two(two(kill, []history.Event{{Type: history.View, Member: "n1.1", View: "2", Members: []string{"n1.1"}}}), drop), plan.Coverage{"kill": {plan.MomentIdle: 1}, "drop": {plan.MomentIdle: 1}}},
	} {
		m := newMeetings(nil)
		for _, e := range append(append([]history.Event{}, formed...), c.events...) {
			m.see(&e)
		}
		if diff := cmp.Diff(c.want, m.met); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}
