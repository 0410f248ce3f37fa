package why

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"groupy/checker/history"
	"groupy/harness/internal/loop"
	"groupy/harness/verdict"
)

// tell reads the story of a history, given in short: times in seconds, indexes by
// order.
func tell(t *testing.T, events ...string) *verdict.Story {
	t.Helper()
	lines := []string{`{"type":"header","format":"groupy-history/1","nodes":["n1","n2"]}`}
	for i, e := range events {
		at, rest, _ := strings.Cut(e, " ")
		lines = append(lines, strings.NewReplacer("#", string(loop.Raw(i)), "@", at+"000000000").Replace(`{"index":#,"time":@,`)+rest+"}")
	}
	r, err := history.NewReader(strings.NewReader(strings.Join(lines, "\n")+"\n"), "history")
	if err != nil {
		t.Fatal(err)
	}
	s := verdict.NewStory()
	for e, err := range r.Events() {
		if err != nil {
			t.Fatal(err)
		}
		s.See(e)
	}
	return s
}

const (
	startN1    = `1 "type":"start","node":"n1","member":"n1.1"`
	startN2    = `1 "type":"start","node":"n2","member":"n2.1"`
	bothN1     = `2 "type":"view","member":"n1.1","view":"2","members":["n1.1","n2.1"]`
	bothN2     = `2 "type":"view","member":"n2.1","view":"2","members":["n1.1","n2.1"]`
	kill       = `3 "type":"fault","fault":"kill","id":"f1","phase":"begin","evidence":{"gone":{}}`
	stopN1     = `3 "type":"stop","node":"n1","member":"n1.1","how":"kill"`
	aloneN2    = `4 "type":"view","member":"n2.1","view":"3","members":["n2.1"]`
	heal       = `5 "type":"phase","phase":"heal"`
	againN1    = `6 "type":"start","node":"n1","member":"n1.2"`
	killEnd    = `6 "type":"fault","fault":"kill","id":"f1","phase":"end","evidence":{"started":{}}`
	newN2      = `7 "type":"view","member":"n2.1","view":"4","members":["n2.1","n1.2"]`
	newN1      = `8 "type":"view","member":"n1.2","view":"4","members":["n2.1","n1.2"]`
	recovering = `8 "type":"phase","phase":"recover"`
	quiesce    = `9 "type":"phase","phase":"quiesce"`
	skip       = `4 "type":"fault","fault":"pause","id":"f2","phase":"skip","reason":"n1 is down"`
	late       = `9 "type":"stop","node":"n1","member":"n1.2","how":"shutdown"`
)

func TestTheStoryOfARun(t *testing.T) {
	got := tell(t, startN1, startN2, bothN1, bothN2, kill, stopN1, skip, aloneN2, heal, againN1, killEnd, newN2, newN1, recovering, quiesce, late)
	want := &verdict.Story{
		Faults: []verdict.FaultStory{
			{ID: "f1", Name: "kill", Began: 3 * time.Second, Ended: 6 * time.Second, Proof: []byte(`{"gone":{}}`), Undone: []byte(`{"started":{}}`)},
			{ID: "f2", Name: "pause", Began: 4 * time.Second, Skipped: "n1 is down"},
		},
		Views: 3, Leaders: 1, Last: "4", Members: []string{"n2.1", "n1.2"},
		Healed: true, Recovered: true, Recovery: 3 * time.Second,
		Together: []verdict.Span{{From: 2 * time.Second, To: 3 * time.Second}, {From: 4 * time.Second, To: 6 * time.Second}, {From: 8 * time.Second}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(verdict.Story{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRecovery(t *testing.T) {
	for _, c := range []struct {
		name      string
		events    []string
		recovered bool
		after     time.Duration
	}{
		{"one view all along", []string{startN1, startN2, bothN1, bothN2, heal, quiesce}, true, 0},
		{"before healing", []string{startN1, startN2, bothN1, bothN2, stopN1, aloneN2, heal, quiesce}, true, 0},
		{"the dead one is still in the view", []string{startN1, startN2, bothN1, bothN2, stopN1, heal, quiesce}, false, 0},
		{"one of two is in the new view", []string{startN1, startN2, bothN1, bothN2, stopN1, aloneN2, heal, againN1, newN2, quiesce}, false, 0},
		{"too late", []string{startN1, startN2, bothN1, bothN2, stopN1, aloneN2, heal, againN1, newN2, `9 "type":"phase","phase":"quiesce"`, newN1}, false, 0},
		{"nobody lives", []string{startN1, stopN1, heal, quiesce}, false, 0},
		{"stopped before", []string{startN1, startN2, bothN1, bothN2, heal}, false, 0},
	} {
		s := tell(t, c.events...)
		if !s.Healed || s.Recovered != c.recovered || s.Recovery != c.after {
			t.Errorf("%s: healed %v, recovered %v after %v; want %v after %v", c.name, s.Healed, s.Recovered, s.Recovery, c.recovered, c.after)
		}
	}
}
