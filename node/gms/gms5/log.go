package gms5

import (
	"slices"

	"groupy/node/gms/gms5/wire"
)

// viewLog is a member's part of the log of one view, places 1, 2, …; the first
// start of them are stable and let go. Entries are never overwritten, since the log
// and messages share them: a slice of it may be handed out, and a frame's entries
// are a part of it as they came.
type viewLog struct {
	start  int
	length int
	parts  [][]wire.Entry // one after the other; none is empty
	bytes  int            // sizes of the entries
}

// partSize is the most entries for which a log makes room at once.
const partSize = 512

// The bounds in bytes. A promise, a vote and a decision carry a whole log, at most
// two of them, and JSON may need twice the bytes: that stays below what a frame may
// hold.
const (
	logBytes   = 8 << 20
	frameBytes = 64 << 10 // of entries, but for a single one that is larger
)

// hasRoom reports whether a leader may add e: a log that is not empty stays within
// its bound.
func (l *viewLog) hasRoom(e wire.Entry) bool {
	return l.length == 0 || l.bytes+e.Size() <= logBytes
}

// fitting is how many of entries, at most limit, one frame takes.
func fitting(entries []wire.Entry, limit int) int {
	bytes := 0
	for i, e := range entries[:min(len(entries), limit)] {
		if bytes += e.Size(); i > 0 && bytes > frameBytes {
			return i
		}
	}
	return min(len(entries), limit)
}

// logOf is a log as it was kept on a disk, or as a message has it.
func logOf(start int, entries []wire.Entry) (l viewLog) {
	l.start = start
	l.extend(entries)
	return l
}

func (l *viewLog) end() int { return l.start + l.length }

// append adds one entry, in room of the log's own.
func (l *viewLog) append(e wire.Entry) {
	last := len(l.parts) - 1
	if last < 0 || len(l.parts[last]) == cap(l.parts[last]) {
		room := partSize
		if last < 0 {
			room = 16 // a quiet group needs no more
		}
		l.parts = append(l.parts, make([]wire.Entry, 0, room))
		last++
	}
	l.parts[last] = append(l.parts[last], e)
	l.length++
	l.bytes += e.Size()
}

// extend adds entries that nobody will change.
func (l *viewLog) extend(entries []wire.Entry) {
	if len(entries) == 0 {
		return
	}
	l.parts = append(l.parts, entries[:len(entries):len(entries)])
	l.length += len(entries)
	for i := range entries {
		l.bytes += entries[i].Size()
	}
}

// from is what follows place s, in as many parts as it has. A place that was let go
// counts as start.
func (l *viewLog) from(s int) (parts [][]wire.Entry) {
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
func (l *viewLog) after(s, limit int) (first int, entries []wire.Entry) {
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
		entries = entries[:fitting(entries, limit)]
	}
	return first, slices.Clip(entries)
}

// release lets go of the places up to s.
func (l *viewLog) release(s int) {
	for s = min(s, l.end()); l.start < s; {
		part := l.parts[0]
		n := min(s-l.start, len(part))
		for i := range part[:n] {
			l.bytes -= part[i].Size()
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
func (l *viewLog) agrees(o *viewLog) bool {
	s := max(l.start, o.start)
	_, mine := l.after(s, 0)
	_, theirs := o.after(s, 0)
	for i := range min(len(mine), len(theirs)) {
		if !mine[i].Same(theirs[i]) {
			return false
		}
	}
	return true
}

// quorum reports whether those of members that are in are more than half of
// them, or exactly half and the first among them. Any two such sets meet.
func quorum(members []string, in func(string) bool) bool {
	n := count(members, in)
	return 2*n > len(members) || 2*n == len(members) && n > 0 && in(members[0])
}

func count(members []string, in func(string) bool) (n int) {
	for _, m := range members {
		if in(m) {
			n++
		}
	}
	return n
}
