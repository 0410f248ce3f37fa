package gms

import "fmt"

// gms5Origin is what a member knows of its own messages.
type gms5Origin struct {
	asked        int           // messages numbered so far
	pending      []gms5Pending // numbered and not delivered here, in order, without holes
	pendingBytes int           // sizes of pending
	submitted    int           // highest number sent to the view's leader
	submits      []int         // last number of each submit frame that is not ordered
	stuckAt      int           // own messages ordered at the last tick
}

type gms5Pending struct {
	req   uint64
	entry gms5Entry
}

// multicast numbers a message and submits it. A number is never skipped: what
// is refused gets none.
func (p *primary) multicast(in Multicast) {
	e := gms5Entry{Origin: p.self, Seq: p.asked + 1, Msg: in.Msg, Payload: in.Payload}
	if why := p.refusal(e); why != "" {
		p.fail(in.Req, 11, "%s", why)
		return
	}
	p.asked++
	p.await(gms5Pending{in.Req, e})
	p.keep(gms5Record{Own: &e})
	p.do(Sent{Msg: in.Msg, View: p.name})
	p.soon()
}

// await keeps an own message until it is delivered here.
func (p *primary) await(own gms5Pending) {
	p.pending = append(p.pending, own)
	p.pendingBytes += own.entry.size()
}

// refusal says why a message is not taken; "" if it is.
func (p *primary) refusal(e gms5Entry) string {
	switch {
	case p.mode != gms5Inside:
		return "no view installed"
	case p.leaveAsked:
		return "leaving"
	case len(p.pending) >= p.cfg.History:
		return fmt.Sprintf("%d messages are not yet delivered; the limit is %d", len(p.pending), p.cfg.History)
	case p.pendingBytes+e.size() > gms5LogBytes:
		return fmt.Sprintf("%d bytes of messages are not yet delivered; with these %d they would be above the limit of %d",
			p.pendingBytes, e.size(), gms5LogBytes)
	}
	return ""
}

// submit sends own messages that the leader does not have yet, as far as the
// window allows. The leader takes its own at once.
func (p *primary) submit() {
	if p.mode != gms5Inside || p.fenced() || len(p.pending) == 0 || p.restoring {
		return
	}
	if p.leads() {
		p.sequenceOwn()
		p.order()
		return
	}
	first := p.pending[0].entry.Seq
	for p.submitted < p.asked && len(p.submits) < gms5Window {
		rest := p.pending[max(0, p.submitted+1-first):]
		entries := make([]gms5Entry, 0, min(len(rest), gms5Batch))
		for _, own := range rest[:min(len(rest), gms5Batch)] {
			entries = append(entries, own.entry)
		}
		entries = entries[:gms5Fitting(entries, gms5Batch)]
		p.submitted = entries[len(entries)-1].Seq
		p.submits = append(p.submits, p.submitted)
		p.send(p.leader(), &gms5Message{Type: gms5Submit, View: p.view, Entries: entries})
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
