package disk

import (
	"slices"

	"groupy/node/draw"
)

// Taken is what a power loss took back: the evidence of the fault.
type Taken struct {
	Way   string           `json:"way"`
	Bytes int64            `json:"bytes"`           // of all files
	Files map[string]int64 `json:"files,omitempty"` // bytes, by the name that the file had
	Names int              `json:"names,omitempty"` // changes of names
}

// add counts what a file lost.
func (t *Taken) add(name string, bytes int64) {
	if bytes == 0 {
		return
	}
	if t.Files == nil {
		t.Files = map[string]int64{}
	}
	t.Files[name] += bytes
	t.Bytes += bytes
}

// nameless is what a file is called that has no name any more.
const nameless = "(no name)"

// PowerOff loses power in one of the Ways, by key, and says what was taken back.
// Calls that wait are never made: who asked for them is gone.
func (f *Folder) PowerOff(way string, key draw.Key) Taken {
	f.calls = nil
	names := f.Memory.labels()
	loss := f.Memory.Lose(Draw(key, way))
	taken := Taken{Way: way, Names: loss.Taken}
	for _, file := range loss.Files {
		name := names[file.File]
		if name == "" {
			name = nameless
		}
		taken.add(name, file.Bytes)
	}
	return taken
}

// labels gives each file that has a name one of them.
func (m *Memory) labels() map[ID]string {
	paths := map[ID]string{}
	var walk func(folder ID, prefix string)
	walk = func(folder ID, prefix string) {
		for _, name := range m.Names(folder) {
			id := m.Lookup(folder, name)
			if m.nodes[id].names != nil {
				walk(id, prefix+name+"/")
			} else if paths[id] == "" {
				paths[id] = prefix + name
			}
		}
	}
	walk(Root, "")
	return paths
}

// Flips are how many bytes a corruption changes at most.
const Flips = 3

// Rot draws which of a file's bytes change, and how: places in [0, size), and a bit
// for all of them.
func Rot(k draw.Key, size int64) (places []int64, bit byte) {
	for i := range 1 + k.With("flips").Intn(Flips) {
		at := int64(k.With("place").At(uint64(i)).Float() * float64(size))
		if !slices.Contains(places, at) {
			places = append(places, at)
		}
	}
	return places, 1 << k.With("bit").Intn(8)
}

// Recent is among how many of the files written last the one is that rots: what was
// written long ago may be of no use to anybody any more.
const Recent = 2

// Corrupt flips bits of one of the files that were written last. Nobody's call did
// it, so no sync and no power loss undoes it. It gives how many bytes it changed, by
// file: none where there are no files.
func (f *Folder) Corrupt(key draw.Key) map[string]int {
	var files []ID
	paths := f.Memory.labels()
	for id := range paths {
		if len(f.Memory.nodes[id].content) > 0 {
			files = append(files, id)
		}
	}
	if len(files) == 0 {
		return nil
	}
	slices.SortFunc(files, func(a, b ID) int { // the last first; IDs, for files of one moment
		x, y := f.Memory.nodes[a], f.Memory.nodes[b]
		if x.touched != y.touched {
			return int(min(1, max(-1, int64(y.touched)-int64(x.touched))))
		}
		return int(min(1, max(-1, int64(b)-int64(a))))
	})
	file := files[key.With("file").Intn(min(Recent, len(files)))]
	content := f.Memory.nodes[file].content
	places, bit := Rot(key, int64(len(content)))
	for _, at := range places {
		content[at] ^= bit
	}
	return map[string]int{paths[file]: len(places)}
}
