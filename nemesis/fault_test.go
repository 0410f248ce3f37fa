package nemesis_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/nemesis/nemesistest"
	"groupy/node/draw"
)

func TestEveryFaultKeepsItsContract(t *testing.T) {
	for _, f := range nemesis.Faults {
		t.Run(f.Name, func(t *testing.T) {
			nemesistest.Contract(t, f, func(*testing.T) nemesistest.World { return nemesistest.NewVirtual(5) })
		})
	}
}

func TestTheListIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range nemesis.Faults {
		if f.Name == "" || f.Sentence == "" || f.Plan == nil || f.Begin == nil || f.Held == nil || (f.End == nil) != (f.Gone == nil) {
			t.Errorf("%q lacks something", f.Name)
		}
		if strings.ContainsAny(f.Name, " ,") || seen[f.Name] {
			t.Errorf("%q is no name for --nemesis, or taken", f.Name)
		}
		seen[f.Name] = true
		if got, err := nemesis.Find(f.Name); err != nil || got.Name != f.Name {
			t.Errorf("Find(%q): %q, %v", f.Name, got.Name, err)
		}
	}
	if _, err := nemesis.Find("flood"); err == nil || !strings.Contains(err.Error(), "partition-halves") {
		t.Errorf("Find of a wrong name: %v, want the names there are", err)
	}
}

// roster is n1 to n<n>.
func roster(n int) (nodes []string) {
	for i := range n {
		nodes = append(nodes, fmt.Sprint("n", i+1))
	}
	return nodes
}

func TestPlansAreFunctionsOfTheirKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(nemesis.Faults).Draw(t, "fault")
		seed := rapid.String().Draw(t, "seed")
		nodes := roster(rapid.IntRange(1, 9).Draw(t, "nodes"))
		var bytes [2]string
		for i := range bytes {
			s := nemesis.Step{ID: "f1", Fault: f.Name, ForMicros: 7}
			given := slices.Clone(nodes)
			f.Plan(draw.New(seed), given, &s)
			if !slices.Equal(given, nodes) {
				t.Fatalf("%s changes the roster", f.Name)
			}
			b, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			bytes[i] = string(b)
			if r := s.Rule; r != nil && (r.Drop > 0.2 || r.Duplicate > 0.2 || r.Reorder > 0.4 || r.Delay > 3e8 || r.Jitter > 3e8 || *r == link.Rule{}) {
				t.Fatalf("%s: a rule out of bounds: %+v", f.Name, r)
			}
		}
		if bytes[0] != bytes[1] {
			t.Fatalf("the same key plans\n%s\n%s", bytes[0], bytes[1])
		}
	})
}

// Any fault on any roster either begins or says why not, and what it holds is
// gone after its end.
func TestFaultsOnSmallRostersBeginOrSayWhyNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(nemesis.Faults).Draw(t, "fault")
		n := rapid.IntRange(1, 6).Draw(t, "nodes")
		w := nemesistest.NewVirtual(n)
		s := &nemesis.Active{Step: nemesis.Step{ID: "f1", Fault: f.Name, ForMicros: 1e6}}
		f.Plan(draw.New(rapid.String().Draw(t, "seed")), w.Nodes(), &s.Step)
		if err := f.Begin(w, s); err != nil {
			if err.Error() == "" || n >= 5 && s.Target == "" {
				t.Fatalf("%s does not begin on %d nodes: %v", f.Name, n, err)
			}
			return
		}
		if len(s.Pairs) == 0 && len(s.Nodes) == 0 {
			t.Fatalf("%s begins on %d nodes with nothing to act on", f.Name, n)
		}
	})
}

// begin begins a step as planned by hand.
func begin(t *testing.T, w *nemesistest.Virtual, step nemesis.Step) (nemesis.Fault, *nemesis.Active, error) {
	t.Helper()
	f, err := nemesis.Find(step.Fault)
	if err != nil {
		t.Fatal(err)
	}
	s := &nemesis.Active{Step: step}
	return f, s, f.Begin(w, s)
}

func TestKilledForGoodStaysDeadThroughTheHeal(t *testing.T) {
	w := nemesistest.NewVirtual(3)
	f, s, err := begin(t, w, nemesis.Step{ID: "f1", Fault: "kill", Target: "leader"})
	if err != nil {
		t.Fatal(err)
	}
	w.Settle()
	if f.Held(w, s) == nil {
		t.Fatal("no evidence of a dead process")
	}
	if err := f.End(w, s); err != nil {
		t.Fatal(err)
	}
	if f.Gone(w, s) == nil {
		t.Error("the heal phase would wait for a node that stays away")
	}
	w.Settle()
	if p := w.Process("n1"); p.Running || p.Incarnation != 1 {
		t.Errorf("n1 is %+v, want it dead", p)
	}
}

func TestWhoDoesNotGoIsBroughtBackAllTheSame(t *testing.T) {
	w := nemesistest.NewVirtual(3)
	f, s, err := begin(t, w, nemesis.Step{ID: "f1", Fault: "leave", Target: "n2", ForMicros: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.End(w, s); err != nil { // before it is gone
		t.Fatal(err)
	}
	for range 3 {
		w.Settle()
		f.Gone(w, s)
	}
	if p := w.Process("n2"); !p.Running || p.Incarnation != 2 || !p.Joined {
		t.Errorf("n2 is %+v, want its second incarnation joined", p)
	}
}

func TestTheLastMemberIsSpared(t *testing.T) {
	for _, name := range []string{"kill", "restart", "shutdown", "leave"} {
		w := nemesistest.NewVirtual(2)
		if _, _, err := begin(t, w, nemesis.Step{ID: "f1", Fault: name, Target: "n1,n2"}); err == nil {
			t.Errorf("%s takes all members", name)
		}
		w.Settle()
		if !w.Process("n1").Running || !w.Process("n2").Running {
			t.Errorf("%s refuses and does it all the same", name)
		}
	}
}

func TestOverlappingFaultsEachHaveTheirUndo(t *testing.T) {
	w := nemesistest.NewVirtual(4)
	f, a, err := begin(t, w, nemesis.Step{ID: "a", Fault: "isolate-one", Groups: [][]string{{"n1"}, {nemesis.Others}}})
	if err != nil {
		t.Fatal(err)
	}
	_, b, err := begin(t, w, nemesis.Step{ID: "b", Fault: "partition-halves", Groups: [][]string{{"n1", "n2"}, {"n3", "n4"}}})
	if err != nil {
		t.Fatal(err)
	}
	hears := func(from, to string) bool { return w.Talk(1)[[2]string{from, to}] == 1 }
	if hears("n1", "n2") || hears("n1", "n3") || hears("n2", "n3") || !hears("n3", "n4") {
		t.Error("two cuts are not both in force")
	}
	if err := f.End(w, a); err != nil {
		t.Fatal(err)
	}
	if !hears("n1", "n2") || hears("n1", "n3") {
		t.Error("the end of one cut is not the end of it alone")
	}
	if err := f.End(w, b); err != nil {
		t.Fatal(err)
	}
	if !hears("n1", "n3") {
		t.Error("after the end of both a link is still cut")
	}
	if _, _, err := begin(t, w, nemesis.Step{ID: "c", Fault: "pause", Target: "n1,n2"}); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	if _, _, err := begin(t, w, nemesis.Step{ID: "d", Fault: "pause", Target: "n2"}); err == nil {
		t.Error("a paused node is paused again: the first end would undo both")
	}
}

func TestSkipsSayWhy(t *testing.T) {
	w := nemesistest.NewVirtual(3)
	f, s, err := begin(t, w, nemesis.Step{ID: "f1", Fault: "drop", Rule: &link.Rule{Drop: 0.5}})
	if err != nil {
		t.Fatal(err)
	}
	if why := f.Why(w, s); !strings.Contains(why, "nothing was sent") {
		t.Errorf("on silent links: %q", why)
	}
	w.TalkUnframed(3)
	if why := f.Why(w, s); !strings.Contains(why, "not framed") || f.Held(w, s) != nil {
		t.Errorf("on traffic without frames: %q, evidence %v", why, f.Held(w, s))
	}
	for _, step := range []nemesis.Step{
		{ID: "x", Fault: "kill", Target: "n9"},
		{ID: "x", Fault: "kill"},
		{ID: "x", Fault: "drop"},
		{ID: "x", Fault: "one-way", Groups: [][]string{{"n1"}}},
		{ID: "x", Fault: "isolate-leader", Groups: [][]string{{"leader"}, {"n1"}}},
		{ID: "x", Fault: "partition-halves", Groups: [][]string{{nemesis.Others}, {nemesis.Others}}},
		{ID: "x", Fault: "partition-halves"},
	} {
		if _, _, err := begin(t, w, step); err == nil {
			t.Errorf("%+v begins", step)
		}
	}
}
