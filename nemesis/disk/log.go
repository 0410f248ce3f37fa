package disk

import (
	"maps"
	"slices"
)

// ID names a file or a folder for as long as it lives, as an inode's number does.
// 0 is none.
type ID uint64

// Binding is a name and what it stands for.
type Binding struct {
	Folder ID
	Name   string
	Is     ID // 0: the name is not there
}

// Log knows all changes of one disk that were not synced, and how to take them
// back. The zero value of its model is not valid: use NewLog. It is not safe for
// concurrent use.
type Log struct {
	model   Model
	changes uint64
	files   map[ID][]content // unsynced, oldest first; no file is there without any
	names   []naming         // unsynced, oldest first
	saved   int64            // bytes that files hold
	limit   int64
}

// content is a write, or a truncation, of one file.
type content struct {
	change uint64
	cut    bool
	from   int64  // where the write begins, or the length that the file is cut or grown to
	to     int64  // where the write ends
	size   int64  // the file's length before
	was    []byte // what was in the file from the place `from` on
	kept   bool   // it has reached the disk, but one before it has not
	doomed bool   // its sync has failed: no later one writes it
}

// naming is a change of names that comes as a whole or not at all.
type naming struct {
	change   uint64
	was, now []Binding // of the same names, in the same order
}

// savedLimit is how many bytes a log holds at most. Beyond them the oldest changes
// are taken for written: a kernel writes back by itself what has been waiting.
const savedLimit = 64 << 20

// namesLimit is how many changes of names a log holds at most, likewise.
const namesLimit = 1024

// overhead is what a change costs beside the bytes that it saves.
const overhead = 96

// NewLog is the log of a disk on which all is synced.
func NewLog(m Model) *Log {
	return &Log{model: m, files: map[ID][]content{}, limit: savedLimit}
}

// Write says that n bytes of file at off are about to be written. size is the
// file's length, and was what it holds at off: n bytes, or fewer where it ends.
// The log keeps was.
func (l *Log) Write(file ID, off, n, size int64, was []byte) {
	if n > 0 {
		l.add(file, content{from: off, to: off + n, size: size, was: was})
	}
}

// Truncate says that file is about to get the length to. size is its length before,
// and was what it holds beyond to.
func (l *Log) Truncate(file ID, to, size int64, was []byte) {
	if to != size {
		l.add(file, content{cut: true, from: to, to: to, size: size, was: was})
	}
}

func (l *Log) add(file ID, c content) {
	l.changes++
	c.change = l.changes
	l.files[file] = append(l.files[file], c)
	l.saved += overhead + int64(len(c.was))
	for l.saved > l.limit { // the file that is written now is the one that fills the memory, most likely
		if len(l.files[file]) == 0 {
			file = slices.Min(slices.Collect(maps.Keys(l.files)))
		}
		l.keep(file, 0)
	}
}

// Rename says that names change together: was is what each stood for, now what it
// stands for from then on. A file made, linked or removed is a change of one name;
// a renamed one is a change of two. It gives what nothing can bring back any more
// (SyncFolder).
func (l *Log) Rename(was, now []Binding) (released []ID) {
	l.changes++
	l.names = append(l.names, naming{l.changes, was, now})
	if len(l.names) <= namesLimit {
		return nil
	}
	oldest := l.names[:1]
	l.names = slices.Clone(l.names[1:])
	return l.released(oldest)
}

// Sync says that the content of file was synced. It gives what nothing can bring
// back any more (SyncFolder).
func (l *Log) Sync(file ID) (released []ID) {
	if slices.ContainsFunc(l.files[file], func(c content) bool { return c.doomed }) {
		for i := len(l.files[file]) - 1; i >= 0; i-- {
			if c := l.files[file][i]; !c.doomed && !c.kept {
				l.keep(file, i)
			}
		}
	} else {
		l.forget(file)
	}
	return l.journal()
}

// FailSync says that a sync of file has failed. As Linux has it, what it was for can
// still be read, but counts as written from then on: no later sync brings it to the
// disk.
func (l *Log) FailSync(file ID) {
	for i := range l.files[file] {
		if c := &l.files[file][i]; !c.kept && !c.cut { // lengths come with the names
			c.doomed = true
		}
	}
}

// SyncLast says that the last write of file came with its own sync (O_DSYNC).
func (l *Log) SyncLast(file ID) (released []ID) {
	if n := len(l.files[file]); n > 0 {
		l.keep(file, n-1)
	}
	return l.journal()
}

// SyncFolder says that the names in folder were synced. It gives the files and
// folders to which no unsynced change of a name leads back: what has no name of
// them can go.
func (l *Log) SyncFolder(folder ID) (released []ID) {
	if l.model == Ext4 {
		return l.journal()
	}
	// What a synced change builds on is durable with it, newest first.
	sync := make([]bool, len(l.names))
	for i := len(l.names) - 1; i >= 0; i-- {
		sync[i] = sync[i] || slices.ContainsFunc(l.names[i].was, func(b Binding) bool { return b.Folder == folder })
		for j := range i {
			sync[j] = sync[j] || sync[i] && l.names[i].buildsOn(l.names[j])
		}
	}
	var synced, open []naming
	for i, n := range l.names {
		if sync[i] {
			synced = append(synced, n)
		} else {
			open = append(open, n)
		}
	}
	l.names = open
	return l.released(synced)
}

// journal commits what a journal holds: all names and all truncations.
func (l *Log) journal() []ID {
	if l.model != Ext4 {
		return nil
	}
	for file, changes := range l.files {
		for i := len(changes) - 1; i >= 0; i-- {
			if changes[i].cut && !changes[i].kept {
				l.keep(file, i)
			}
		}
	}
	synced := l.names
	l.names = nil
	return l.released(synced)
}

// keep says that one change of a file has reached the disk.
func (l *Log) keep(file ID, i int) {
	changes := l.files[file]
	l.saved -= int64(len(changes[i].was))
	changes[i].kept, changes[i].was = true, nil
	for len(changes) > 0 && changes[0].kept { // what is durable from the beginning needs no undoing
		changes = changes[1:]
		l.saved -= overhead
	}
	if l.files[file] = changes; len(changes) == 0 {
		delete(l.files, file)
	}
}

func (l *Log) forget(file ID) {
	for _, c := range l.files[file] {
		l.saved -= overhead + int64(len(c.was))
	}
	delete(l.files, file)
}

// released are the files and folders that lost a name with a synced change and that
// no unsynced one gives a name back to. Nothing can come of their content any more
// unless they have a name yet, which only the folder below knows.
func (l *Log) released(synced []naming) []ID {
	var ids []ID
	for _, n := range synced {
		for _, b := range n.was {
			if b.Is != 0 && !slices.Contains(ids, b.Is) && !l.needs(b.Is) {
				ids = append(ids, b.Is)
			}
		}
	}
	return ids
}

func (l *Log) needs(id ID) bool {
	return slices.ContainsFunc(l.names, func(n naming) bool {
		return slices.ContainsFunc(n.was, func(b Binding) bool { return b.Is == id })
	})
}

// Forget says that a file is gone for good, with all its names and its content.
func (l *Log) Forget(file ID) { l.forget(file) }

// buildsOn reports whether a change takes an earlier one for granted: they share a
// name, or a file.
func (n naming) buildsOn(earlier naming) bool {
	for i := range n.was {
		for j := range earlier.was {
			a, b := n.was[i], earlier.was[j]
			if a.Folder == b.Folder && a.Name == b.Name {
				return true
			}
			for _, x := range []ID{a.Is, n.now[i].Is} {
				if x != 0 && (x == b.Is || x == earlier.now[j].Is) {
					return true
				}
			}
		}
	}
	return false
}
