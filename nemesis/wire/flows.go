package wire

import (
	"net/netip"
	"slices"
)

// maxFlows is how many connections of one pair of nodes are known at a time.
// Beyond them new ones are carried like all packets, and cannot be reset.
const maxFlows = 4096

// flowID names a connection: who opened it, and to whom.
type flowID struct{ opener, other netip.AddrPort }

func (id flowID) turned() flowID { return flowID{id.other, id.opener} }

// flow is one TCP connection, as its packets show it.
type flow struct {
	id     flowID
	ends   [2]flowEnd // the opener's, the other's
	doomed bool       // is being reset: nothing of it is carried any more
}

// flowEnd is one end of a connection.
type flowEnd struct {
	next     uint32 // sequence number behind all that it has sent
	awaits   uint32 // what it acknowledged last: the number that it waits for
	answered bool   // awaits is known
	finished bool   // it has sent its FIN
}

// flows are the connections of one pair of nodes. Not safe for concurrent use.
type flows struct {
	known map[flowID]*flow
	order []*flow // as they were opened, so that every run resets them alike
}

// find gives a segment's connection and which end has sent it.
func (f *flows) find(s segment) (*flow, int) {
	id := flowID{s.from, s.to}
	if c := f.known[id]; c != nil {
		return c, 0
	}
	if c := f.known[id.turned()]; c != nil {
		return c, 1
	}
	return nil, 0
}

// see takes note of a segment. It reports whether that may be carried, and gives
// what to answer its sender instead if not.
func (f *flows) see(s segment) (carry bool, answer []byte) {
	c, end := f.find(s)
	if s.flags&(flagSYN|flagACK) == flagSYN && (c == nil || c.doomed || c.ends[end].next != s.next()) {
		f.forget(c)
		c, end = f.open(s), 0
	}
	if c == nil {
		return true, nil
	}
	if c.doomed {
		if s.acknowledgeValid && s.flags&flagRST == 0 {
			return false, forgeRST(s.to, s.from, s.acknowledges)
		}
		return false, nil
	}
	me := &c.ends[end]
	if s.acknowledgeValid && (!me.answered || int32(s.acknowledges-me.awaits) > 0) {
		me.awaits, me.answered = s.acknowledges, true
	}
	if int32(s.next()-me.next) > 0 {
		me.next = s.next()
	}
	me.finished = me.finished || s.flags&flagFIN != 0
	if s.flags&flagRST != 0 || c.ends[0].finished && c.ends[1].finished {
		f.forget(c)
	}
	return true, nil
}

func (f *flows) open(s segment) *flow {
	if len(f.order) >= maxFlows {
		return nil
	}
	c := &flow{id: flowID{s.from, s.to}}
	c.ends[0].next = s.next()
	if f.known == nil {
		f.known = map[flowID]*flow{}
	}
	f.known[c.id] = c
	f.order = append(f.order, c)
	return c
}

func (f *flows) forget(c *flow) {
	if c == nil {
		return
	}
	delete(f.known, c.id)
	f.order = slices.DeleteFunc(f.order, func(o *flow) bool { return o == c })
}

// doom resets the connections that which picks, and gives the packets to be
// handed to their ends. A connection may end half a handshake in: who has heard
// nothing yet waits for no number, and tries again. From now on nothing of these
// connections is carried; whoever goes on with one is answered by RST.
func (f *flows) doom(which func(opener netip.Addr) bool) (resets [][]byte, connections int) {
	for _, c := range f.order {
		if c.doomed || !which(c.id.opener.Addr()) {
			continue
		}
		c.doomed = true
		connections++
		for end, to := range []netip.AddrPort{c.id.opener, c.id.other} {
			me, peer := c.ends[end], c.ends[1-end]
			from := c.id.other
			if end == 1 {
				from = c.id.opener
			}
			if !me.answered {
				continue
			}
			resets = append(resets, forgeRST(from, to, me.awaits))
			if peer.next != me.awaits { // it may have had what it has not acknowledged yet
				resets = append(resets, forgeRST(from, to, peer.next))
			}
		}
	}
	return resets, connections
}
