package app

import (
	"encoding/json"
	"fmt"
)

// What an application keeps over a restart of its process, in durable mode: all of
// its state, so that it goes on as if nothing had been.

func (none) Snapshot() json.RawMessage     { return json.RawMessage("null") }
func (none) Restore(json.RawMessage) error { return nil }

// keptColour is a colour at one moment.
type keptColour struct {
	Synced   bool           `json:"synced"`
	RGB      [3]uint8       `json:"rgb"`
	Requests int            `json:"requests"`
	Cut      map[string]int `json:"cut"`
	Queue    []int          `json:"queue"`
	Seen     bool           `json:"seen"`
}

func (c *colour) Snapshot() json.RawMessage {
	k := keptColour{Synced: c.synced, RGB: c.rgb, Requests: c.requests, Cut: c.cut, Seen: c.seen}
	for _, n := range c.queue {
		k.Queue = append(k.Queue, int(n))
	}
	return encode(k)
}

func (c *colour) Restore(snapshot json.RawMessage) error {
	var k keptColour
	if err := json.Unmarshal(snapshot, &k); err != nil {
		return fmt.Errorf("colour: %w", err)
	}
	*c = colour{member: c.member, synced: k.Synced, rgb: k.RGB, requests: k.Requests, cut: k.Cut, seen: k.Seen}
	if c.cut == nil && !c.synced {
		c.cut = map[string]int{}
	}
	for _, n := range k.Queue {
		c.queue = append(c.queue, uint8(n))
	}
	return nil
}

// keptMap is a replicated map at one moment.
type keptMap struct {
	Seen     bool         `json:"seen"`
	Entries  []entry      `json:"entries"`
	Requests int          `json:"requests"`
	Copying  *keptCopying `json:"copying,omitempty"`
}

type keptCopying struct {
	Others  []string    `json:"others"`
	Held    string      `json:"held"`
	Donor   string      `json:"donor"`
	Request string      `json:"request"`
	Cut     bool        `json:"cut"`
	Refused int         `json:"refused"`
	Silence int         `json:"silence"`
	Missed  []Operation `json:"missed"`
}

func (m *replicatedMap) Snapshot() json.RawMessage {
	k := keptMap{Seen: m.seen, Requests: m.requests}
	k.Entries, _, _ = m.entries.from("", int(^uint(0)>>1))
	if c := m.copying; c != nil {
		k.Copying = &keptCopying{c.others, c.held, c.donor, c.request, c.cut, c.refused, c.silence, c.missed}
	}
	return encode(k)
}

func (m *replicatedMap) Restore(snapshot json.RawMessage) error {
	var k keptMap
	if err := json.Unmarshal(snapshot, &k); err != nil {
		return fmt.Errorf("map: %w", err)
	}
	m.seen, m.requests, m.entries, m.copying = k.Seen, k.Requests, entries{}, nil
	for _, e := range k.Entries {
		m.entries.set(e.Key, e.Value)
	}
	if c := k.Copying; c != nil {
		m.copying = &copying{c.Others, c.Held, c.Donor, c.Request, c.Cut, c.Refused, c.Silence, c.Missed}
	}
	return nil
}
