package why

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/verdict"
	"groupy/nemesis"
	"groupy/node"
)

// StoryLines is how long a story is at most.
const StoryLines = 10

// Tell tells a failing run in a few sentences, in the order of its history: who
// is in the group, what the faults do, which views that makes, and what becomes of
// the messages of the violation's witness. All else is left out. It is meant for
// small runs; of a large one it tells what is nearest to the violation.
func Tell(t *run.Trial, p *plan.Plan, wanted verdict.Signature) []string {
	return story(t, p, wanted, StoryLines)
}

func story(t *run.Trial, p *plan.Plan, wanted verdict.Signature, most int) []string {
	b := &teller{
		steps: map[string]nemesis.Step{}, witness: map[int64]bool{}, matters: map[string]bool{},
		had: map[string][]string{}, twice: map[string]bool{},
	}
	for _, s := range p.Faults {
		b.steps[s.ID] = s
	}
	b.survey(t, wanted)
	for e := range t.Events() {
		b.see(e)
	}
	result := t.Judgement.Properties[wanted.Property()]
	lines := []string{b.opening()}
	for _, s := range shortened(b.scenes, most-2) {
		lines = append(lines, s.text())
	}
	lines = append(lines, fmt.Sprintf("so %s is violated: %s", wanted, result.Explanation))
	return b.plainNames(p.Nodes, lines)
}

// teller collects the scenes of a story.
type teller struct {
	steps   map[string]nemesis.Step // the plan's faults
	witness map[int64]bool          // indexes of the violation's events
	matters map[string]bool         // its messages
	from    int64                   // index of the event that the story begins with
	to      int64                   // and ends with
	main    int64                   // time from which it counts: where the main phase begins, or the story if that is earlier

	group  []string // members of the view that the story begins with
	view   string
	scenes []scene
	had    map[string][]string // by member: the messages that matter and that it delivered
	anyone []string            // those that somebody delivered
	twice  map[string]bool     // nodes with a second incarnation in the story
}

// scene is one sentence: several members doing the same one after the other are
// one scene.
type scene struct {
	at     time.Duration // of the main phase
	who    []string      // may be empty
	one    string        // what follows the name of one
	many   string        // and those of several
	weight int           // what is lighter is left out first
}

func (s scene) text() string {
	what := s.one
	if len(s.who) > 1 {
		what = s.many
	}
	return line(fmt.Sprintf("%.3f ms", float64(s.at)/float64(time.Millisecond)), strings.TrimSpace(listed(s.who)+" "+what))
}

// line is a sentence with its time before it.
func line(at, text string) string { return fmt.Sprintf("%12s  %s", at, text) }

// survey finds what the violation is about, and between which events it lies.
func (b *teller) survey(t *run.Trial, wanted verdict.Signature) {
	for _, w := range t.Judgement.Properties[wanted.Property()].Witness {
		b.witness[w.Index] = true
		b.to = max(b.to, w.Index)
	}
	type moment struct{ index, time int64 }
	asked := map[string]moment{}
	var first *moment           // of the witness
	again := map[string]int64{} // by node: index of its second start
	liveness := slices.ContainsFunc(checker.Properties, func(p checker.Property) bool {
		return p.Name == wanted.Property() && p.Kind == checker.Liveness
	})
	for e := range t.Events() {
		switch {
		case e.Type == history.Phase && e.Phase == history.PhaseMain:
			b.from, b.main = e.Index, e.Time
		case e.Type == history.Phase && e.Phase == history.PhaseEnd && liveness:
			b.to = e.Index
		case e.Type == history.Start && strings.HasSuffix(e.Member, ".2"):
			again[e.Node] = e.Index
		case e.Type == history.Invoke && e.F == node.TypeMulticast:
			asked[text(e.Value)] = moment{e.Index, e.Time}
		}
		if b.witness[e.Index] && aboutMessage(e) != "" {
			b.matters[aboutMessage(e)] = true
		}
		if b.witness[e.Index] && first == nil {
			first = &moment{e.Index, e.Time}
		}
	}
	for name, at := range again {
		b.twice[name] = at <= b.to
	}
	for msg, at := range asked { // the violation may lie in the bootstrap
		if b.matters[msg] {
			b.beginAt(at.index, at.time)
		}
	}
	if b.to < b.from && first != nil {
		b.beginAt(first.index, first.time)
	}
}

func (b *teller) beginAt(index, time int64) {
	if index < b.from {
		b.from, b.main = index, min(b.main, time)
	}
}

// aboutMessage is the message that an event is about; "" if none.
func aboutMessage(e *history.Event) string {
	if e.F == node.TypeMulticast {
		return text(e.Value)
	}
	return e.Msg
}

// see takes the history's next event.
func (b *teller) see(e *history.Event) {
	if e.Index < b.from {
		if e.Type == history.View && e.IsPrimary() {
			b.group, b.view = e.Members, e.View
		}
		b.delivered(e)
		return
	}
	if e.Index > b.to {
		return
	}
	s := b.sceneOf(e)
	b.delivered(e)
	if s.one == "" {
		return
	}
	s.at = time.Duration(e.Time - b.main)
	if b.witness[e.Index] {
		s.weight += 10
	}
	if n := len(b.scenes); n > 0 && len(s.who) == 1 {
		if last := &b.scenes[n-1]; last.one == s.one && len(last.who) > 0 && !slices.Contains(last.who, s.who[0]) {
			last.who = append(last.who, s.who...)
			last.weight = max(last.weight, s.weight)
			return
		}
	}
	b.scenes = append(b.scenes, s)
}

func (b *teller) delivered(e *history.Event) {
	if e.Type == history.Deliver && b.matters[e.Msg] {
		b.had[e.Member] = append(b.had[e.Member], e.Msg)
		if !slices.Contains(b.anyone, e.Msg) {
			b.anyone = append(b.anyone, e.Msg)
		}
	}
}

// endScene is the end of a process that nobody asked for.
func endScene(e *history.Event) scene {
	s := scene{who: []string{e.Member}, weight: 4}
	switch {
	case e.How == history.StopExit && e.Code != nil:
		s.one, s.many = fmt.Sprintf("exits by itself with code %d", *e.Code), fmt.Sprintf("exit by themselves with code %d", *e.Code)
	case e.How == history.StopSignal:
		s.one, s.many = "is ended by a signal that nobody sent: "+e.Reason, "are ended by a signal that nobody sent: "+e.Reason
	case e.How == history.StopDamaged && e.Fault == "":
		s.one, s.many = "finds what it stored damaged", "find what they stored damaged"
	default:
		return scene{}
	}
	return s
}

// sceneOf puts an event into words; an empty scene is one that does not matter.
func (b *teller) sceneOf(e *history.Event) scene {
	msg := aboutMessage(e)
	switch e.Type {
	case history.Fault:
		return b.faultScene(e)
	case history.View:
		return b.viewScene(e)
	case history.Start:
		return scene{who: []string{e.Node}, one: "starts again, as " + e.Member, weight: 3}
	case history.Stop:
		return endScene(e)
	case history.Evict:
		return scene{who: []string{e.Member}, one: "learns that it is out of the group", many: "learn that they are out of the group", weight: 3}
	case history.Invoke:
		if b.matters[msg] {
			return scene{who: []string{e.Node}, one: "is asked to multicast " + msg, weight: 4}
		}
	case history.OK:
		if b.matters[msg] && b.witness[e.Index] {
			return scene{who: []string{e.Node}, one: "acknowledges " + msg, weight: 4}
		}
	case history.Deliver:
		if b.matters[e.Msg] {
			what := e.Msg + " in view " + e.View
			return scene{who: []string{e.Member}, one: "delivers " + what, many: "deliver " + what, weight: 2}
		}
	}
	return scene{}
}

// viewScene tells an install, and which of the messages that others have
// delivered the member goes on without.
func (b *teller) viewScene(e *history.Event) scene {
	what := " view " + e.View + " of " + listed(e.Members)
	if !e.IsPrimary() {
		what = " non-primary" + what
	}
	var without []string
	for _, msg := range b.anyone {
		if !slices.Contains(b.had[e.Member], msg) {
			without = append(without, msg)
		}
	}
	if len(without) > 0 && slices.Contains(b.group, e.Member) {
		what += ", without " + listed(without)
	}
	return scene{who: []string{e.Member}, one: "installs" + what, many: "install" + what, weight: 3}
}

// opening is the first sentence.
func (b *teller) opening() string {
	if len(b.group) == 0 {
		return line("at first", "no group has formed yet")
	}
	if len(b.group) == 1 {
		return line("at first", fmt.Sprintf("%s is alone in view %s", b.group[0], b.view))
	}
	return line("at first", fmt.Sprintf("%s are in view %s, %s leads", listed(b.group), b.view, b.group[0]))
}

// plainNames writes n1 for n1.1 where a node has no other incarnation.
func (b *teller) plainNames(nodes, lines []string) []string {
	for _, name := range nodes {
		if b.twice[name] {
			continue
		}
		first := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\.1\b`)
		for i := range lines {
			lines[i] = first.ReplaceAllLiteralString(lines[i], name)
		}
	}
	return lines
}

// shortened leaves out the lightest scenes until no more than most are left;
// of equals the earliest.
func shortened(scenes []scene, most int) []scene {
	scenes = slices.Clone(scenes)
	for len(scenes) > most {
		lightest := 0
		for i, s := range scenes {
			if s.weight < scenes[lightest].weight {
				lightest = i
			}
		}
		scenes = slices.Delete(scenes, lightest, lightest+1)
	}
	return scenes
}

// listed is an enumeration: n1, n2 and n3.
func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// text is a JSON text; "" if it is something else.
func text(value json.RawMessage) string {
	var s string
	_ = json.Unmarshal(value, &s)
	return s
}
