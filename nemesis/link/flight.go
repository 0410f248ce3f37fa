package link

import (
	"slices"
	"time"
)

// What happens to a message of a stream between its fate and its leaving.

// launch puts a message on its way.
func (s *Stream) launch(it *item, due time.Duration) {
	s.turn++
	it.due, it.turn = due, s.turn
	s.backlog += it.frame.Size()
	s.flight.add(it)
}

// delay sets a message aside until it has been overtaken often enough, or its
// time is up.
func (s *Stream) delay(it *item, by int) {
	it.left, it.due = by, s.last+ReorderLimit
	s.backlog += it.frame.Size()
	s.late = append(s.late, it)
}

// overtake lets passing go by all that wait for it; who has been overtaken
// often enough leaves right behind it.
func (s *Stream) overtake(passing *item) {
	for i := 0; i < len(s.late); {
		it := s.late[i]
		if it.num == passing.num { // its own copy
			i++
			continue
		}
		it.after = true
		if it.left--; it.left > 0 {
			i++
			continue
		}
		s.catchUp(i, passing.due)
	}
}

// catchUp puts the i-th of late on its way.
func (s *Stream) catchUp(i int, due time.Duration) {
	it := s.late[i]
	s.late = slices.Delete(s.late, i, i+1)
	if it.after {
		s.line.count.reordered.Add(1)
	}
	s.backlog -= it.frame.Size()
	s.launch(it, due)
}

// Next is when Pop will have something, as things stand.
func (s *Stream) Next() (due time.Duration, ok bool) {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	for _, it := range s.late {
		if !ok || it.due < due {
			due, ok = it.due, true
		}
	}
	if len(s.flight) > 0 && (!ok || s.flight[0].due < due) {
		due, ok = s.flight[0].due, true
	}
	return due, ok
}

// Pop appends to frames what is due at now, in order. Done must follow before
// the next Pop.
func (s *Stream) Pop(frames []Frame, now time.Duration) []Frame {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	for i := 0; i < len(s.late); {
		if s.late[i].due > now {
			i++
			continue
		}
		s.catchUp(i, s.late[i].due)
	}
	for len(s.flight) > 0 && s.flight[0].due <= now {
		it := s.flight.take()
		s.backlog -= it.frame.Size()
		s.out = append(s.out, it)
		frames = append(frames, it.frame)
	}
	s.update()
	return frames
}

// Done says that what Pop gave has been handed on (ok), or could not be.
func (s *Stream) Done(ok bool) {
	var fires []func()
	s.t.mu.Lock()
	for _, it := range s.out {
		if !ok || it.kind == end {
			continue
		}
		s.line.count.passed.Add(1)
		s.line.count.bytes.Add(int64(it.frame.Size()))
		for _, g := range it.gates {
			if g.handed(s.line.to) {
				fires = append(fires, g.fire)
			}
		}
	}
	clear(s.out)
	s.out = s.out[:0]
	s.update()
	s.t.mu.Unlock()
	call(fires)
}

// lose loses what is in flight, to a cut.
func (s *Stream) lose() {
	for _, it := range append(s.flight, s.late...) {
		s.lossy = true
		if it.kind != end {
			s.line.count.cut.Add(1)
		}
		s.backlog -= it.frame.Size()
	}
	s.flight, s.late = nil, nil
}

// hurry makes nothing in flight wait beyond limit. Order stays.
func (s *Stream) hurry(limit time.Duration) {
	old := s.flight
	s.flight = make(queue, 0, len(old))
	for len(old) > 0 {
		it := old.take()
		s.turn++
		it.due, it.turn = min(it.due, limit), s.turn
		s.flight.add(it)
	}
	for _, it := range s.late {
		it.due = min(it.due, limit+ReorderLimit)
	}
	s.last = min(s.last, limit)
}
