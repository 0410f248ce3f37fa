package stable

import (
	"encoding/binary"
	"fmt"
	"io"
)

// headSize is the length of a head's body without the base.
const headSize = 9

// read gives what the starts before left, after all that can be checked was, and
// cuts off what nobody has heard of.
func (s *Store) read() (found Found, err error) {
	m, marked, err := s.readMark()
	if err != nil {
		return found, err
	}
	if !marked && s.session > 1 {
		return found, damaged("the mark beside it is empty")
	}
	if marked && int(m.session) != s.session-1 && int(m.session) != s.session {
		return found, damaged("it is of start %d", m.session)
	}
	size, err := s.log.Size()
	if err != nil {
		return found, err
	}
	data, err := io.ReadAll(io.NewSectionReader(s.log, 0, size))
	if err != nil {
		return found, fmt.Errorf("read the log: %w", err)
	}
	if !marked { // the first start was cut off before it had made the store
		if err := s.log.Truncate(0); err != nil {
			return found, err
		}
		return found, s.begin()
	}
	if found, err = s.parse(data, m); err != nil {
		return Found{}, err
	}
	if err := s.log.Truncate(s.end); err != nil {
		return Found{}, fmt.Errorf("cut the log's end off: %w", err)
	}
	if err := s.log.Sync(); err != nil { // before anything is put where that was
		return Found{}, fmt.Errorf("sync the log: %w", err)
	}
	return found, nil
}

// parse reads a log up to its mark.
func (s *Store) parse(data []byte, m mark) (found Found, err error) {
	head, sum, err := parseFrame(data, s.owner(), s.weak.trusts)
	if err != nil || len(head) < headSize {
		return found, damaged("the head with the base, %d bytes: %v", len(head), err)
	}
	s.from, s.sum, s.end = binary.BigEndian.Uint64(head), sum, int64(frameHead+len(head))
	if head[8] == 1 {
		found.Base = append([]byte{}, head[headSize:]...)
	}
	for s.seq = s.from; s.seq < m.seq || s.weak.trusts && s.end < int64(len(data)); s.seq++ {
		record, sum, err := parseFrame(data[s.end:], s.sum, s.weak.trusts)
		if err != nil && s.seq >= m.seq {
			break
		}
		if err != nil {
			return found, damaged("record %d of %d: %v", s.seq+1, m.seq, err)
		}
		found.Records = append(found.Records, append([]byte{}, record...))
		s.sum, s.end = sum, s.end+int64(frameHead+len(record))
	}
	return found, nil
}
