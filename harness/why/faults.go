package why

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"groupy/checker/history"
	"groupy/nemesis"
	"groupy/nemesis/link"
)

// wordsOf are a fault's own words; none for one on links, which is told by what it does
// to messages, or one that this version does not know.
func wordsOf(fault string) (w nemesis.Words, onNodes bool) {
	f, err := nemesis.Find(fault)
	return f.Words, err == nil && f.Words.One != ""
}

// faultScene tells a fault's begin or end.
func (b *teller) faultScene(e *history.Event) scene {
	if e.Phase == history.FaultSkip {
		return scene{}
	}
	var v struct {
		Node   string      `json:"node"`
		Target string      `json:"target"`
		Links  [][2]string `json:"links"`
		Rule   *link.Rule  `json:"rule"`
	}
	if json.Unmarshal(e.Value, &v) != nil {
		return scene{}
	}
	over := e.Phase == history.FaultEnd
	words, onNodes := wordsOf(e.Fault)
	switch {
	case onNodes && over && words.Over == "":
		return scene{} // its new start is told
	case onNodes && over:
		return scene{who: nodesOf(e, v.Node), one: words.Over, many: severally(words.Over), weight: 4}
	case onNodes:
		aim := aimText(b.steps[e.ID])
		return scene{who: nodesOf(e, v.Node), one: words.One + aim, many: words.Many + aim, weight: 6}
	case len(v.Links) == 0:
		return scene{one: fmt.Sprintf("the fault %s on %s: %s", e.Fault, v.Target, e.Phase), weight: 5}
	case over && v.Rule == nil:
		return scene{one: "the cut heals", weight: 4}
	case over:
		return scene{one: "messages pass as before " + linkNames(v.Links), weight: 4}
	case e.Fault == "reset":
		return scene{one: "connections are reset " + linkNames(v.Links), weight: 6}
	case v.Rule != nil:
		return scene{one: "from now on " + ruleWords(*v.Rule) + " " + linkNames(v.Links), weight: 6}
	}
	return scene{one: cutWords(v.Links), weight: 6}
}

// severally is what is over for one node, said of several.
func severally(one string) string {
	return strings.NewReplacer("goes", "go", "has ", "have ").Replace(one)
}

// nodesOf are the nodes that a fault acts on: the one that its value names, or
// all that are in its evidence.
func nodesOf(e *history.Event, one string) []string {
	if one != "" {
		return []string{one}
	}
	var evidence map[string]json.RawMessage
	_ = json.Unmarshal(e.Evidence, &evidence)
	for _, name := range []string{"pid", "gone", "gone_and_started"} {
		var by map[string]any
		if json.Unmarshal(evidence[name], &by) == nil && len(by) > 0 {
			return slices.Sorted(maps.Keys(by))
		}
	}
	var resumed []string
	_ = json.Unmarshal(evidence["resumed"], &resumed)
	return resumed
}

// aimText says what a step waited for.
func aimText(s nemesis.Step) string {
	switch {
	case s.When != nil && s.When.Calls > 0:
		return fmt.Sprintf(", at call %d of its disk since", s.When.Calls)
	case s.When == nil:
		return ""
	case s.When.Frame == nemesis.AnyFrame:
		return fmt.Sprintf(", having sent %d messages on some link since", s.When.Skip)
	case len(s.When.Pass) == 0:
		return " as it sends " + s.When.Frame
	}
	var to []string
	for _, name := range s.When.Pass {
		switch name {
		case nemesis.Next:
			name = "the next in line"
		case nemesis.Receiver:
			name = "whom the first of them was for"
		}
		to = append(to, name)
	}
	return ", having sent " + s.When.Frame + " to " + listed(to) + " and to nobody else"
}

// ruleWords says what a rule does to what passes.
func ruleWords(r link.Rule) string {
	var parts []string
	for _, chance := range []struct {
		is string
		of float64
	}{{"lost", r.Drop}, {"delivered twice", r.Duplicate}, {"overtaken by later ones", r.Reorder}} {
		switch {
		case chance.of >= 1:
			parts = append(parts, "every message is "+chance.is)
		case chance.of > 0:
			parts = append(parts, fmt.Sprintf("%.3g%% of the messages are %s", 100*chance.of, chance.is))
		}
	}
	if r.Delay > 0 {
		parts = append(parts, "messages take "+r.Delay.Round(time.Microsecond).String()+" longer")
	}
	if r.Jitter > 0 {
		parts = append(parts, "messages take up to "+r.Jitter.Round(time.Microsecond).String()+" longer")
	}
	if r.BytesPerSec > 0 {
		parts = append(parts, fmt.Sprintf("%d bytes a second pass", r.BytesPerSec))
	}
	return listed(parts)
}

// cutWords says who loses whom: two sides where the cut links are all that lie
// between them, and else link by link.
func cutWords(links [][2]string) string {
	cut := map[[2]string]bool{}
	for _, l := range links {
		cut[l] = true
	}
	a, b := ends(links)
	all := func(from, to []string) bool {
		return !slices.ContainsFunc(from, func(x string) bool {
			return slices.ContainsFunc(to, func(y string) bool { return x == y || !cut[[2]string{x, y}] })
		})
	}
	if len(a)*len(b) == len(links) && all(a, b) {
		return "what " + listed(a) + verb(a, " sends", " send") + " to " + listed(b) + " is lost from now on"
	}
	// The side of the first link's sender is whoever loses the same nodes as it.
	reach := func(x string) (lost []string) {
		for _, y := range b {
			if cut[[2]string{x, y}] {
				lost = append(lost, y)
			}
		}
		return lost
	}
	other := reach(a[0])
	side := slices.DeleteFunc(slices.Clone(a), func(x string) bool { return !slices.Equal(reach(x), other) })
	if 2*len(side)*len(other) == len(links) && all(side, other) && all(other, side) {
		return listed(side) + verb(side, " is", " are") + " cut off from " + listed(other)
	}
	return "nothing passes " + linkNames(links)
}

func verb(who []string, one, many string) string {
	if len(who) == 1 {
		return one
	}
	return many
}

// ends are the senders and the receivers of links, each once, in order.
func ends(links [][2]string) (from, to []string) {
	for _, l := range links {
		from, to = append(from, l[0]), append(to, l[1])
	}
	slices.Sort(from)
	slices.Sort(to)
	return slices.Compact(from), slices.Compact(to)
}

// linkNames are links in short: all from or to one node together, all among some
// nodes.
func linkNames(links [][2]string) string {
	from, to := ends(links)
	switch {
	case len(from)*len(to) == len(links) && (len(from) == 1 || len(to) == 1):
		return "from " + listed(from) + " to " + listed(to)
	case len(links) == len(from)*(len(from)-1) && slices.Equal(from, to):
		return "among " + listed(from)
	}
	var names []string
	for _, l := range links {
		names = append(names, "from "+l[0]+" to "+l[1])
	}
	return listed(names)
}
