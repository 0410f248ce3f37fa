package gmstest

import (
	"slices"

	"groupy/node/gms"
)

// Record is what a world's events say, member by member.
type Record struct {
	Members []string // in order of their start
	Of      map[string]*History
	Asked   []Ask // every multicast that was asked for, in order
}

// Ask is a multicast that was asked for. Failed says that the answer was
// definite: it was not, and never will be.
type Ask struct {
	Member, Msg string
	Failed      bool
}

// History is what one member did.
type History struct {
	Views      []Installed
	Deliveries []Delivery
	Live       bool // its process runs, and it neither left nor was evicted

	first map[string]int // what delivered gave for so many deliveries
	upTo  int
}

// Installed is a view that a member installed. The member was in it until it had
// made Until of its deliveries.
type Installed struct {
	gms.Install
	From, Until int
	Last        bool // no later view was installed
}

// Delivery is a message that a member delivered; In is the view that it had
// installed last, "" if none.
type Delivery struct {
	gms.Deliver
	In string
}

// Record sorts the events. They may be read at any time.
func (s *Sim) Record() *Record {
	r := &Record{Of: map[string]*History{}}
	reqs := map[uint64]any{} // *Ask index or gms.Leave
	for _, e := range s.Events {
		h := r.Of[e.Member]
		switch w := e.What.(type) {
		case Started:
			r.Members = append(r.Members, e.Member)
			r.Of[e.Member] = &History{Live: true}
		case Stopped, gms.Evict:
			h.Live = false
		case Asked:
			switch in := w.Input.(type) {
			case gms.Multicast:
				reqs[in.Req] = len(r.Asked)
				r.Asked = append(r.Asked, Ask{Member: e.Member, Msg: in.Msg})
			case gms.Leave:
				reqs[in.Req] = in
			}
		case gms.Reply:
			switch q := reqs[w.Req].(type) {
			case gms.Leave:
				h.Live = h.Live && w.Failed != nil
			case int:
				r.Asked[q].Failed = w.Failed != nil && (w.Failed.Code == 11 || w.Failed.Code == 14)
			}
		case gms.Install:
			n := len(h.Deliveries)
			if k := len(h.Views); k > 0 {
				h.Views[k-1].Until, h.Views[k-1].Last = n, false
			}
			h.Views = append(h.Views, Installed{w, n, n, true})
		case gms.Deliver:
			in := ""
			if k := len(h.Views); k > 0 {
				in = h.Views[k-1].View
				h.Views[k-1].Until = len(h.Deliveries) + 1
			}
			h.Deliveries = append(h.Deliveries, Delivery{w, in})
		}
	}
	return r
}

// Live gives the members that live at the end, in order of their start.
func (r *Record) Live() []string {
	return slices.DeleteFunc(slices.Clone(r.Members), func(m string) bool { return !r.Of[m].Live })
}

// survives reports whether a member survives a view that it installed: it
// installs a later one, or lives at the end.
func (h *History) survives(v Installed) bool { return !v.Last || h.Live }

// delivered is where each message was delivered first. It is asked for often,
// so it is kept until there are more deliveries.
func (h *History) delivered() map[string]int {
	if h.first != nil && h.upTo == len(h.Deliveries) {
		return h.first
	}
	h.first, h.upTo = map[string]int{}, len(h.Deliveries)
	for i, d := range h.Deliveries {
		if _, twice := h.first[d.Msg]; !twice {
			h.first[d.Msg] = i
		}
	}
	return h.first
}
