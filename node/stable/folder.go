package stable

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Folder is where a store keeps its files: the calls that reach a disk.
type Folder interface {
	// Open opens a file, and makes it if create is set; else one that is not there
	// is an error that wraps fs.ErrNotExist.
	Open(name string, create bool) (File, error)
	// Rename moves a file, over one that may be there.
	Rename(from, to string) error
	// Sync makes the names in the folder durable.
	Sync() error
}

// File is an open file.
type File interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	// Sync makes the content durable.
	Sync() error
	Close() error
}

// OSFolder is a folder of the machine.
type OSFolder string

// Open gives a file that is this process's until it is closed.
func (d OSFolder) Open(name string, create bool) (File, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(filepath.Join(string(d), name), flags, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return osFile{f}, nil
}

func (d OSFolder) Rename(from, to string) error {
	return os.Rename(filepath.Join(string(d), from), filepath.Join(string(d), to))
}

func (d OSFolder) Sync() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type osFile struct{ *os.File }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
