package stable

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
)

// Found is what a store holds: a base, nil if there never was one, and the records
// since.
type Found struct {
	Base    []byte
	Records [][]byte
}

// Store keeps the records of one member. It is not safe for concurrent use.
type Store struct {
	folder  Folder
	member  string
	session int
	weak    weakness
	log     File
	mark    File

	seq  uint64 // of the last record that was appended
	from uint64 // records up to here are in the base
	end  int64  // of what is written of the log
	sum  uint32 // of the last frame that is written
	// What waits for the next Sync:
	base    []byte // nil: none
	pending [][]byte
}

// ErrDamaged is wrapped by errors that say that a store cannot be trusted. Its
// member is lost; its node may only come back as a new incarnation.
var ErrDamaged = errors.New("what is stored cannot be trusted")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), ErrDamaged)
}

// Name is the file in a data folder that holds the records of a member.
func Name(member string) string { return member + ".log" }

// Open opens the store of a member for its session-th start, the first being 1, and
// gives what it holds. Starts of which nobody learned that they had opened the store
// do not count, so a store may be of this start already. The first makes it, the
// others need what those before left; otherwise the error wraps ErrDamaged. The
// start itself is on disk when Open returns. mutant is a name of Mutants, or any
// other text, which changes nothing.
func Open(folder Folder, member string, session int, mutant string) (*Store, Found, error) {
	s := &Store{folder: folder, member: member, session: session, weak: weaknessOf(mutant)}
	if s.weak.spoils() {
		s.folder = forgetful{folder, s.weak}
	}
	found, err := s.open()
	if err != nil {
		return nil, Found{}, errors.Join(fmt.Errorf("%s at start %d: %w", Name(member), session, err), s.Close())
	}
	return s, found, nil
}

func (s *Store) open() (found Found, err error) {
	if s.log, err = s.folder.Open(Name(s.member), s.session == 1); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = damaged("the file is missing")
		}
		return found, err
	}
	// The log has its name before there is a mark: where there is a mark, there must
	// be a log.
	if s.session == 1 {
		if err := s.folder.Sync(); err != nil {
			return found, fmt.Errorf("sync the folder: %w", err)
		}
	}
	if s.mark, err = s.folder.Open(Name(s.member)+".mark", s.session == 1); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = damaged("the mark beside it is missing")
		}
		return found, err
	}
	if found, err = s.read(); err != nil {
		return found, err
	}
	if err := s.writeMark(); err != nil {
		return found, err
	}
	// A new base may have taken its place without its folder being synced.
	if err := s.folder.Sync(); err != nil {
		return found, fmt.Errorf("sync the folder: %w", err)
	}
	return found, nil
}

// Append adds a record. It is written with the next Sync.
func (s *Store) Append(record []byte) {
	s.seq++
	s.pending = append(s.pending, record)
}

// Replace puts a base in the place of all records so far. It is written with the
// next Sync.
func (s *Store) Replace(base []byte) {
	s.base, s.from, s.pending = append([]byte{}, base...), s.seq, nil
}

// Dirty reports whether there is something to sync.
func (s *Store) Dirty() bool { return s.base != nil || len(s.pending) > 0 }

// Sync writes what was appended and replaced since, and returns when it is on disk.
// After an error nothing more may leave the process: what is on disk is not known.
func (s *Store) Sync() error {
	write := s.append
	if s.base != nil {
		write = s.replace
	}
	if err := write(); err != nil {
		return fmt.Errorf("store of %s: %w", s.member, err)
	}
	s.base, s.pending = nil, nil
	if err := s.writeMark(); err != nil {
		return fmt.Errorf("store of %s: %w", s.member, err)
	}
	return nil
}

// append adds the pending records to the log.
func (s *Store) append() error {
	frames, sum := s.records(nil, s.sum)
	if _, err := s.log.WriteAt(frames, s.end); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	if err := s.log.Sync(); err != nil {
		return fmt.Errorf("sync the log: %w", err)
	}
	s.end, s.sum = s.end+int64(len(frames)), sum
	return nil
}

func (s *Store) records(buf []byte, sum uint32) ([]byte, uint32) {
	for _, r := range s.pending {
		buf, sum = appendFrame(buf, sum, r)
	}
	return buf, sum
}

// replace makes a log that begins with the base, and puts it in the other's place.
func (s *Store) replace() error {
	next, err := s.folder.Open(Name(s.member)+".new", true)
	if err != nil {
		return fmt.Errorf("a new log: %w", err)
	}
	_ = s.log.Close() // all that counts of it was synced
	s.log = next
	if err := next.Truncate(0); err != nil { // what a start that was cut off left
		return fmt.Errorf("empty the new log: %w", err)
	}
	if err := s.begin(); err != nil {
		return err
	}
	if err := s.folder.Rename(Name(s.member)+".new", Name(s.member)); err != nil {
		return fmt.Errorf("put the new log in its place: %w", err)
	}
	if err := s.folder.Sync(); err != nil {
		return fmt.Errorf("sync the folder: %w", err)
	}
	return nil
}

// begin writes a log's head and the pending records to an empty file.
func (s *Store) begin() error {
	frames, sum := appendFrame(nil, s.owner(), s.headOf(), s.base)
	frames, sum = s.records(frames, sum)
	if _, err := s.log.WriteAt(frames, 0); err != nil {
		return fmt.Errorf("write the new log: %w", err)
	}
	if !s.weak.renamesEarly {
		if err := s.log.Sync(); err != nil {
			return fmt.Errorf("sync the new log: %w", err)
		}
	}
	s.end, s.sum = int64(len(frames)), sum
	return nil
}

// headOf is the head's body without the base: the last record that is in it, and
// whether there is one.
func (s *Store) headOf() []byte {
	head := binary.BigEndian.AppendUint64(nil, s.from)
	if s.base != nil {
		return append(head, 1)
	}
	return append(head, 0)
}

// Close closes the files. What was not synced is lost.
func (s *Store) Close() (err error) {
	for _, f := range []File{s.log, s.mark} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}
