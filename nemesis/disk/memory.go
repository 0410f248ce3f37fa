package disk

import (
	"errors"
	"slices"
)

// Root is the folder of a Memory that holds all others.
const Root ID = 1

// Memory is a disk in memory. It is not safe for concurrent use.
type Memory struct {
	log   *Log
	nodes map[ID]*inode
	last  ID
}

// inode is a file, or a folder if names is not nil.
type inode struct {
	content []byte
	touched uint64 // the number of the last change of its content
	names   map[string]ID
}

// Errors of a Memory; those of a file system in the same place.
var (
	ErrMissing  = errors.New("no such file or folder")
	ErrExists   = errors.New("there is one of that name")
	ErrNotEmpty = errors.New("the folder is not empty")
)

// NewMemory is an empty disk.
func NewMemory(m Model) *Memory {
	return &Memory{log: NewLog(m), nodes: map[ID]*inode{Root: {names: map[string]ID{}}}, last: Root}
}

// Lookup gives what a name stands for; 0 if it is not there.
func (m *Memory) Lookup(folder ID, name string) ID {
	if n := m.nodes[folder]; n != nil {
		return n.names[name]
	}
	return 0
}

// Names are the names in a folder, in order.
func (m *Memory) Names(folder ID) (names []string) {
	for name := range m.nodes[folder].names {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Content is what a file holds. The caller must not change it.
func (m *Memory) Content(file ID) []byte { return m.nodes[file].content }

// Create makes an empty file.
func (m *Memory) Create(folder ID, name string) (ID, error) { return m.make(folder, name, &inode{}) }

// Mkdir makes an empty folder.
func (m *Memory) Mkdir(folder ID, name string) (ID, error) {
	return m.make(folder, name, &inode{names: map[string]ID{}})
}

func (m *Memory) make(folder ID, name string, n *inode) (ID, error) {
	if m.Lookup(folder, name) != 0 {
		return 0, ErrExists
	}
	m.last++
	m.nodes[m.last] = n
	m.rename(Binding{folder, name, m.last})
	return m.last, nil
}

// Link gives a file one more name.
func (m *Memory) Link(file, folder ID, name string) error {
	if m.Lookup(folder, name) != 0 {
		return ErrExists
	}
	m.rename(Binding{folder, name, file})
	return nil
}

// Remove takes a name from a file, or from a folder that is empty.
func (m *Memory) Remove(folder ID, name string) error {
	id := m.Lookup(folder, name)
	switch {
	case id == 0:
		return ErrMissing
	case len(m.nodes[id].names) > 0:
		return ErrNotEmpty
	}
	m.rename(Binding{folder, name, 0})
	return nil
}

// Rename moves a name, over one that may be there.
func (m *Memory) Rename(from ID, name string, to ID, newName string) error {
	id := m.Lookup(from, name)
	if id == 0 {
		return ErrMissing
	}
	if old := m.Lookup(to, newName); old != 0 && len(m.nodes[old].names) > 0 {
		return ErrNotEmpty
	}
	m.rename(Binding{from, name, 0}, Binding{to, newName, id})
	return nil
}

func (m *Memory) rename(now ...Binding) {
	was := make([]Binding, len(now))
	for i, b := range now {
		was[i] = Binding{b.Folder, b.Name, m.Lookup(b.Folder, b.Name)}
	}
	m.release(m.log.Rename(was, now))
	for _, b := range now {
		m.bind(b)
	}
}

func (m *Memory) bind(b Binding) {
	switch folder := m.nodes[b.Folder]; {
	case folder == nil: // it is gone for good, and its names with it
	case b.Is == 0:
		delete(folder.names, b.Name)
	default:
		folder.names[b.Name] = b.Is
	}
}

// Write puts data into a file, which grows as it must.
func (m *Memory) Write(file ID, at int64, data []byte) {
	n := m.nodes[file]
	size, end := int64(len(n.content)), at+int64(len(data))
	was := n.content[min(at, size):min(end, size)]
	m.log.Write(file, at, int64(len(data)), size, slices.Clone(was))
	if grow := end - size; grow > 0 {
		n.content = append(n.content, make([]byte, grow)...)
	}
	copy(n.content[at:], data)
	n.touched = m.log.changes
}

// Truncate gives a file a length; what is new of it is zeros.
func (m *Memory) Truncate(file ID, to int64) {
	n := m.nodes[file]
	size := int64(len(n.content))
	m.log.Truncate(file, to, size, slices.Clone(n.content[min(to, size):]))
	n.content = append(n.content[:min(to, size)], make([]byte, max(0, to-size))...)
	n.touched = m.log.changes
}

// Sync makes a file's content durable.
func (m *Memory) Sync(file ID) { m.release(m.log.Sync(file)) }

// FailSync is a sync that fails (Log.FailSync).
func (m *Memory) FailSync(file ID) { m.log.FailSync(file) }

// SyncFolder makes the names in a folder durable.
func (m *Memory) SyncFolder(folder ID) { m.release(m.log.SyncFolder(folder)) }

// release drops what has no name any more and cannot get one back.
func (m *Memory) release(ids []ID) {
	for _, id := range ids {
		if !m.named(id) {
			m.log.Forget(id)
			delete(m.nodes, id)
		}
	}
}

func (m *Memory) named(id ID) bool {
	for _, n := range m.nodes {
		for _, x := range n.names {
			if x == id {
				return true
			}
		}
	}
	return false
}

// Lose is a power loss: what is there afterwards is what was on the disk. IDs from
// before may be gone; look names up anew.
func (m *Memory) Lose(c Choice) Loss {
	loss := m.log.Lose(c)
	for _, f := range loss.Files {
		n := m.nodes[f.File]
		n.content = f.Apply(n.content)
	}
	for _, b := range loss.Names {
		m.bind(b)
	}
	reached := map[ID]*inode{}
	m.reach(Root, reached)
	m.nodes = reached
	return loss
}

func (m *Memory) reach(id ID, into map[ID]*inode) {
	if into[id] = m.nodes[id]; into[id] == nil {
		panic("disk: a name leads to nothing")
	}
	for _, x := range m.nodes[id].names {
		m.reach(x, into)
	}
}
