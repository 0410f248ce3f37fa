package gms5

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// learn acts on a decision that somebody else made or passed on.
func (p *primary) learn(from string, d *wire.Decision) {
	next := slices.Contains(d.Value.Members, p.self)
	switch {
	case p.mode == joining && next:
		p.logf("admitted to view %d by %s", d.View+1, from)
		p.keep(record{Decided: d})
		p.prev = d
		p.spread(d, from)
		p.install(d.View+1, d.Value.Members, d.Last)
	case p.mode == joining && slices.Contains(d.Old, p.self):
		p.excluded(from, d.View+1) // admitted and dropped before we heard of it
	case p.mode != inside:
	case d.View == p.view:
		p.decided(d, from)
	case d.View > p.view:
		// The decision before it, ours, came about without us, so we are in no
		// view after it: only those that promised in it could be.
		p.must("I6", !next, "%s of view %d is in view %d", p.self, p.view, d.View+1)
		p.excluded(from, d.View+1)
	default:
		p.must("I2", p.prev == nil || p.prev.View != d.View || p.prev.SameAs(d),
			"view %d ended in two ways, the other from %s", d.View, from)
		if p.has(from) {
			p.heardFrom(from)
		} else {
			p.tellExcluded(from) // it passes its last decision on until it knows that we have it
		}
	}
}

// decided ends the view: the rest of its final log is delivered in it, then its
// successor is installed. The others are told first, also by those that leave:
// whoever knows a decision may be the only one left that does.
func (p *primary) decided(d *wire.Decision, from string) {
	rest := p.rest(d.Value)
	p.mustEndIn(d, rest)
	p.keep(record{Decided: d})
	p.prev, p.coord = d, nil
	p.spread(d, from)
	p.handOver(rest)
	if slices.Contains(d.Value.Members, p.self) {
		p.install(d.View+1, d.Value.Members, d.Last)
		return
	}
	// Nobody takes our messages after the final log, so those not in it never
	// will be delivered.
	p.depart(14, "not in the final log of view "+p.name)
	p.unconfirmed = slices.Clone(d.Value.Members)
}

// rest is what is not delivered yet of the view's final log: from our own log
// where the value has let go of it as stable.
func (p *primary) rest(v *wire.Value) []wire.Entry {
	var rest []wire.Entry
	if p.delivered < v.Start {
		_, rest = p.log.after(p.delivered, 0)
		rest = rest[:min(v.Start-p.delivered, len(rest))]
	}
	if from := max(p.delivered-v.Start, 0); from < len(v.Log) {
		rest = append(slices.Clip(rest), v.Log[from:]...)
	}
	return rest
}

// spread passes a decision on to everybody in both views.
func (p *primary) spread(d *wire.Decision, from string) {
	m := &wire.Message{Type: wire.Decide, View: d.View, Decision: d}
	for _, to := range d.Old {
		if to != p.self && to != from {
			p.send(to, m)
		}
	}
	for _, to := range d.Value.Members {
		if to != p.self && to != from && !slices.Contains(d.Old, to) {
			p.send(to, m)
		}
	}
}

func (p *primary) sendDecision(to string) {
	p.send(to, &wire.Message{Type: wire.Decide, View: p.prev.View, Decision: p.prev})
}

func (p *primary) tellExcluded(who string) {
	p.send(who, &wire.Message{Type: wire.Excluded, View: p.view})
}

// install begins a view. Own messages that are not delivered go to its leader.
func (p *primary) install(view int, members []string, last map[string]int) {
	p.kept, p.floor = 0, 0
	p.must("I6", p.view == 0 || view == p.view+1, "view %d follows %d at %s", view, p.view, p.self)
	wasFenced := p.changing()
	first := p.view == 0
	p.mode, p.view, p.name, p.members = inside, view, strconv.Itoa(view), members
	p.log, p.commit, p.delivered = viewLog{}, 0, 0
	p.last, p.ordered = maps.Clone(last), tallyOf(last)
	p.sequencer = sequencer{acked: map[string]int{}}
	p.acceptor = acceptor{}
	p.follower = follower{nackedAt: -1}
	p.submitted, p.submits, p.stuckAt = last[p.self], nil, -1
	p.resetDetector()
	p.resetDoor()
	p.logf("install view %d: %s", view, strings.Join(members, " "))
	p.do(gms.Install{View: p.name, Members: slices.Clone(members)})
	if wasFenced {
		p.do(gms.Flush{On: false})
	}
	if first {
		p.joined()
	}
	p.signOfLife()
	p.submit()
}

// answerStale brings somebody up to date who is behind: with the decision that
// ended its view, or with the news that the group goes on without it.
func (p *primary) answerStale(from string, m *wire.Message) {
	switch {
	case p.prev != nil && m.View == p.prev.View && slices.Contains(p.prev.Old, from):
		p.sendDecision(from)
	case p.mode == inside && !p.has(from):
		p.tellExcluded(from)
	}
}

// askView asks somebody who is ahead how our view ended; once a tick is enough.
func (p *primary) askView(from string) {
	if p.viewAsked == 0 {
		p.viewAsked = p.view
		p.send(from, &wire.Message{Type: wire.ViewRequest, View: p.view})
	}
}

// excluded learns from a member of a later view that it goes on without us. How
// our view ended we don't know, so neither what became of our messages.
func (p *primary) excluded(from string, view int) {
	switch {
	case p.mode == gone:
		p.successorKnows(from, view)
	case p.mode == joining, p.mode == inside && view > p.view:
		p.logf("view %d goes on without us, says %s", view, from)
		p.depart(13, "excluded; the outcome is unknown")
	}
}

// depart ends our membership for good. Only a new incarnation can come back.
func (p *primary) depart(code int, why string) {
	for _, own := range p.pending {
		p.fail(own.req, code, "%s", why)
	}
	p.pending, p.pendingBytes = nil, 0
	p.acceptor = acceptor{}
	if p.joinOpen {
		p.joinOpen = false
		p.fail(p.joinReq, 13, "%s", why)
	}
	inside := p.mode == inside
	p.mode, p.goneAt = gone, p.now
	if p.leaveAsked {
		p.logf("left after view %d", p.view)
	} else {
		p.logf("excluded after view %d", p.view)
		p.do(gms.Evict{Reason: fmt.Sprintf("excluded after view %d", p.view)})
	}
	if !inside || p.prev == nil || p.prev.View != p.view {
		p.closeLeave()
	}
}

// tellSuccessors passes our last decision on until every member of the next
// view says that it has it (by saying that we are not in its view).
func (p *primary) tellSuccessors() {
	for _, m := range p.unconfirmed {
		p.sendDecision(m)
	}
	if waited := p.now - p.goneAt; waited > p.cfg.Timeout {
		p.closeLeave()
		if waited > 10*p.cfg.Timeout {
			p.unconfirmed = nil // from now on we only answer
		}
	}
}

func (p *primary) successorKnows(m string, view int) {
	if p.prev == nil || view <= p.prev.View {
		return
	}
	p.unconfirmed = slices.DeleteFunc(p.unconfirmed, func(u string) bool { return u == m })
	known := func(m string) bool { return !slices.Contains(p.unconfirmed, m) }
	if quorum(p.prev.Value.Members, known) {
		p.closeLeave()
	}
}

// fold adds delivered entries to a dedupe table and fits it to the next
// view: a place for each member, and of each node's former incarnations the
// newest, which tells its successor what was delivered. It is a function of
// what is decided, so everybody's is the same (I7).
func fold(last map[string]int, entries []wire.Entry, members []string) map[string]int {
	next := maps.Clone(last)
	if next == nil {
		next = map[string]int{}
	}
	for _, e := range entries {
		next[e.Origin] = e.Seq
	}
	newest := map[string]int{}
	for m := range next {
		if node, incarnation := gms.SplitMember(m); !slices.Contains(members, m) {
			newest[node] = max(newest[node], incarnation)
		}
	}
	maps.DeleteFunc(next, func(m string, _ int) bool {
		node, incarnation := gms.SplitMember(m)
		return !slices.Contains(members, m) && incarnation < newest[node]
	})
	for _, m := range members {
		next[m] += 0
	}
	return next
}
