package virtual

import (
	"encoding/json"
	"fmt"

	"groupy/node"
	"groupy/node/machine"
)

// disk is what a member of a virtual world has on its disk. It survives the
// process; what was not synced does not.
type disk struct {
	stored   machine.Stored
	unsynced []node.Persist
}

// keep takes a record: with all that waits, unless it is lazy.
func (d *disk) keep(p node.Persist) {
	d.unsynced = append(d.unsynced, p)
	if p.Lazy {
		return
	}
	for _, p := range d.unsynced {
		if p.Base {
			d.stored = machine.Stored{Base: p.Record}
		} else {
			d.stored.Records = append(d.stored.Records, p.Record)
		}
	}
	d.unsynced = nil
}

// lose is the process's end.
func (d *disk) lose() { d.unsynced = nil }

// contents is what a member's next start finds; nil where there is nothing.
func (w *Virtual) contents(member string) json.RawMessage {
	d := w.disks[member]
	if d == nil || d.stored.Base == nil && d.stored.Records == nil {
		return nil
	}
	raw, err := json.Marshal(d.stored)
	if err != nil {
		panic(fmt.Sprintf("world: what %s stored is no JSON: %v", member, err)) // it came as JSON
	}
	return raw
}

// store has a member's disk keep a record.
func (w *Virtual) store(member string, p node.Persist) {
	if w.disks[member] == nil {
		w.disks[member] = &disk{}
	}
	w.disks[member].keep(p)
}
