package runtime

import "groupy/node"

// arrivals decides what an inbound connection's frames and end mean. Each node
// has one current connection here at most: the newest one of its newest process,
// as the incarnations in the frames tell. The rule:
//
//   - A connection belongs to the process whose name its first frame bears.
//     Until then it means nothing, and nothing if it ends.
//   - The first frame of a newer connection of the same process makes that one
//     current; what the older one may still bring is dropped, as with a reset,
//     since it would arrive out of order.
//   - The first frame of a newer process of that node says that the older one is
//     dead: Closed comes before the frame, if the older one's connection still
//     counted as open. Frames of the older process are dropped from then on.
//   - The end of the current connection, by close or by reset, is Closed. The
//     end of any other connection is nothing.
type arrivals struct {
	byNode map[string]*arrival
	owner  map[connID]string // node, once the first frame has come
}

// connID numbers inbound connections in the order in which they were accepted.
type connID uint64

type arrival struct {
	incarnation int
	newest      connID // of this incarnation
	open        bool   // whether newest still is
}

func newArrivals() *arrivals {
	return &arrivals{byNode: map[string]*arrival{}, owner: map[connID]string{}}
}

// frame judges one frame from a member on a connection: whether it counts, and
// whether Closed for its node comes before it.
func (a *arrivals) frame(c connID, from string) (counts, closedFirst bool) {
	name, incarnation := node.SplitMember(from)
	known := a.byNode[name]
	if known == nil {
		known = &arrival{}
		a.byNode[name] = known
	}
	if _, seen := a.owner[c]; !seen {
		a.owner[c] = name
		switch {
		case incarnation > known.incarnation:
			closedFirst = known.open
			*known = arrival{incarnation, c, true}
		case incarnation == known.incarnation && c > known.newest:
			known.newest, known.open = c, true
		}
	}
	counts = incarnation == known.incarnation && c == known.newest
	return counts, closedFirst
}

// ended forgets a connection and says whether that is Closed for a node.
func (a *arrivals) ended(c connID) (name string, closed bool) {
	name, seen := a.owner[c]
	delete(a.owner, c)
	if !seen {
		return "", false
	}
	known := a.byNode[name]
	if known.newest != c || !known.open {
		return name, false
	}
	known.open = false
	return name, true
}
