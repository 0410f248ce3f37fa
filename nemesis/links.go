package nemesis

import "groupy/nemesis/link"

// Rules are what lies between the nodes, as faults see it: for each directed pair
// of nodes, the rules that faults hold there and what has been counted. A change
// takes effect for the next message, or packet where packets are what travels.
type Rules interface {
	SetRule(id, from, to string, r link.Rule)
	ClearRules(id string)
	Counters(from, to string) link.Counters
	// ResetLink resets the connections that from has opened to to, at once. What
	// they carried is lost.
	ResetLink(from, to string)
}

// Links are what lies between the nodes, on whatever network: sockets, a wire, a
// simulation.
type Links interface {
	Rules
	// Arm sets a gate; when it has let the last of its frames pass, the world tells.
	Arm(g link.Gate) error
	// Release opens a gate: what it held is lost, or goes on in order.
	Release(id string, lose bool)
	// Comment says what happens now, for a record of the traffic if one is kept.
	Comment(text string)
}
