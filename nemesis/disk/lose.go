package disk

import (
	"bytes"
	"maps"
	"slices"
)

// Loss is what a power loss takes back. Names come after content.
type Loss struct {
	Files []FileLoss
	Names []Binding // what each name stands for afterwards; each once, in the order of the first change
	Taken int       // changes of names that are taken back
}

// FileLoss is what a power loss takes back of one file's content: Put each piece of
// Back in its place, in this order, then give the file its Size.
type FileLoss struct {
	File  ID
	Back  []Piece
	Size  int64
	Bytes int64 // that were written, or cut off, and are so no more
}

// Piece is what a file holds at one place. It ends at the file's Size at the
// latest.
type Piece struct {
	At   int64
	Data []byte
}

// Lose takes back what the choice does not let stay, and forgets all changes: what
// is left is what is on the disk. A program that used the disk must be gone.
func (l *Log) Lose(c Choice) Loss {
	stays := l.survivors(c)
	var loss Loss
	for _, file := range slices.Sorted(maps.Keys(l.files)) {
		if f := undo(file, l.files[file], stays, c); f.Bytes > 0 || len(f.Back) > 0 {
			loss.Files = append(loss.Files, f)
		}
	}
	loss.Names, loss.Taken = l.undoNames(stays)
	l.files, l.names, l.saved = map[ID][]content{}, nil, 0
	return loss
}

// survivors gives the changes that are on the disk.
func (l *Log) survivors(c Choice) map[uint64]bool {
	stays := map[uint64]bool{}
	var ordered []uint64                                     // what a journal keeps in order
	for _, file := range slices.Sorted(maps.Keys(l.files)) { // in order, so that a choice is asked alike each time
		for _, x := range l.files[file] {
			switch {
			case x.kept, x.doomed:
				stays[x.change] = x.kept
			case x.cut && l.model == Ext4:
				ordered = append(ordered, x.change)
			default:
				stays[x.change] = c.Stays(x.change)
			}
		}
	}
	if l.model != Ext4 {
		for i, n := range l.names {
			stays[n.change] = c.Stays(n.change)
			for _, earlier := range l.names[:i] {
				stays[n.change] = stays[n.change] && (stays[earlier.change] || !n.buildsOn(earlier))
			}
		}
		return stays
	}
	for _, n := range l.names {
		ordered = append(ordered, n.change)
	}
	slices.Sort(ordered)
	for _, change := range ordered {
		if !c.Stays(change) {
			break
		}
		stays[change] = true
	}
	return stays
}

// undo takes back the changes of one file that do not stay, newest first. What
// stays and came later covers its place.
func undo(file ID, changes []content, stays map[uint64]bool, c Choice) FileLoss {
	left := make([]cover, len(changes)) // of each write the parts that stay
	loss := FileLoss{File: file, Size: changes[0].size}
	for i, x := range changes {
		switch {
		case !stays[x.change]:
		case x.cut:
			loss.Size = x.from
		default:
			left[i] = x.survives(c)
			for _, part := range left[i] {
				loss.Size = max(loss.Size, part[1])
			}
		}
	}
	var over cover
	for i := len(changes) - 1; i >= 0; i-- {
		x := changes[i]
		switch {
		case x.cut && stays[x.change]:
			over.add(x.from, endless)
		case x.cut:
			loss.Bytes += max(x.size-x.from, x.from-x.size)
			loss.back(&over, x.from, x.size, x)
		default:
			for _, lost := range left[i].gaps(x.from, x.to) {
				loss.Bytes += lost[1] - lost[0]
				loss.back(&over, lost[0], lost[1], x)
			}
			for _, part := range left[i] {
				over.add(part[0], part[1])
			}
		}
	}
	for i, p := range loss.Back {
		loss.Back[i].Data = p.Data[:max(0, min(int64(len(p.Data)), loss.Size-p.At))]
	}
	loss.Back = slices.DeleteFunc(loss.Back, func(p Piece) bool { return len(p.Data) == 0 })
	return loss
}

// survives gives the parts of a write that stays, which are there: sectors.
func (x content) survives(c Choice) (parts cover) {
	if x.kept {
		return cover{{x.from, x.to}}
	}
	first, last := x.from/Sector, (x.to-1)/Sector
	for i := first; i <= last; i++ {
		if c.Sector(x.change, int(i-first)) {
			parts.add(max(x.from, i*Sector), min(x.to, (i+1)*Sector))
		}
	}
	return parts
}

// back puts into the loss what was in the file between two places before the
// change, where nothing covers it. Beyond the file's end it was nothing, which
// reads as zeros once the file is longer.
func (f *FileLoss) back(over *cover, from, to int64, x content) {
	for _, gap := range over.gaps(from, to) {
		data := make([]byte, gap[1]-gap[0])
		if at := gap[0] - x.from; at < int64(len(x.was)) {
			copy(data, x.was[at:])
		}
		f.Back = append(f.Back, Piece{gap[0], data})
	}
}

// undoNames takes back the changes of names that do not stay, newest first. Those
// that stay never build on one that does not, so each name ends as it was before the
// first that is lost.
func (l *Log) undoNames(stays map[uint64]bool) (back []Binding, taken int) {
	type name struct {
		folder ID
		name   string
	}
	at := map[name]int{}
	for _, n := range l.names {
		if stays[n.change] {
			continue
		}
		taken++
		for _, b := range n.was {
			key := name{b.Folder, b.Name}
			if _, seen := at[key]; !seen {
				at[key] = len(back)
				back = append(back, b)
			}
		}
	}
	return back, taken
}

// endless is beyond the end of every file.
const endless = int64(1) << 62

// cover is a set of places of a file, as intervals in order that do not touch.
type cover [][2]int64

func (c *cover) add(from, to int64) {
	if from >= to {
		return
	}
	out := make(cover, 0, len(*c)+1)
	for _, i := range *c {
		switch {
		case i[1] < from || i[0] > to:
			out = append(out, i)
		default:
			from, to = min(from, i[0]), max(to, i[1])
		}
	}
	out = append(out, [2]int64{from, to})
	slices.SortFunc(out, func(a, b [2]int64) int { return int(min(1, max(-1, a[0]-b[0]))) })
	*c = out
}

// gaps are the parts of an interval that are not in the set.
func (c *cover) gaps(from, to int64) (out [][2]int64) {
	for _, i := range *c {
		if i[1] <= from || i[0] >= to {
			continue
		}
		if i[0] > from {
			out = append(out, [2]int64{from, i[0]})
		}
		from = max(from, i[1])
	}
	if from < to {
		out = append(out, [2]int64{from, to})
	}
	return out
}

// Apply gives content as it is after the loss.
func (f FileLoss) Apply(content []byte) []byte {
	content = bytes.Clone(content)
	if grow := f.Size - int64(len(content)); grow > 0 {
		content = append(content, make([]byte, grow)...)
	}
	for _, p := range f.Back {
		copy(content[p.At:], p.Data)
	}
	return content[:f.Size]
}
