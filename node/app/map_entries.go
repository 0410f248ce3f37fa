package app

import (
	"encoding/json"
	"fmt"
	"slices"

	"groupy/node/draw"
)

// entries are the map's content. The zero value is empty. Keys are kept in order,
// so that a part of the map is a range of keys; their hash is a sum over all
// entries, so that a change costs the same however many there are.
type entries struct {
	values map[string]json.RawMessage
	keys   []string // in order
	sum    uint64
}

// entry is one key with its value, as a part of the map travels.
type entry struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

func (e *entries) get(key string) (json.RawMessage, bool) {
	v, ok := e.values[key]
	return v, ok
}

func (e *entries) set(key string, value json.RawMessage) {
	if e.values == nil {
		e.values = map[string]json.RawMessage{}
	}
	old, known := e.values[key]
	if known {
		e.sum -= hashOf(key, old)
	} else {
		at, _ := slices.BinarySearch(e.keys, key)
		e.keys = slices.Insert(e.keys, at, key)
	}
	e.values[key] = value
	e.sum += hashOf(key, value)
}

// from gives the entries whose keys are not before first, in order, about as many
// bytes as most, and the first key that is not among them; more is false where
// there is none. It gives one entry at least, if there is one.
func (e *entries) from(first string, most int) (part []entry, next string, more bool) {
	at, _ := slices.BinarySearch(e.keys, first)
	size := 0
	for _, key := range e.keys[at:] {
		value := e.values[key]
		size += len(key) + len(value)
		if len(part) > 0 && size > most {
			return part, key, true
		}
		part = append(part, entry{key, value})
	}
	return part, "", false
}

// hash tells two contents apart, as a short string.
func (e *entries) hash() string { return fmt.Sprintf("%016x", e.sum) }

func hashOf(key string, value json.RawMessage) uint64 {
	return draw.New(key).With(string(value)).Uint64()
}
