package campaign

import "time"

// governing is how often the number of runs side by side is fitted.
const governing = 2 * time.Second

// govern has fewer runs go on side by side when the harness's timers fire so late
// that the nodes' timing cannot be trusted, and more again when they do not.
func (c *Campaign) govern() (stop func() bool) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(governing)
		defer tick.Stop()
		measured := c.Job.Lag.Begin()
		defer func() { measured() }()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			lag := measured().WorstMicros
			measured = c.Job.Lag.Begin()
			c.mu.Lock()
			if limit := fit(c.limit, c.running, c.Parallel, lag, c.Spec.Options.Timeout.Microseconds()); limit != c.limit {
				c.limit = limit
				c.show(Event{Limit: limit, LagUS: lag})
				c.changed.Broadcast()
			}
			c.mu.Unlock()
		}
	}()
	return func() bool { close(done); return true }
}

// fit is the number of runs side by side from now on: two thirds of those that
// run if the lag is over a quarter of the detector's timeout (a run is excused
// from half of it on), one more, up to most, if it is below a sixteenth. It does
// not fall below a quarter of most: a lag that is there then is others' doing, and
// having fewer runs would not mend it.
func fit(limit, running, most int, lag, timeout int64) int {
	switch {
	case lag > timeout/4:
		return max(1, most/4, min(limit, running)*2/3)
	case lag < timeout/16 && running >= limit:
		return min(most, limit+1)
	}
	return limit
}
