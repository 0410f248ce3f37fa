package gms

import "slices"

// gms5Log is a member's part of the log of one view, places 1, 2, …; the first
// start of them are stable and let go. Entries are never overwritten, since the log
// and messages share them: a slice of it may be handed out, and a frame's entries
// are a part of it as they came.
type gms5Log struct {
	start  int
	length int
	parts  [][]gms5Entry // one after the other; none is empty
	bytes  int           // sizes of the entries
}

// gms5PartSize is the most entries for which a log makes room at once.
const gms5PartSize = 512

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
	return l.length == 0 || l.bytes+e.size() <= gms5LogBytes
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

// gms5LogOf is a log as it was kept on a disk, or as a message has it.
func gms5LogOf(start int, entries []gms5Entry) (l gms5Log) {
	l.start = start
	l.extend(entries)
	return l
}

func (l *gms5Log) end() int { return l.start + l.length }

// append adds one entry, in room of the log's own.
func (l *gms5Log) append(e gms5Entry) {
	last := len(l.parts) - 1
	if last < 0 || len(l.parts[last]) == cap(l.parts[last]) {
		room := gms5PartSize
		if last < 0 {
			room = 16 // a quiet group needs no more
		}
		l.parts = append(l.parts, make([]gms5Entry, 0, room))
		last++
	}
	l.parts[last] = append(l.parts[last], e)
	l.length++
	l.bytes += e.size()
}

// extend adds entries that nobody will change.
func (l *gms5Log) extend(entries []gms5Entry) {
	if len(entries) == 0 {
		return
	}
	l.parts = append(l.parts, entries[:len(entries):len(entries)])
	l.length += len(entries)
	for i := range entries {
		l.bytes += entries[i].size()
	}
}

// from is what follows place s, in as many parts as it has. A place that was let go
// counts as start.
func (l *gms5Log) from(s int) (parts [][]gms5Entry) {
	after := l.end() - max(s, l.start) // so many
	for i := len(l.parts) - 1; i >= 0 && after > 0; i-- {
		part := l.parts[i]
		if after > len(part) {
			after -= len(part)
			continue
		}
		parts = append(parts, part[len(part)-after:])
		return append(parts, l.parts[i+1:]...)
	}
	return nil
}

// after is from in one piece: all of it, or with a limit above 0 no more than so
// many entries and a frame hold. Its capacity ends with it, so that nobody appends
// into the log.
func (l *gms5Log) after(s, limit int) (first int, entries []gms5Entry) {
	first = min(max(s, l.start), l.end()) + 1
	parts := l.from(s)
	need := 0 // parts
	for n := 0; need < len(parts) && (limit == 0 || n < limit); need++ {
		n += len(parts[need])
	}
	switch need {
	case 0:
		return first, nil
	case 1:
		entries = parts[0]
	default:
		entries = slices.Concat(parts[:need]...)
	}
	if limit > 0 {
		entries = entries[:gms5Fitting(entries, limit)]
	}
	return first, slices.Clip(entries)
}

// release lets go of the places up to s.
func (l *gms5Log) release(s int) {
	for s = min(s, l.end()); l.start < s; {
		part := l.parts[0]
		n := min(s-l.start, len(part))
		for i := range part[:n] {
			l.bytes -= part[i].size()
		}
		if l.start, l.length = l.start+n, l.length-n; n < len(part) {
			l.parts[0] = part[n:]
		} else {
			l.parts[0] = nil
			l.parts = l.parts[1:]
		}
	}
}

// agrees reports whether the two logs are the same wherever both have entries
// (invariant I1: logs of one view are prefixes of one another).
func (l *gms5Log) agrees(o *gms5Log) bool {
	s := max(l.start, o.start)
	_, mine := l.after(s, 0)
	_, theirs := o.after(s, 0)
	for i := range min(len(mine), len(theirs)) {
		if !mine[i].same(theirs[i]) {
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
