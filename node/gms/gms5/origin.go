package gms5

import (
	"fmt"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// origin is what a member knows of its own messages.
type origin struct {
	asked        int       // messages numbered so far
	pending      []pending // numbered and not delivered here, in order, without holes
	pendingBytes int       // sizes of pending
	submitted    int       // highest number sent to the view's leader
	submits      []int     // last number of each submit frame that is not ordered
	stuckAt      int       // own messages ordered at the last tick
}

type pending struct {
	req   uint64
	entry wire.Entry
}

// multicast numbers a message and submits it. A number is never skipped: what
// is refused gets none.
func (p *primary) multicast(in gms.Multicast) {
	e := wire.Entry{Origin: p.self, Seq: p.asked + 1, Msg: in.Msg, Payload: in.Payload}
	if why := p.refusal(e); why != "" {
		p.fail(in.Req, 11, "%s", why)
		return
	}
	p.asked++
	p.await(pending{in.Req, e})
	p.keep(record{Own: &e})
	p.do(gms.Sent{Msg: in.Msg, View: p.name})
	p.soon()
}

// await keeps an own message until it is delivered here.
func (p *primary) await(own pending) {
	p.pending = append(p.pending, own)
	p.pendingBytes += own.entry.Size()
}

// refusal says why a message is not taken; "" if it is.
func (p *primary) refusal(e wire.Entry) string {
	switch {
	case p.mode != inside:
		return "no view installed"
	case p.leaveAsked:
		return "leaving"
	case len(p.pending) >= p.cfg.History:
		return fmt.Sprintf("%d messages are not yet delivered; the limit is %d", len(p.pending), p.cfg.History)
	case p.pendingBytes+e.Size() > logBytes:
		return fmt.Sprintf("%d bytes of messages are not yet delivered; with these %d they would be above the limit of %d",
			p.pendingBytes, e.Size(), logBytes)
	}
	return ""
}

// submit sends own messages that the leader does not have yet, as far as the
// window allows. The leader takes its own at once.
func (p *primary) submit() {
	if p.mode != inside || p.fenced() || len(p.pending) == 0 || p.restoring {
		return
	}
	if p.leads() {
		p.sequenceOwn()
		p.order()
		return
	}
	first := p.pending[0].entry.Seq
	for p.submitted < p.asked && len(p.submits) < window {
		rest := p.pending[max(0, p.submitted+1-first):]
		entries := make([]wire.Entry, 0, min(len(rest), batch))
		for _, own := range rest[:min(len(rest), batch)] {
			entries = append(entries, own.entry)
		}
		entries = entries[:fitting(entries, batch)]
		p.submitted = entries[len(entries)-1].Seq
		p.submits = append(p.submits, p.submitted)
		p.send(p.leader(), &wire.Message{Type: wire.Submit, View: p.view, Entries: entries})
	}
}

// sequenceOwn is a leader's way to submit.
func (p *primary) sequenceOwn() {
	if *p.ordered.of(p.self) == p.asked || len(p.pending) == 0 {
		return
	}
	for _, own := range p.pending[max(0, *p.ordered.of(p.self)+1-p.pending[0].entry.Seq):] {
		p.sequence(own.entry)
	}
}

// resubmit starts over from what is ordered, when a whole tick brought nothing.
func (p *primary) resubmit() {
	if ordered := *p.ordered.of(p.self); ordered == p.stuckAt || p.leads() {
		p.submitted, p.submits = ordered, p.submits[:0]
	}
	p.stuckAt = *p.ordered.of(p.self)
	p.submit()
}

// forgetOrdered takes the submit frames off the window that are in the log.
func (p *primary) forgetOrdered() {
	for len(p.submits) > 0 && p.submits[0] <= *p.ordered.of(p.self) {
		p.submits = p.submits[1:]
	}
}
