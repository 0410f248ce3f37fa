package ladder

import "groupy/node/gms"

// gms1: the leader orders, and tells of joins by views. A slave takes what
// arrives, as it arrives; nobody watches anybody. It breaks under any crash of
// the leader: nothing replaces it.

// newGMS1 is the group process alone.
func NewGMS1(c gms.Config) gms.Core { return newGroup(c) }

// unnumbered is the order of gms1 and gms2: whatever comes is next.
type unnumbered struct{}

func (unnumbered) stamp(*cast)        {}
func (unnumbered) judge(cast) verdict { return take }
func (unnumbered) taken(cast)         {}
func (unnumbered) waits(cast)         {}
func (unnumbered) takeover()          {}
func (unnumbered) asked(string, nack) {}
func (unnumbered) timer(string)       {}
func (unnumbered) reset()             {}

// unwatched is the detector of gms1: none.
type unwatched struct{}

func (unwatched) follow(bool)               {}
func (unwatched) lead()                     {}
func (unwatched) stop()                     {}
func (unwatched) heard(string, gms.Message) {}
func (unwatched) closed(string)             {}
func (unwatched) timer(string)              {}
