package stable

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal puts a checksum before data, which binds it to its owner and place.
func (s *Store) seal(seq uint64, data []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(data)), s.sum(seq, data)), data...)
}

func (s *Store) sum(seq uint64, data []byte) uint32 {
	sum := crc32.Checksum([]byte(s.member), castagnoli)
	sum = crc32.Update(sum, castagnoli, binary.BigEndian.AppendUint64(nil, seq))
	return crc32.Update(sum, castagnoli, data)
}

// unseal gives a copy of what was sealed.
func (s *Store) unseal(what string, seq uint64, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 || binary.BigEndian.Uint32(sealed) != s.sum(seq, sealed[4:]) {
		return nil, damaged("%s does not match its checksum", what)
	}
	return bytes.Clone(sealed[4:]), nil
}

// head is how far a store goes.
type head struct{ session, from, seq uint64 }

func (s *Store) head() head { return head{uint64(s.session), s.from, s.seq} }

func (h head) seal(s *Store) []byte {
	b := binary.BigEndian.AppendUint64(nil, h.session)
	b = binary.BigEndian.AppendUint64(b, h.from)
	return s.seal(0, binary.BigEndian.AppendUint64(b, h.seq))
}

func (s *Store) parseHead(what string, sealed []byte) (head, error) {
	b, err := s.unseal(what, 0, sealed)
	if err == nil && len(b) != 24 {
		err = damaged("%s has %d bytes", what, len(b))
	}
	if err != nil {
		return head{}, err
	}
	return head{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:])}, nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrDamaged)
}

// openDB opens a bbolt file; whatever it finds wrong with it is damage.
// The freelist is kept on disk, which costs a page a transaction: without it bbolt
// looks for free pages when it opens a file, and ends the process from a goroutine
// of its own where that is damaged.
func openDB(path string) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer guard(path, &err)
	db, err = bolt.Open(path, 0o644, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: another process holds it; end that one first: %w", path, err)
	case errors.Is(err, os.ErrPermission):
		return nil, err
	}
	return nil, damaged("%s: %v", path, err)
}

// guard takes a panic of bbolt, and a fault in the file that it maps, for damage.
// It is deferred.
func guard(path string, err *error) {
	if r := recover(); r != nil {
		*err = damaged("%s: %v", path, r)
	}
}

// read gives what the start before this one left, after all that can be checked was.
func (s *Store) read(path string) (found Found, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer guard(path, &err)
	info, err := os.Stat(path)
	if err != nil {
		return found, err
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		if tx.Size() > info.Size() {
			return damaged("%s has %d bytes of %d", path, info.Size(), tx.Size())
		}
		found, err = s.contents(tx)
		return err
	})
	if err != nil {
		return Found{}, fmt.Errorf("%s: %w", path, err)
	}
	return found, nil
}

func (s *Store) contents(tx *bolt.Tx) (found Found, err error) {
	meta, records := tx.Bucket(bucketMeta), tx.Bucket(bucketRecords)
	if meta == nil && s.session == 1 {
		return found, nil // the first start was killed while it made the store
	}
	if meta == nil || records == nil {
		return found, damaged("the store is empty")
	}
	h, err := s.parseHead("the head", meta.Get(keyHead))
	if err != nil {
		return found, err
	}
	if err := s.compare(h); err != nil {
		return found, err
	}
	s.from, s.seq = h.from, h.seq
	if base := meta.Get(keyBase); base != nil {
		if found.Base, err = s.unseal("the base", h.from, base); err != nil {
			return found, err
		}
	} else if h.from > 0 {
		return found, damaged("the base is missing")
	}
	next := h.from
	err = records.ForEach(func(key, sealed []byte) error {
		next++
		if len(key) != 8 || binary.BigEndian.Uint64(key) != next {
			return damaged("record %d is missing", next)
		}
		r, err := s.unseal(fmt.Sprintf("record %d", next), next, sealed)
		found.Records = append(found.Records, r)
		return err
	})
	if err == nil && next != h.seq {
		err = damaged("there are records up to %d of %d", next, h.seq)
	}
	return found, err
}

// compare holds the store's head against the start that this is, and against the
// mark: a store that is behind either was set back.
func (s *Store) compare(h head) error {
	if int(h.session) != s.session-1 && int(h.session) != s.session {
		return damaged("it is of start %d, and this is start %d", h.session, s.session)
	}
	sealed, err := io.ReadAll(io.NewSectionReader(s.mark, 0, 64))
	if err != nil {
		return fmt.Errorf("read the mark: %w", err)
	}
	if len(sealed) == 0 && s.session == 1 {
		return nil // the first start was killed before it wrote one
	}
	if len(sealed) == 0 {
		return damaged("the mark beside it is missing")
	}
	mark, err := s.parseHead("the mark beside it", sealed)
	if err != nil {
		return err
	}
	if mark.session > h.session || mark.seq > h.seq || mark.from > h.from {
		return damaged("it ends with record %d of start %d, but %d of start %d was synced", h.seq, h.session, mark.seq, mark.session)
	}
	return nil
}
