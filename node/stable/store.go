package stable

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Found is what a store holds: a base, nil if there never was one, and the records
// since.
type Found struct {
	Base    []byte
	Records [][]byte
}

// Store keeps the records of one member. It is not safe for concurrent use.
type Store struct {
	member  string
	session int
	db      *bolt.DB
	mark    *os.File

	seq     uint64 // of the last record that was appended
	from    uint64 // records up to here are in the base
	base    []byte // to be written; nil: none
	pending [][]byte
}

// ErrDamaged is wrapped by errors that say that a store cannot be trusted. Its
// member is lost; its node may only come back as a new incarnation.
var ErrDamaged = errors.New("what is stored cannot be trusted")

var (
	bucketMeta    = []byte("meta")
	bucketRecords = []byte("records")
	keyHead       = []byte("head")
	keyBase       = []byte("base")
)

// lockWait bounds the wait for a file that another process holds: one that was
// killed and is not quite gone, say.
const lockWait = 5 * time.Second

// Name is the file in a data folder that holds the records of a member.
func Name(member string) string { return member + ".db" }

// Open opens the store of a member for its session-th start, the first being 1, and
// gives what it holds. Starts of which nobody learned that they had opened the store
// do not count, so a store may be of this start already. The first makes it, the
// others need what those before left; otherwise the error wraps ErrDamaged. The
// start itself is on disk when Open returns.
func Open(dir, member string, session int) (*Store, Found, error) {
	path := filepath.Join(dir, Name(member))
	_, err := os.Stat(path)
	there := err == nil
	if session > 1 && !there {
		return nil, Found{}, fmt.Errorf("%s is missing at start %d of %s: %w", path, session, member, ErrDamaged)
	}
	s := &Store{member: member, session: session}
	found, err := s.open(path, there)
	if err != nil {
		return nil, Found{}, errors.Join(err, s.Close())
	}
	return s, found, nil
}

func (s *Store) open(path string, there bool) (found Found, err error) {
	db, err := openDB(path)
	if err != nil {
		return found, err
	}
	s.db = db
	if s.mark, err = os.OpenFile(path+".mark", os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return found, fmt.Errorf("the mark beside the store: %w", err)
	}
	if there {
		if found, err = s.read(path); err != nil {
			return found, err
		}
	}
	if err = s.Sync(); err != nil {
		return found, err
	}
	return found, errors.Join(s.mark.Sync(), syncDir(filepath.Dir(path)))
}

// Append adds a record. It is written with the next Sync.
func (s *Store) Append(record []byte) {
	s.seq++
	s.pending = append(s.pending, record)
}

// Replace puts a base in the place of all records so far. It is written with the
// next Sync.
func (s *Store) Replace(base []byte) {
	s.base, s.from, s.pending = base, s.seq, nil
}

// Dirty reports whether there is something to sync.
func (s *Store) Dirty() bool { return s.base != nil || len(s.pending) > 0 }

// Sync writes what was appended and replaced since, in one transaction that is on
// disk when it returns. After an error nothing more may leave the process: what is
// on disk is not known.
func (s *Store) Sync() (err error) {
	defer guard(s.db.Path(), &err)
	err = s.db.Update(func(tx *bolt.Tx) error {
		meta, err := tx.CreateBucketIfNotExists(bucketMeta)
		if err != nil {
			return err
		}
		if s.base != nil {
			if err := tx.DeleteBucket(bucketRecords); err != nil && !errors.Is(err, bolterrors.ErrBucketNotFound) {
				return err
			}
			if err := meta.Put(keyBase, s.seal(s.from, s.base)); err != nil {
				return err
			}
		}
		records, err := tx.CreateBucketIfNotExists(bucketRecords)
		if err != nil {
			return err
		}
		records.FillPercent = 1 // keys only grow
		for i, r := range s.pending {
			seq := s.seq - uint64(len(s.pending)-1-i)
			if err := records.Put(binary.BigEndian.AppendUint64(nil, seq), s.seal(seq, r)); err != nil {
				return err
			}
		}
		return meta.Put(keyHead, s.head().seal(s))
	})
	if err != nil {
		return fmt.Errorf("store of %s: %w", s.member, err)
	}
	s.base, s.pending = nil, nil
	// After the store, so that it is never ahead of it; without a sync, since a kill
	// leaves it to the kernel and a crash may leave it behind.
	if _, err := s.mark.WriteAt(s.head().seal(s), 0); err != nil {
		return fmt.Errorf("mark of %s: %w", s.member, err)
	}
	return nil
}

// Close closes the files. What was not synced is lost.
func (s *Store) Close() error {
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	if s.mark != nil {
		err = errors.Join(err, s.mark.Close())
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
