package link

import "time"

// Moments names the messages of one sender to one receiver by when they were
// sent: a name that stays when another message is taken away, which a count would
// not. The zero value has seen none.
type Moments struct {
	last  time.Duration
	again uint64
}

// perInstant is room for that many messages of one instant.
const perInstant = 1 << 16

// Of names the next message by its time. Messages of one instant that come one
// after another are told apart by their order. Where times run backwards a little,
// as arrivals do, a name may come twice in a great while; two messages then have
// the same luck.
func (m *Moments) Of(at time.Duration) uint64 {
	if at != m.last {
		m.last, m.again = at, 0
	}
	m.again++
	return uint64(at)*perInstant + m.again
}
