package gms5

import "groupy/node/gms"

// What several messages call for is done once for all of them: one ORDER for many
// SUBMITs, one ACK for many ORDERs, one SUBMIT for many multicasts, and what is
// committed travels with the next ORDER. Nothing is held back by the clock: soon
// comes when all that had arrived is dealt with, so a quiet group answers at once,
// and the busier a group is, the less it says for each message.

// soon has settle done.
func (p *primary) soon() {
	if !p.soonDue {
		p.soonDue = true
		p.do(gms.SetTimer{ID: timerSoon})
	}
}

// settle says what is due. By now the view may be another than when it became due,
// or we may have promised in it: it goes by what is the case.
func (p *primary) settle() {
	p.soonDue = false
	switch {
	case p.mode != inside || p.fenced() || p.restoring:
	case p.leads():
		p.sequenceOwn()
		p.order()
	default:
		if p.ackDue {
			p.ack()
		}
		p.submit()
	}
}
