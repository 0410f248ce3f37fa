package disk

import (
	"syscall"
	"time"
)

// Rule is what a fault makes of a disk while it is in force. The zero value changes
// nothing.
type Rule struct {
	// Full refuses whatever needs room (ENOSPC): writes that make a file longer, new
	// files and folders.
	Full bool `json:"full,omitempty"`
	// Fails has writes, or syncs, fail with EIO: one of FailsWrite and FailsSync.
	Fails string `json:"fails,omitempty"`
	// Slow is how much longer each sync takes.
	Slow time.Duration `json:"slow_ns,omitempty"`
}

// What a Rule may have fail.
const (
	FailsWrite = "write"
	FailsSync  = "fsync"
)

// With is both rules at once.
func (r Rule) With(o Rule) Rule {
	r.Full = r.Full || o.Full
	if o.Fails != "" {
		r.Fails = o.Fails
	}
	r.Slow += o.Slow
	return r
}

// Counters count what a disk has done since it was made, and what its rules have done
// to it.
type Counters struct {
	Writes  int64 `json:"writes"`
	Syncs   int64 `json:"syncs"`
	Refused int64 `json:"refused"` // for want of room
	Failed  int64 `json:"failed"`  // with EIO
	Slowed  int64 `json:"slowed"`  // syncs
}

// State is a disk's rules, by the fault that holds them, with its counters. It is not
// safe for concurrent use.
type State struct {
	Counters Counters
	rules    map[string]Rule
}

// Set puts a rule under a fault's id, in the place of the one that it has there.
func (s *State) Set(id string, r Rule) {
	if s.rules == nil {
		s.rules = map[string]Rule{}
	}
	s.rules[id] = r
}

// Clear takes a fault's rule back.
func (s *State) Clear(id string) { delete(s.rules, id) }

// Rule is what all faults together make of the disk now.
func (s *State) Rule() (all Rule) {
	for _, r := range s.rules {
		all = all.With(r)
	}
	return all
}

// Room counts a call that needs room, which is refused if the disk is full.
func (s *State) Room() error {
	if s.Rule().Full {
		s.Counters.Refused++
		return syscall.ENOSPC
	}
	return nil
}

// Write counts a write; grows says that it makes the file longer.
func (s *State) Write(grows bool) error {
	s.Counters.Writes++
	if s.Rule().Fails == FailsWrite {
		s.Counters.Failed++
		return syscall.EIO
	}
	if grows {
		return s.Room()
	}
	return nil
}

// Sync counts a sync, and says how much longer it takes and whether it fails.
func (s *State) Sync() (slower time.Duration, err error) {
	s.Counters.Syncs++
	r := s.Rule()
	if r.Slow > 0 {
		s.Counters.Slowed++
	}
	if r.Fails == FailsSync {
		s.Counters.Failed++
		err = syscall.EIO
	}
	return r.Slow, err
}
