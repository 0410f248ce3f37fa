package disk

import (
	"slices"
	"strings"
)

// naive is the model word for word: it keeps every operation that changed anything,
// knows which of them are durable, and plays any that may have stayed again on an
// empty disk.
type naive struct {
	model Model
	ops   []step
}

// step is one operation as the disk sees it.
type step struct {
	durable bool
	content bool // of the file: a write or a truncation
	cut     bool
	file    ID
	at, n   int64
	letter  byte
	set     []Binding // of names: what they stand for now
	objects []ID      // of names: the files concerned
	folder  bool      // the file made is a folder
}

// take writes down what an operation that could be done does, by the disk before it.
func (v *naive) take(m *Memory, i int, o op) {
	folder := func(path string) (ID, string) {
		dir, name := split(path)
		if dir == "" {
			return Root, name
		}
		return m.Lookup(Root, dir), name
	}
	in, name := folder(o.name)
	id := m.Lookup(in, name)
	switch o.do {
	case "create", "mkdir":
		v.ops = append(v.ops, step{set: []Binding{{in, name, m.last + 1}}, objects: []ID{m.last + 1}, folder: o.do == "mkdir"})
	case "remove":
		v.ops = append(v.ops, step{set: []Binding{{in, name, 0}}, objects: []ID{id}})
	case "link":
		to, newName := folder(o.to)
		v.ops = append(v.ops, step{set: []Binding{{to, newName, id}}, objects: []ID{id}})
	case "rename":
		to, newName := folder(o.to)
		v.ops = append(v.ops, step{set: []Binding{{in, name, 0}, {to, newName, id}}, objects: []ID{id, m.Lookup(to, newName)}})
	case "write":
		v.ops = append(v.ops, step{content: true, file: id, at: o.at, n: o.n, letter: letter(i)})
	case "truncate":
		v.ops = append(v.ops, step{content: true, cut: true, file: id, at: o.at})
	case "sync":
		for j := range v.ops {
			s := &v.ops[j]
			s.durable = s.durable || s.content && s.file == id || v.journaled(*s)
		}
	case "syncfolder":
		if o.name == "" {
			id = Root
		}
		for j := range v.ops {
			s := &v.ops[j]
			touches := slices.ContainsFunc(s.set, func(b Binding) bool { return b.Folder == id })
			if v.journaled(*s) || v.model == POSIX && touches {
				v.settle(j)
			}
		}
	}
}

// journaled: any fsync makes it durable.
func (v *naive) journaled(s step) bool { return v.model == Ext4 && (s.cut || !s.content) }

// settle makes an operation durable, with all that it builds on.
func (v *naive) settle(j int) {
	v.ops[j].durable = true
	for i := range j {
		if v.ops[j].on(v.ops[i]) && !v.ops[i].durable {
			v.settle(i)
		}
	}
}

// on: it takes the earlier one for granted, since they concern a name or a file
// in common.
func (s step) on(earlier step) bool {
	for _, a := range s.set {
		for _, b := range earlier.set {
			if a.Folder == b.Folder && a.Name == b.Name {
				return true
			}
		}
	}
	return slices.ContainsFunc(s.objects, func(x ID) bool { return x != 0 && slices.Contains(earlier.objects, x) })
}

// allowed gives every state that the model allows after a power loss now.
func (v *naive) allowed(torn bool) map[string]bool {
	states := map[string]bool{}
	stays := make([]uint64, len(v.ops)) // a bit for each sector of a write; 1 and 0 for others
	var from func(i int, journal bool)
	from = func(i int, journal bool) {
		if i == len(v.ops) {
			states[v.replay(stays)] = true
			return
		}
		s := v.ops[i]
		whole := s.whole()
		if s.durable {
			stays[i] = whole
			from(i+1, journal)
			return
		}
		may := true
		if v.journaled(s) {
			may = journal
		} else if !s.content {
			for j := range i {
				may = may && (!s.on(v.ops[j]) || stays[j] > 0)
			}
		}
		if may {
			for _, n := range s.parts(torn) {
				stays[i] = n
				from(i+1, journal)
			}
		}
		stays[i] = 0
		from(i+1, journal && !v.journaled(s))
	}
	from(0, true)
	return states
}

// sectors are the places of a write between which it may be torn, with its ends.
func (s step) sectors() []int64 {
	places := []int64{s.at}
	for end := (s.at/Sector + 1) * Sector; end < s.at+s.n; end += Sector {
		places = append(places, end)
	}
	return append(places, s.at+s.n)
}

// whole has all the bits of an operation.
func (s step) whole() uint64 {
	if !s.content || s.cut {
		return 1
	}
	return 1<<(len(s.sectors())-1) - 1
}

// parts are how much of an operation that stays may be there.
func (s step) parts(torn bool) []uint64 {
	if !torn || s.whole() == 1 {
		return []uint64{s.whole()}
	}
	var parts []uint64
	for part := uint64(1); part <= s.whole(); part++ {
		parts = append(parts, part)
	}
	return parts
}

func (v *naive) replay(stays []uint64) string {
	content, names, folders := map[ID][]byte{}, map[ID]map[string]ID{Root: {}}, map[ID]bool{Root: true}
	for i, s := range v.ops {
		if stays[i] == 0 {
			if s.folder { // it may have a life that nobody sees
				folders[s.objects[0]], names[s.objects[0]] = true, map[string]ID{}
			}
			continue
		}
		switch {
		case s.cut:
			old := content[s.file]
			content[s.file] = append(slices.Clone(old[:min(s.at, int64(len(old)))]), make([]byte, max(0, s.at-int64(len(old))))...)
		case s.content:
			c, places := slices.Clone(content[s.file]), s.sectors()
			for j, at := range places[:len(places)-1] {
				if stays[i]&(1<<j) == 0 {
					continue
				}
				if grow := places[j+1] - int64(len(c)); grow > 0 {
					c = append(c, make([]byte, grow)...)
				}
				copy(c[at:], strings.Repeat(string(s.letter), int(places[j+1]-at)))
			}
			content[s.file] = c
		default:
			if s.folder {
				folders[s.objects[0]], names[s.objects[0]] = true, map[string]ID{}
			}
			for _, b := range s.set {
				if names[b.Folder][b.Name] = b.Is; b.Is == 0 {
					delete(names[b.Folder], b.Name)
				}
			}
		}
	}
	out := map[string]string{}
	var walk func(id ID, prefix string)
	walk = func(id ID, prefix string) {
		for name, x := range names[id] {
			if folders[x] {
				out[prefix+name+"/"] = ""
				walk(x, prefix+name+"/")
			} else {
				out[prefix+name] = string(content[x])
			}
		}
	}
	walk(Root, "")
	return show(out)
}

// choices enumerates every way in which the unsynced changes of a log may survive,
// as far as the log asks. f gets each once.
func choices(run func(Choice)) {
	var path []int
	for {
		e := &enumerated{path: path}
		run(e)
		path = e.path
		for len(path) > 0 && path[len(path)-1]+1 == e.wide[len(path)-1] {
			path = path[:len(path)-1]
		}
		if len(path) == 0 {
			return
		}
		path[len(path)-1]++
	}
}

// enumerated answers by a path through the tree of all answers, and goes left where
// the path ends.
type enumerated struct {
	path []int
	wide []int
}

func (e *enumerated) next(wide int) int {
	i := len(e.wide)
	e.wide = append(e.wide, wide)
	if i == len(e.path) {
		e.path = append(slices.Clone(e.path), 0)
	}
	return e.path[i]
}

func (e *enumerated) Stays(uint64) bool { return e.next(2) == 0 }

func (e *enumerated) Sector(uint64, int) bool { return e.next(2) == 0 }
