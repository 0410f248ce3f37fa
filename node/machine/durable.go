package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/gms"
	"groupy/node/stable"
)

// In durable mode a machine asks for records to be kept (Persist), and can be
// brought back from them in a new process: the core as it was, the application as
// it was when the last base was made and then brought up to date by delivering
// again what came after. What it delivers and installs again is observed again,
// since nobody knows what of it was seen; the observation of its first view says
// from which message on (node.View.After).

// defaultBaseEvery is how many records are kept before a base takes their place: it
// bounds the disk, and the time that a restart takes.
const defaultBaseEvery = 512

// keeper is what a machine needs for that.
type keeper struct {
	since     int             // records since the last base
	last      string          // the client's message that was delivered last
	made      map[string]bool // the application's multicasts since the last base, of a restored machine
	restoring bool
	said      bool // the first view after a restart was observed
}

// keptRecord is a record of the core; Cast is the application's multicast that it
// numbers, if it does that.
type keptRecord struct {
	Core json.RawMessage `json:"core"`
	Cast string          `json:"cast,omitempty"`
}

// keptBase is a machine at one moment.
type keptBase struct {
	Core json.RawMessage `json:"core"`
	App  json.RawMessage `json:"app"`
	Last string          `json:"last,omitempty"`
}

// Stored is what a machine had asked to be kept: the last base, nil for none, and
// the records since.
type Stored struct {
	Base    json.RawMessage   `json:"base,omitempty"`
	Records []json.RawMessage `json:"records,omitempty"`
	// Failed says why what was kept could not be read; Damaged, that it cannot be
	// trusted.
	Failed  string `json:"failed,omitempty"`
	Damaged bool   `json:"damaged,omitempty"`
}

// Mutant is the weakness that the node was given, "" for none: what keeps its records
// may be meant.
func (m *Machine) Mutant() string { return m.Setup.core.Mutant }

// Durable reports whether the machine asks for records to be kept.
func (m *Machine) Durable() bool { return m.Setup.core.Durable }

// persist asks for a record of the core to be kept.
func (m *Machine) persist(e gms.Persist) {
	r := keptRecord{Core: e.Record}
	if app.Internal(e.Own) {
		r.Cast = e.Own
	}
	m.keep.since++
	m.emit(Persist{Record: encodeKept(r), Lazy: e.Lazy})
}

// Checkpoint gives what is to be done before the next step: nothing, or to keep a
// base in the place of all records so far. It may be called only when all outputs of
// the steps before have left: what the base holds as delivered is not delivered
// again. A panic inside comes out of the next Step.
func (m *Machine) Checkpoint() (out []Output) {
	if m.exited || m.keep.since < m.Setup.base {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			out, m.death = nil, death("a checkpoint", r)
		}
	}()
	core := m.core.(gms.Keeper).Checkpoint()
	if core == nil {
		return nil
	}
	m.keep.since = 0
	return []Output{Persist{Base: true, Record: encodeKept(keptBase{core, m.app.Snapshot(), m.keep.last})}}
}

// Restore brings a fresh machine back from what was kept, at time now, and gives the
// outputs of the way. After an error the machine is void.
func (m *Machine) Restore(now time.Duration, s Stored) (out []Output, err error) {
	core, ok := m.core.(gms.Keeper)
	if !ok {
		return nil, errors.New("restore: the protocol keeps nothing")
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("restore: what was kept contradicts itself: %v", r)
		}
	}()
	var base keptBase
	if s.Base != nil {
		if err := json.Unmarshal(s.Base, &base); err != nil {
			return nil, fmt.Errorf("restore: the base: %w", err)
		}
		if err := m.app.Restore(base.App); err != nil {
			return nil, fmt.Errorf("restore: %w", err)
		}
	}
	m.out = m.out[:0]
	m.keep = keeper{since: len(s.Records), last: base.Last, made: map[string]bool{}, restoring: true}
	records := make([]json.RawMessage, len(s.Records))
	for i, raw := range s.Records {
		var r keptRecord
		if err := json.Unmarshal(raw, &r); err != nil {
			return nil, fmt.Errorf("restore: record %d: %w", i, err)
		}
		records[i] = r.Core
		if r.Cast != "" {
			m.keep.made[r.Cast] = true
		}
	}
	effects, err := core.Restore(now, base.Core, records)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	for _, e := range effects {
		m.Effect(e)
	}
	m.keep.restoring = false
	m.castAll(now)
	return m.out, nil
}

// RestoreStored is Restore from what the init of a virtual world holds, nothing if
// there is nothing. An error is damage (CodeOf).
func (m *Machine) RestoreStored(now time.Duration, in node.Init) ([]Output, error) {
	if !m.Durable() || len(in.Stored) == 0 {
		return nil, nil
	}
	var s Stored
	if err := json.Unmarshal(in.Stored, &s); err != nil {
		return nil, fmt.Errorf("init.stored: %w: %w", err, stable.ErrDamaged)
	}
	switch {
	case s.Damaged:
		return nil, fmt.Errorf("config.durable: %s: %w", s.Failed, stable.ErrDamaged)
	case s.Failed != "":
		return nil, fmt.Errorf("config.durable: %s", s.Failed)
	}
	outs, err := m.Restore(now, s)
	if err != nil {
		return nil, fmt.Errorf("init.stored: %w: %w", err, stable.ErrDamaged)
	}
	return outs, nil
}

// after is what the observation of a view says of a restart: with the first view,
// the last message that was delivered before.
func (m *Machine) after() *string {
	if !m.keep.restoring || m.keep.said {
		return nil
	}
	m.keep.said = true
	last := m.keep.last
	return &last
}

func encodeKept(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("runtime: a record that JSON cannot express: %v", err)) // it holds only JSON
	}
	return raw
}
