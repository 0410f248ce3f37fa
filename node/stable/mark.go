package stable

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// mark says how far a store goes: the start that it is of, and the last record that
// is in its log. It lies within one sector, which a disk writes as a whole or not at
// all.
type mark struct{ session, seq uint64 }

// markSize is that of a mark in its file, in bytes.
const markSize = frameHead + 16

func (s *Store) writeMark() error {
	body := binary.BigEndian.AppendUint64(nil, uint64(s.session))
	body = binary.BigEndian.AppendUint64(body, s.seq)
	sealed, _ := appendFrame(nil, s.owner(), body)
	if _, err := s.mark.WriteAt(sealed, 0); err != nil {
		return fmt.Errorf("write the mark: %w", err)
	}
	if err := s.mark.Sync(); err != nil {
		return fmt.Errorf("sync the mark: %w", err)
	}
	return nil
}

// readMark gives the mark, or none if there never was one: the file is empty.
func (s *Store) readMark() (m mark, there bool, err error) {
	sealed, err := io.ReadAll(io.NewSectionReader(s.mark, 0, markSize+1))
	if err != nil {
		return m, false, fmt.Errorf("read the mark: %w", err)
	}
	if len(sealed) == 0 {
		return m, false, nil
	}
	body, _, err := parseFrame(sealed, s.owner(), false)
	if err != nil || len(sealed) != markSize {
		return m, false, damaged("the mark beside it: %d bytes, %v", len(sealed), err)
	}
	return mark{binary.BigEndian.Uint64(body), binary.BigEndian.Uint64(body[8:])}, true, nil
}

// owner is the sum with which each file of the member begins.
func (s *Store) owner() uint32 { return crc32.Checksum([]byte(s.member), castagnoli) }
