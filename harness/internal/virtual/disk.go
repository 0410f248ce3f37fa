package virtual

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"groupy/harness/internal/world"
	"groupy/nemesis"
	"groupy/nemesis/disk"
	"groupy/node"
	"groupy/node/draw"
	"groupy/node/machine"
	"groupy/node/stable"
)

// The disks of a virtual world. A node says what it wants kept; the world keeps it as
// the node's runtime does on a real disk, by the same store, on a disk in memory. On a
// plain disk each call is over at once. On a faulty one a sync takes its time, the
// node waits for it, and what it wanted to say waits too: so its power can be lost
// between any two calls of its store.

// How long a sync takes on a faulty disk, by chance: log-uniform.
const (
	minSync = 100 * time.Microsecond
	maxSync = 3 * time.Millisecond
)

// volume is a node's disk. It survives the node's processes.
type volume struct {
	folder *disk.Folder
	store  *stable.Store // of the present process; nil: it keeps nothing
	syncs  uint64
	taken  *disk.Taken // by the last power loss
	awaits []await
}

// await is a step that waits for a call.
type await struct {
	id   string
	left int // calls, that one with them
}

// asked counts a call, and gives the step whose call it is.
func (v *volume) asked() (id string) {
	for i := range v.awaits {
		if v.awaits[i].left--; v.awaits[i].left == 0 {
			id = v.awaits[i].id
		}
	}
	return id
}

// work is what a node's process has in hand while it waits for its disk.
type work struct {
	calls  []disk.Call
	outs   []output // to be carried out when all calls are made
	failed error    // of the last call: then the process ends instead
	ready  bool     // a call came back while the process was frozen
	held   string   // the step for which the next call waits
}

// mount opens the store of a member that keeps its state, for the start that init
// begins, and puts what it holds into init.
func (w *Virtual) mount(n *virtualNode, init *node.Init) {
	var c machine.Config
	if json.Unmarshal(init.Config, &c) != nil || !c.Durable {
		return // the node answers a config that is none
	}
	v := w.volumes[n.name]
	store, found, err := stable.Open(v.folder, node.MemberName(n.name, n.incarnation), max(init.Session, 1), c.Mutant)
	for _, call := range v.folder.Calls() {
		call.Make()
	}
	v.store = store
	stored := machine.Stored{Base: found.Base}
	for _, r := range found.Records {
		stored.Records = append(stored.Records, r)
	}
	if err == nil && slices.ContainsFunc(found.Records, func(r []byte) bool { return !json.Valid(r) }) {
		err = fmt.Errorf("a record is no JSON: %w", stable.ErrDamaged) // which the node finds by itself where it reads its disk
	}
	if err != nil {
		stored = machine.Stored{Failed: err.Error(), Damaged: errors.Is(err, stable.ErrDamaged)}
	}
	if stored.Base == nil && stored.Records == nil && err == nil {
		return
	}
	raw, err := json.Marshal(stored)
	if err != nil {
		panic(fmt.Sprintf("world: what %s stored is no JSON: %v", n.name, err)) // it came as JSON
	}
	init.Stored = raw
}

// perform carries out what a step of a node asks for: first what is to be kept, then,
// when that is on the disk, all else.
func (w *Virtual) perform(n *virtualNode, outs []output) {
	v, sync := w.volumes[n.name], false
	for _, o := range outs {
		switch {
		case o.keep == nil || v.store == nil:
			continue
		case o.keep.Base:
			v.store.Replace(o.keep.Record)
		default:
			v.store.Append(o.keep.Record)
		}
		sync = sync || !o.keep.Lazy
	}
	if !sync {
		w.carryOut(n, outs)
		return
	}
	err := v.store.Sync()
	calls := v.folder.Calls()
	if !w.config.Disk.Faulty {
		for _, c := range calls {
			c.Make()
		}
		w.carryOut(n, outs)
		return
	}
	n.work = &work{calls: calls, outs: slices.Clone(outs), failed: err}
	w.goOnWith(n)
}

// goOnWith makes a process's calls up to the next that takes time, or carries out
// what waited for them.
func (w *Virtual) goOnWith(n *virtualNode) {
	k := n.work
	k.ready = false
	for len(k.calls) > 0 {
		if k.held == "" {
			if k.held = w.volumes[n.name].asked(); k.held != "" {
				w.events = append(w.events, world.Sprung{ID: k.held})
				return
			}
		}
		k.held = ""
		c := k.calls[0]
		k.calls = k.calls[1:]
		if c.Sync {
			w.callAfter(n, c)
			return
		}
		c.Make()
	}
	n.work = nil
	if k.failed != nil { // as in a real process: what is on disk is not known
		w.fail(n)
		return
	}
	w.carryOut(n, k.outs)
	w.drain(n)
}

// callAfter makes a call that takes time.
func (w *Virtual) callAfter(n *virtualNode, c disk.Call) {
	v := w.volumes[n.name]
	v.syncs++
	key := w.key.With("sync").With(n.name).At(v.syncs)
	took := time.Duration(key.LogBetween(float64(minSync), float64(maxSync))).Truncate(time.Microsecond) + c.Slower
	at := w.now + took
	w.future.add(at, key.Uint64(), func(time.Duration) {
		if n.actor == nil || w.nodes[n.name] != n {
			return // it has ended meanwhile
		}
		c.Make()
		if n.paused {
			n.work.ready = true
			return
		}
		w.goOnWith(n)
	})
}

// drain hands a process what came while it waited for its disk.
func (w *Virtual) drain(n *virtualNode) {
	for n.actor != nil && !n.paused && n.work == nil && len(n.waiting) > 0 {
		in := n.waiting[0]
		n.waiting = n.waiting[1:]
		if in.timer != "" && in.set != 0 && n.timers[in.timer] != in.set {
			continue // cancelled, or set anew
		}
		w.wake(n, in)
	}
}

// fail ends a process whose disk has failed it.
func (w *Virtual) fail(n *virtualNode) {
	if err := n.actor.kill(); err != nil {
		w.broken = errors.Join(w.broken, err)
	}
	w.ended(n, world.Exited{Node: n.name, Incarnation: n.incarnation, Code: 1})
}

// disks are the disks as faults see them.
type disks struct{ w *Virtual }

func (w *Virtual) Disks() nemesis.Disks {
	if !w.config.Disk.Faulty {
		return nemesis.PlainDisks{}
	}
	return disks{w}
}

func (d disks) SetDisk(id, name string, r disk.Rule) error {
	d.w.volumes[name].folder.State.Set(id, r)
	return nil
}

func (d disks) ClearDisks(id string) {
	for _, v := range d.w.volumes {
		v.folder.State.Clear(id)
	}
}

func (d disks) DiskCounters(name string) disk.Counters {
	return d.w.volumes[name].folder.State.Counters
}

func (d disks) AwaitCall(id, name string, n int) error {
	v := d.w.volumes[name]
	v.awaits = append(v.awaits, await{id, n})
	return nil
}

func (d disks) LetCall(id string) {
	for _, name := range d.w.config.Nodes {
		v, n := d.w.volumes[name], d.w.nodes[name]
		v.awaits = slices.DeleteFunc(v.awaits, func(a await) bool { return a.id == id })
		if n.work != nil && n.work.held == id {
			d.w.goOnWith(n)
		}
	}
}

func (d disks) PowerOff(id, name, way string) error {
	if err := d.w.Kill(name); err != nil {
		return err
	}
	v := d.w.volumes[name]
	taken := v.folder.PowerOff(d.w.config.Disk.Way(way), d.key(id, name))
	v.taken = &taken
	return nil
}

func (d disks) Taken(name string) *disk.Taken { return d.w.volumes[name].taken }

func (d disks) Corrupt(id, name string) (map[string]int, error) {
	if d.w.nodes[name].actor != nil {
		return nil, fmt.Errorf("%s is running", name)
	}
	return d.w.volumes[name].folder.Corrupt(d.key(id, name)), nil
}

func (d disks) key(id, name string) draw.Key {
	return draw.New(d.w.config.Seed).With("disk").With(id).With(name)
}
