package disk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"groupy/node/draw"
)

// op is one operation of a script, as a program would do it. Names are paths of at
// most one folder: "a", "d/a".
type op struct {
	do   string // create, mkdir, write, truncate, rename, link, remove, sync, syncfolder
	name string
	to   string // rename, link
	at   int64  // write, truncate
	n    int64  // write
}

func (o op) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %d+%d", o.do, o.name, o.to, o.at, o.n))
}

func split(path string) (folder, name string) {
	if folder, name, in := strings.Cut(path, "/"); in {
		return folder, name
	}
	return "", path
}

// letter is what the i-th operation of a script writes.
func letter(i int) byte { return byte('A' + i%26) }

// play does the i-th operation of a script, and reports whether it could.
func play(m *Memory, i int, o op) bool {
	folder := func(path string) (ID, string) {
		dir, name := split(path)
		if dir == "" {
			return Root, name
		}
		id := m.Lookup(Root, dir)
		if id == 0 || m.nodes[id].names == nil {
			return 0, name
		}
		return id, name
	}
	in, name := folder(o.name)
	if in == 0 {
		return false
	}
	id := m.Lookup(in, name)
	isFile := id != 0 && m.nodes[id].names == nil
	switch o.do {
	case "create":
		_, err := m.Create(in, name)
		return err == nil
	case "mkdir":
		_, err := m.Mkdir(in, name)
		return err == nil
	case "remove":
		return m.Remove(in, name) == nil
	case "syncfolder":
		if o.name == "" {
			id = Root
		}
		if id == 0 || m.nodes[id].names == nil {
			return false
		}
		m.SyncFolder(id)
		return true
	case "rename":
		to, newName := folder(o.to)
		old := m.Lookup(to, newName)
		if !isFile || to == 0 || old == id || old != 0 && m.nodes[old].names != nil {
			return false
		}
		return m.Rename(in, name, to, newName) == nil
	}
	if !isFile {
		return false
	}
	switch o.do {
	case "link":
		to, newName := folder(o.to)
		return to != 0 && m.Link(id, to, newName) == nil
	case "write":
		m.Write(id, o.at, []byte(strings.Repeat(string(letter(i)), int(o.n))))
	case "truncate":
		m.Truncate(id, o.at)
	case "sync":
		m.Sync(id)
	default:
		panic(o.do)
	}
	return true
}

// show is a disk's whole content as a text: two disks that look alike show the same.
func show(root map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(root)) {
		fmt.Fprintf(&b, "%s=%s;", name, runs(root[name]))
	}
	return b.String()
}

// runs writes a text's runs of one byte with their lengths.
func runs(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && text[j] == text[i] {
			j++
		}
		c := text[i]
		if c == 0 {
			c = '0'
		}
		fmt.Fprintf(&b, "%c%d", c, j-i)
		i = j
	}
	return b.String()
}

func (m *Memory) paths() map[string]string {
	out := map[string]string{}
	var walk func(id ID, prefix string)
	walk = func(id ID, prefix string) {
		for _, name := range m.Names(id) {
			if x := m.nodes[m.Lookup(id, name)]; x.names != nil {
				out[prefix+name+"/"] = ""
				walk(m.Lookup(id, name), prefix+name+"/")
			} else {
				out[prefix+name] = string(x.content)
			}
		}
	}
	walk(Root, "")
	return out
}

// randomScript is a script by chance, in which most operations can be done.
func randomScript(k draw.Key, length int) []op {
	names := []string{"a", "b", "c", "d/a", "d/b"}
	kinds := []string{"create", "create", "write", "write", "write", "truncate", "rename", "rename", "link", "remove", "sync", "syncfolder"}
	script := []op{{do: "mkdir", name: "d"}, {do: "create", name: "a"}}
	for i := range length {
		ki := k.At(uint64(i))
		o := op{do: kinds[ki.With("do").Intn(len(kinds))], name: names[ki.With("name").Intn(len(names))]}
		switch o.do {
		case "write":
			o.at, o.n = []int64{0, 0, 300, 700}[ki.With("at").Intn(4)], []int64{10, 400, 600}[ki.With("n").Intn(3)]
		case "truncate":
			o.at = []int64{0, 100, 600, 900}[ki.With("at").Intn(4)]
		case "rename", "link":
			o.to = names[ki.With("to").Intn(len(names))]
		case "syncfolder":
			o.name = []string{"", "d"}[ki.With("folder").Intn(2)]
		}
		script = append(script, o)
	}
	return script
}
