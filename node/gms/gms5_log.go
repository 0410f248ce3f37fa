package gms

import "slices"

// gms5Log is a member's part of the log of one view, places 1, 2, …; the first
// start of them are stable and let go. Entries are never overwritten, since
// messages share them: a slice of it may be handed out.
type gms5Log struct {
	start   int
	entries []gms5Entry
	bytes   int // sizes of entries
}

// The bounds in bytes. A promise, a vote and a decision carry a whole log, at most
// two of them, and JSON may need twice the bytes: that stays below what a frame may
// hold.
const (
	gms5LogBytes   = 8 << 20
	gms5FrameBytes = 64 << 10 // of entries, but for a single one that is larger
)

// size is about what an entry takes in a frame.
func (e gms5Entry) size() int { return len(e.Origin) + len(e.Msg) + len(e.Payload) + 48 }

// hasRoom reports whether a leader may add e: a log that is not empty stays within
// its bound.
func (l *gms5Log) hasRoom(e gms5Entry) bool {
	return len(l.entries) == 0 || l.bytes+e.size() <= gms5LogBytes
}

// gms5Fitting is how many of entries, at most limit, one frame takes.
func gms5Fitting(entries []gms5Entry, limit int) int {
	bytes := 0
	for i, e := range entries[:min(len(entries), limit)] {
		if bytes += e.size(); i > 0 && bytes > gms5FrameBytes {
			return i
		}
	}
	return min(len(entries), limit)
}

// gms5LogOf is a log as it was kept on a disk.
func gms5LogOf(start int, entries []gms5Entry) gms5Log {
	l := gms5Log{start: start}
	for _, e := range entries {
		l.append(e)
	}
	return l
}

func (l *gms5Log) end() int { return l.start + len(l.entries) }

func (l *gms5Log) append(e gms5Entry) {
	if len(l.entries) == cap(l.entries) { // a busy log's front is let go of soon: copy it seldom
		l.entries = slices.Grow(l.entries, 2*len(l.entries)+16)
	}
	l.entries = append(l.entries, e)
	l.bytes += e.size()
}

// at is the entry of place s, start < s <= end.
func (l *gms5Log) at(s int) gms5Entry { return l.entries[s-l.start-1] }

// after is what follows place s: all of it, or with a limit above 0 no more than
// so many entries and a frame hold. Its capacity ends with it, so that nobody appends into the log. A place that was let go
// counts as start.
func (l *gms5Log) after(s, limit int) (first int, entries []gms5Entry) {
	s = min(max(s, l.start), l.end())
	entries = l.entries[s-l.start:]
	if limit > 0 {
		entries = entries[:gms5Fitting(entries, limit)]
	}
	return s + 1, entries[:len(entries):len(entries)]
}

// release lets go of the places up to s.
func (l *gms5Log) release(s int) {
	if s = min(s, l.end()); s > l.start {
		for _, e := range l.entries[:s-l.start] {
			l.bytes -= e.size()
		}
		l.entries = l.entries[s-l.start:]
		l.start = s
	}
}

// agrees reports whether the two logs are the same wherever both have entries
// (invariant I1: logs of one view are prefixes of one another).
func (l *gms5Log) agrees(o *gms5Log) bool {
	for s := max(l.start, o.start) + 1; s <= min(l.end(), o.end()); s++ {
		if !l.at(s).same(o.at(s)) {
			return false
		}
	}
	return true
}

// gms5Quorum reports whether those of members that are in are more than half of
// them, or exactly half and the first among them. Any two such sets meet.
func gms5Quorum(members []string, in func(string) bool) bool {
	n := gms5Count(members, in)
	return 2*n > len(members) || 2*n == len(members) && n > 0 && in(members[0])
}

func gms5Count(members []string, in func(string) bool) (n int) {
	for _, m := range members {
		if in(m) {
			n++
		}
	}
	return n
}
