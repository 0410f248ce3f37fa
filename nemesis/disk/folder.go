package disk

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"groupy/node/stable"
)

// Folder gives a store the root of a disk in memory. What changes the disk waits as
// calls, so that power can be lost between any two of them; whoever drives the disk
// makes them. What is read is what the calls made so far have left.
type Folder struct {
	Memory *Memory
	State  State
	calls  []Call
}

var _ stable.Folder = (*Folder)(nil)

// Call is one call that changes a disk.
type Call struct {
	Sync   bool          // the caller waits until it is on the disk
	Slower time.Duration // than a sync of this disk is
	Make   func()
}

// Calls gives the calls that wait, in order, and forgets them: the caller makes them,
// or the process that asked for them is gone.
func (f *Folder) Calls() []Call {
	calls := f.calls
	f.calls = nil
	return calls
}

func (f *Folder) wait(c Call) { f.calls = append(f.calls, c) }

// sync waits for a sync; failing is what it does instead.
func (f *Folder) sync(works, failing func()) error {
	slower, err := f.State.Sync()
	if err != nil {
		works = failing
	}
	f.wait(Call{Sync: true, Slower: slower, Make: works})
	return err
}

func (f *Folder) Open(name string, create bool) (stable.File, error) {
	h := &handle{folder: f, id: f.Memory.Lookup(Root, name)}
	switch {
	case h.id != 0:
	case !create:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	default:
		if err := f.State.Room(); err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		f.wait(Call{Make: func() {
			id, err := f.Memory.Create(Root, name)
			if err != nil {
				panic(fmt.Sprintf("disk: create %s: %v", name, err)) // it was not there
			}
			h.id = id
		}})
	}
	return h, nil
}

func (f *Folder) Rename(from, to string) error {
	f.wait(Call{Make: func() {
		if err := f.Memory.Rename(Root, from, Root, to); err != nil {
			panic(fmt.Sprintf("disk: rename %s to %s: %v", from, to, err)) // the store has made it
		}
	}})
	return nil
}

func (f *Folder) Sync() error {
	return f.sync(func() { f.Memory.SyncFolder(Root) }, func() {})
}

// handle is an open file. One that is being made has no ID yet.
type handle struct {
	folder *Folder
	id     ID
	end    int64 // that its own writes have reached
}

func (h *handle) content() []byte {
	if h.id == 0 {
		return nil
	}
	return h.folder.Memory.Content(h.id)
}

func (h *handle) ReadAt(p []byte, at int64) (int, error) {
	content := h.content()
	n := copy(p, content[min(at, int64(len(content))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(p []byte, at int64) (int, error) {
	end := at + int64(len(p))
	if err := h.folder.State.Write(end > max(h.end, int64(len(h.content())))); err != nil {
		return 0, err
	}
	h.end = max(h.end, end)
	data := slices.Clone(p)
	h.folder.wait(Call{Make: func() { h.folder.Memory.Write(h.id, at, data) }})
	return len(p), nil
}

func (h *handle) Size() (int64, error) { return int64(len(h.content())), nil }

func (h *handle) Truncate(size int64) error {
	h.end = size
	h.folder.wait(Call{Make: func() { h.folder.Memory.Truncate(h.id, size) }})
	return nil
}

func (h *handle) Sync() error {
	return h.folder.sync(func() { h.folder.Memory.Sync(h.id) }, func() { h.folder.Memory.FailSync(h.id) })
}

func (h *handle) Close() error { return nil }
