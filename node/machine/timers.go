package machine

import "time"

// Timers holds what the core has set and what has not run out. Cores have a
// handful, so a scan is enough.
type Timers struct {
	seq uint64
	set map[string]timer
}

// timer is one of them; among equal due times the one set first comes first.
type timer struct {
	due time.Duration
	seq uint64
}

func (t *Timers) Start(id string, due time.Duration) {
	if t.set == nil {
		t.set = map[string]timer{}
	}
	t.seq++
	t.set[id] = timer{due, t.seq}
}

func (t *Timers) Cancel(id string) { delete(t.set, id) }

// Next is the timer that runs out first.
func (t *Timers) Next() (id string, due time.Duration, any bool) {
	var first timer
	for i, x := range t.set {
		if !any || x.due < first.due || x.due == first.due && x.seq < first.seq {
			id, first, any = i, x, true
		}
	}
	return id, first.due, any
}

// Expired takes out the first timer that has run out by now.
func (t *Timers) Expired(now time.Duration) (id string, ok bool) {
	id, due, any := t.Next()
	if !any || due > now {
		return "", false
	}
	t.Cancel(id)
	return id, true
}
