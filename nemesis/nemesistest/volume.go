package nemesistest

import (
	"groupy/nemesis"
	"groupy/nemesis/disk"
	"groupy/node/draw"
	"groupy/node/stable"
)

// volume is a node's disk, with one file that it writes.
type volume struct {
	folder *disk.Folder
	taken  *disk.Taken
}

func newVolume() *volume {
	return &volume{folder: &disk.Folder{Memory: disk.NewMemory(disk.Ext4)}}
}

// use writes something and syncs it, and writes some more.
func (v *volume) use() {
	var file stable.File
	var err error
	if file, err = v.folder.Open("data", true); err != nil {
		return
	}
	for _, c := range v.folder.Calls() { // or it has no size
		c.Make()
	}
	size, _ := file.Size()
	_, _ = file.WriteAt([]byte("synced"), size) // what fails is counted
	_ = file.Sync()
	_, _ = file.WriteAt([]byte("not synced"), size+6)
	for _, c := range v.folder.Calls() {
		c.Make()
	}
}

func (w *Virtual) SetDisk(id, node string, r disk.Rule) error {
	w.volumes[node].folder.State.Set(id, r)
	return nil
}

func (w *Virtual) ClearDisks(id string) {
	for _, v := range w.volumes {
		v.folder.State.Clear(id)
	}
}

func (w *Virtual) DiskCounters(node string) disk.Counters {
	return w.volumes[node].folder.State.Counters
}

func (w *Virtual) AwaitCall(string, string, int) error { return nil } // the loop's, not a fault's
func (w *Virtual) LetCall(string)                      {}

// PowerOff: what was taken back shows with the end of the
// process.
func (w *Virtual) PowerOff(id, node, way string) error {
	v := w.volumes[node]
	v.taken = nil
	return w.ask(node, func(p *nemesis.Process) {
		*p = nemesis.Process{Incarnation: p.Incarnation, Starts: p.Starts, PID: p.PID}
		taken := v.folder.PowerOff(way, draw.New(id).With(node))
		v.taken = &taken
	})
}

func (w *Virtual) Taken(node string) *disk.Taken { return w.volumes[node].taken }

func (w *Virtual) Corrupt(id, node string) (map[string]int, error) {
	return w.volumes[node].folder.Corrupt(draw.New(id).With(node)), nil
}
