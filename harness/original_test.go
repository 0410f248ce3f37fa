package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/system"
	"groupy/nemesis"
	"groupy/node"
	"groupy/node/draw"
	"groupy/workloads"
)

// The original's own tests, rebuilt on real processes and judged by the checker.
// Their kills come at quiet moments, where every level from gms2 on promises to
// lose nothing: what a kill in mid-broadcast does is the ladder's matter. Their
// detector is patient, since a closing connection shows a death at once.

// runPlans carries plans out side by side; they mostly wait.
func runPlans(t *testing.T, plans []*plan.Plan) []*run.Result {
	t.Helper()
	results, errs := make([]*run.Result, len(plans)), make([]error, len(plans))
	var wg sync.WaitGroup
	for i, p := range plans {
		job := runtest.JobFor(t, p)
		wg.Go(func() { results[i], errs[i] = job.Execute(context.Background()) })
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("%s: %v", plans[i].Name, err)
		}
	}
	return results
}

// events reads a run's history.
func events(t *testing.T, r *run.Result) []history.Event {
	t.Helper()
	path, err := r.Folder.History()
	if err != nil {
		t.Fatal(err)
	}
	file, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []history.Event
	for {
		e, err := file.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, *e)
	}
}

// plannedBy is a plan of the usual kind without faults, for a test to add its
// own.
func plannedBy(t *testing.T, o plan.Options) *plan.Plan {
	t.Helper()
	o.Seed, o.Nemesis = t.Name(), []string{}
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	p.Name = fmt.Sprintf("%s-%d", o.Protocol, o.Nodes)
	return p
}

// hush takes the operations between two times out of a plan.
func hush(p *plan.Plan, from, to time.Duration) {
	p.Ops = slices.DeleteFunc(p.Ops, func(op workloads.Op) bool {
		return op.AtMicros > from.Microseconds() && op.AtMicros < to.Microseconds()
	})
}

// Three workers show one colour, also after their leader crashed, and a new one
// takes the group's colour over.
func TestThreeColourWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("runs real processes for some seconds")
	}
	t.Parallel() // it mostly waits
	var plans []*plan.Plan
	for _, level := range []string{"gms2", "gms3", "gms4"} {
		p := plannedBy(t, plan.Options{
			Protocol: level, Workload: "colour", Nodes: 3, Rate: 60, TimeLimit: 5 * time.Second, Timeout: 5 * time.Second,
		})
		hush(p, 1500*time.Millisecond, 2500*time.Millisecond)
		p.Faults = []nemesis.Step{{ID: "f1", Fault: "kill", Target: "leader", AtMicros: 2_000_000, ForMicros: 1_500_000}}
		p.Requested = []string{"kill"}
		plans = append(plans, p)
	}
	for i, r := range runPlans(t, plans) {
		j := r.Judgement
		if j.Verdict == checker.Invalid {
			t.Errorf("%s: %s", plans[i].Name, words(j))
		}
		if s := j.Properties["state-agreement"]; s.Verdict != checker.Valid || s.Evidence < 100 {
			t.Errorf("%s: colours were compared %d times: %s", plans[i].Name, s.Evidence, s.Verdict)
		}
		last := map[string]string{} // by member: its colour at the end
		for _, e := range events(t, r) {
			if e.Type == history.Deliver && e.State != "" {
				last[e.Member] = e.State
			}
		}
		if last["n1.2"] == "" || last["n2.1"] != last["n3.1"] || last["n1.2"] != last["n2.1"] {
			t.Errorf("%s: the colours at the end are %v; want one for n1.2, n2.1 and n3.1", plans[i].Name, last)
		}
	}
}

// Rounds of the stress test: the group works, comes to rest, loses a random
// member, and gets it back as a new one.
const (
	stressRounds = 10
	stressRound  = 3 * time.Second
)

// stressPlan draws the victims from the seed: the leader in every third round or
// so, any node else.
func stressPlan(t *testing.T, level string, nodes int) *plan.Plan {
	p := plannedBy(t, plan.Options{
		Protocol: level, Workload: "colour", Nodes: nodes, Rate: 60,
		TimeLimit: stressRounds * stressRound, Timeout: 5 * time.Second,
	})
	p.Limits.RecoverMicros = 5_000_000 // dead slaves stay in the views: this is not waited for
	p.Promises = promisesOf("gms4")    // what is asked between a leader's death and its discovery is lost
	k := draw.New(p.Seed).With(strconv.Itoa(nodes))
	for i := range stressRounds {
		begin := time.Duration(i) * stressRound
		ki := k.At(uint64(i))
		target := p.Nodes[ki.With("victim").Intn(nodes)]
		if ki.With("leader").Chance(0.3) {
			target = nemesis.Leader
		}
		p.Faults = append(p.Faults, nemesis.Step{
			ID: fmt.Sprintf("f%d", i+1), Fault: "kill", Target: target,
			AtMicros: (begin + 1500*time.Millisecond).Microseconds(), ForMicros: 500_000,
		})
		hush(p, begin+time.Second, begin+stressRound)
	}
	p.Requested = []string{"kill"}
	return p
}

func TestStress(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 54 real processes for 40 seconds")
	}
	var plans []*plan.Plan
	for _, level := range []string{"gms2", "gms3", "gms4"} {
		for _, nodes := range []int{8, 10} {
			plans = append(plans, stressPlan(t, level, nodes))
		}
	}
	for i, r := range runPlans(t, plans) {
		name := plans[i].Name
		if r.Judgement.Verdict == checker.Invalid {
			t.Errorf("%s: %s", name, words(r.Judgement))
		}
		failures, needless := electionsPerFailure(events(t, r))
		if len(needless) > 0 {
			t.Errorf("%s: %v lost the lead and lived", name, needless)
		}
		if len(failures) != stressRounds {
			t.Errorf("%s: %d failures, want %d", name, len(failures), stressRounds)
		}
		leaders := 0
		for _, f := range failures {
			want := 0
			if f.led {
				leaders, want = leaders+1, 1
			}
			if f.elections != want {
				t.Errorf("%s: %d elections after the death of %s, want %d", name, f.elections, f.member, want)
			}
		}
		if leaders == 0 || leaders == len(failures) {
			t.Errorf("%s: %d of %d victims led: the test shows nothing of the others", name, leaders, len(failures))
		}
		t.Logf("%s: %d failures, of them %d of leaders; one election for each of these, none for the others",
			name, len(failures), leaders)
	}
}

// failure is one death in a history, and how often it got the group another
// leader.
type failure struct {
	member    string
	led       bool
	elections int
}

// electionsPerFailure counts from the history alone: a view whose first member
// is another than that of the view before it is an election, for the death of
// that one. The group may know of a death before the harness does, but then this
// death comes next; needless are the elections that depose a leader that lives.
// In the end phase the harness ends one member after the other, and the others
// may elect meanwhile. Views of gms1 to gms4 are numbered.
func electionsPerFailure(all []history.Event) (failures []failure, needless []string) {
	leader, newest := "", 0
	deposed := map[string]int{} // no longer leading, and not known to be dead
	for _, e := range all {
		if e.Type == history.Phase && e.Phase == history.PhaseEnd {
			break
		}
		switch {
		case e.Type == history.Stop && e.How == history.StopKill:
			n := deposed[e.Member]
			delete(deposed, e.Member)
			failures = append(failures, failure{member: e.Member, led: n > 0 || e.Member == leader, elections: n})
			for name := range deposed {
				needless = append(needless, name)
			}
			clear(deposed)
		case e.Type == history.View:
			number, err := strconv.Atoi(e.View)
			if err != nil || number <= newest {
				continue
			}
			newest = number
			if e.Members[0] == leader {
				continue
			}
			if i := slices.IndexFunc(failures, func(f failure) bool { return f.member == leader }); i >= 0 {
				failures[i].elections++
			} else if leader != "" {
				deposed[leader]++
			}
			leader = e.Members[0]
		}
	}
	for name := range deposed {
		needless = append(needless, name)
	}
	return failures, needless
}

func TestElectionsAreCounted(t *testing.T) {
	view := func(id string, members ...string) history.Event {
		return history.Event{Type: history.View, Member: members[0], View: id, Members: members}
	}
	stop := func(member string) history.Event {
		return history.Event{Type: history.Stop, Member: member, How: history.StopKill}
	}
	failures, needless := electionsPerFailure([]history.Event{
		view("1", "a"), view("2", "a", "b"), view("2", "a", "b"), stop("b"), view("3", "a", "b", "c", "d"),
		stop("a"), view("4", "c", "d"), view("3", "a", "b", "c", "d"), view("5", "d"), view("6", "e"), stop("d"),
		{Type: history.Fault, Phase: history.FaultEnd},
		view("7", "f"), stop("e"),
		{Type: history.Phase, Phase: history.PhaseEnd},
		view("8", "g"),
	})
	want := []failure{{"b", false, 0}, {"a", true, 1}, {"d", true, 1}, {"e", true, 1}}
	if !slices.Equal(failures, want) || !slices.Equal(needless, []string{"c"}) {
		t.Errorf("got %v and needless %v, want %v and c's", failures, needless, want)
	}
}

// joinMoments are the leader's deaths while n5 is on its way back.
var joinMoments = []struct {
	name  string
	main  time.Duration
	steps []nemesis.Step
}{
	{"asked", 3 * time.Second, []nemesis.Step{ // the request is on its way to the leader
		{ID: "f1", Fault: "kill", Target: "n5", AtMicros: 200_000, ForMicros: 800_000},
		{ID: "f2", Fault: "kill", Target: "n1", AtMicros: 600_000, When: &nemesis.When{From: "n5", Frame: "join"}},
	}},
	{"forwarded", 5 * time.Second, []nemesis.Step{ // … from n1, which came back itself and follows n2
		{ID: "f1", Fault: "kill", Target: "n1", AtMicros: 200_000, ForMicros: 300_000},
		{ID: "f2", Fault: "kill", Target: "n5", AtMicros: 2_200_000, ForMicros: 800_000},
		{ID: "f3", Fault: "kill", Target: "n2", AtMicros: 2_600_000, When: &nemesis.When{From: "n1", Frame: "join"}},
	}},
	{"admitted", 3 * time.Second, []nemesis.Step{ // its first view has reached the next in line alone
		{ID: "f1", Fault: "kill", Target: "n5", AtMicros: 200_000, ForMicros: 800_000},
		{ID: "f2", Fault: "kill", Target: "n1", AtMicros: 600_000, When: &nemesis.When{From: "n1", Frame: "view", Pass: []string{"n2"}}},
	}},
}

// A join while the leader dies ends in a view or in an error of the node's own,
// within its 5 s: the harness gives up only later, and its giving up shows in the
// history as silence.
func TestJoinsWhileTheLeaderDies(t *testing.T) {
	if testing.Short() {
		t.Skip("runs real processes for some seconds")
	}
	t.Parallel() // it mostly waits
	var plans []*plan.Plan
	for _, level := range []string{"gms2", "gms3", "gms4"} {
		for _, m := range joinMoments {
			p := plannedBy(t, plan.Options{Protocol: level, Nodes: 5, TimeLimit: m.main, Timeout: 5 * time.Second})
			p.Name += "-" + m.name
			p.Ops = nil
			p.Faults = m.steps
			p.Requested = []string{"kill"}
			p.Limits.RecoverMicros = p.Limits.JoinMicros // dead slaves stay in the views
			plans = append(plans, p)
		}
	}
	for i, r := range runPlans(t, plans) {
		name := plans[i].Name
		if n := r.Judgement.Stats.Faults["kill"]; n.Fail > 0 {
			t.Errorf("%s: %d of the deaths did not take place: %+v", name, n.Fail, r.Record.Outcome)
		}
		if !strings.HasPrefix(name, "gms2") && r.Judgement.Verdict == checker.Invalid {
			t.Errorf("%s: %s", name, words(r.Judgement))
		}
		joins, open := 0, map[string]bool{}
		for _, e := range events(t, r) {
			if e.F != node.TypeJoin || e.Node != "n5" {
				continue
			}
			switch e.Type {
			case history.Invoke:
				joins++
				open[e.Process] = true
			case history.OK, history.Fail, history.Info:
				delete(open, e.Process)
				if strings.HasPrefix(e.Error, "no answer within") {
					t.Errorf("%s: a join was not answered: %s", name, e.Error)
				}
			}
		}
		if joins < 2 || len(open) > 0 {
			t.Errorf("%s: n5 asked to join %d times, and %d were never answered", name, joins, len(open))
		}
	}
}

// promisesOf are those of a protocol.
func promisesOf(protocol string) []string {
	at := slices.IndexFunc(system.Levels, func(l system.Level) bool { return l.Name == protocol })
	return system.Levels[at].Promises
}
