package gms5

import "groupy/node/gms"

// leaveRequest asks to leave. It waits until our own messages are delivered, so
// that leaving loses nothing.
func (p *primary) leaveRequest(in gms.Leave) {
	switch p.mode {
	case inside:
		p.leaveReq, p.leaveAsked, p.leaveOpen = in.Req, true, true
		p.leave()
	case joining:
		p.leaveReq, p.leaveAsked, p.leaveOpen = in.Req, true, true
		p.depart(0, "asked to leave")
	default:
		p.fail(in.Req, 11, "no view installed")
	}
}

func (p *primary) readyToLeave() bool { return p.leaveAsked && len(p.pending) == 0 }

// leave goes on with leaving: a leader changes the view, another says so with
// each sign of life. The last member just goes, and the group ends with it,
// unless somebody has just asked to join: then it lets that one in first.
func (p *primary) leave() {
	switch {
	case p.mode != inside || !p.readyToLeave():
	case len(p.members) == 1 && (p.knockedAt == 0 || p.now-p.knockedAt > p.cfg.Timeout):
		p.depart(13, "left")
	case p.leads():
		p.suspect()
	case !p.fenced():
		p.ack()
	}
}

func (p *primary) memberLeaves(m string) {
	if !p.leavers[m] {
		p.leavers[m] = true
		p.logf("leader: %s leaves", m)
		p.suspect()
	}
}

func (p *primary) closeLeave() {
	if p.leaveOpen {
		p.leaveOpen = false
		p.do(gms.Reply{Req: p.leaveReq})
	}
}
