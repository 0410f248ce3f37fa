package runtime

import (
	"fmt"

	"groupy/node"
	"groupy/node/machine"
	"groupy/node/recording"
	"groupy/node/stable"
)

// How the tcp world keeps what a durable machine asks for. What a batch of inputs
// wants kept is on disk, with one transaction, before any of its outputs leaves.

// restore opens the member's store, and brings the machine back if this is not its
// first start. What the machine then wants to say leaves when the loop begins.
func (w *tcp) restore(in node.Init) error {
	if in.DataDir == "" {
		return fmt.Errorf("config.durable is set, but init has no data_dir to keep anything in")
	}
	disk, found, err := stable.Open(stable.OSFolder(in.DataDir), w.m.Member(), max(in.Session, 1), w.m.Mutant())
	if err != nil {
		return fmt.Errorf("config.durable: %w", err)
	}
	stored := machine.Stored{Base: found.Base}
	for _, r := range found.Records {
		stored.Records = append(stored.Records, r)
	}
	w.disk = disk
	outs, err := w.m.Restore(w.tick(), stored)
	if err != nil {
		w.closeDisk()
		return fmt.Errorf("config.durable: %w: %w", err, stable.ErrDamaged)
	}
	return w.perform(w.last, recording.InputLine, nil, outs)
}

func (w *tcp) closeDisk() {
	if w.disk == nil {
		return
	}
	if err := w.disk.Close(); err != nil {
		w.p.Log.Error("closing the store", "error", err)
	}
}

// Write takes a record for the next sync. A lazy one goes with the next that is
// not.
func (w *tcp) Write(o machine.Persist) {
	if o.Base {
		w.disk.Replace(o.Record)
	} else {
		w.disk.Append(o.Record)
	}
	w.unsynced = w.unsynced || !o.Lazy
}

// leave lets go of all outputs, once what was to be kept or recorded is.
func (w *tcp) leave() error {
	if err := w.recorder.Write(); err != nil {
		return err
	}
	if w.unsynced {
		if err := w.disk.Sync(); err != nil {
			return err
		}
		w.unsynced = false
	}
	return w.pen.flush()
}

// checkpoint keeps a base if it is time for one. All outputs have left by then.
func (w *tcp) checkpoint() error {
	if w.disk == nil {
		return nil
	}
	for _, o := range w.m.Checkpoint() {
		if o, is := o.(machine.Persist); is {
			w.Write(o)
		}
	}
	return w.leave()
}
