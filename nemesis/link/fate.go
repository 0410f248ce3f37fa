package link

import "time"

// ReorderLimit is how long a message that may be overtaken waits at most for
// later ones to pass it, so that none is lost on a line that falls silent.
const ReorderLimit = 100 * time.Millisecond

// maxOvertakes is by how many later messages one may be overtaken.
const maxOvertakes = 3

// maxCopies is how many of one message there may be, itself included.
const maxCopies = 4

// fate is what the rules of a line make of one message.
type fate struct {
	drop     bool
	wait     time.Duration  // delay and jitter
	copies   int            // itself included
	overtake [maxCopies]int // per copy: by how many later ones it lets itself be overtaken
}

// draw decides the fate of a message that was sent at a moment (item.moment).
// Each fault draws for itself, whatever others do to the message: so no fault's
// draws hang on another's. On real sockets it draws from its own count of the
// messages on this line, where time is by the moment, from that: then it does not
// matter to a message how many others went before it.
func (l *line) draw(kind Kind, byTime bool, moment uint64) fate {
	f := fate{copies: 1}
	for _, h := range l.holds {
		k := h.key.At(h.seen)
		if byTime {
			k = h.key.At(moment)
		}
		h.seen++
		f.wait += h.rule.Delay
		if h.rule.Jitter > 0 {
			f.wait += time.Duration(k.With("jitter").Float() * float64(h.rule.Jitter))
		}
		if kind != Whole {
			continue
		}
		f.drop = f.drop || k.With("drop").Chance(h.rule.Drop)
		if f.copies < maxCopies && k.With("duplicate").Chance(h.rule.Duplicate) {
			f.copies++
		}
		for i := range f.overtake {
			if r := k.With("reorder").At(uint64(i)); r.Chance(h.rule.Reorder) {
				f.overtake[i] = max(f.overtake[i], 1+r.With("by").Intn(maxOvertakes))
			}
		}
	}
	return f
}

// follow puts what is known of a frame in the place of chance, as far as a rule
// of the line can have done it.
func (f *fate) follow(frame Fated, l *line) {
	copies, known := frame.Fate()
	if !known {
		return
	}
	f.drop, f.copies = false, 1
	for _, h := range l.holds {
		f.drop = f.drop || h.rule.Drop > 0 && copies == 0
		if h.rule.Duplicate > 0 {
			f.copies = min(max(1, copies), maxCopies)
		}
	}
}

// through is when the throttle has let size bytes pass, which is now where
// there is none.
func (l *line) through(now time.Duration, size int) time.Duration {
	var rate int64
	for _, h := range l.holds {
		rate = tighter(rate, h.rule.BytesPerSec)
	}
	if rate == 0 {
		return now
	}
	l.count.throttled.Add(1)
	l.free = max(l.free, now) + time.Duration(float64(size)/float64(rate)*float64(time.Second))
	return l.free
}

// actsOnMessages reports whether a rule of the line needs whole messages.
func (l *line) actsOnMessages() bool {
	for _, h := range l.holds {
		if h.rule.Drop > 0 || h.rule.Duplicate > 0 || h.rule.Reorder > 0 {
			return true
		}
	}
	return false
}
