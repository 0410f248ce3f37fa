package gms5

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/node/gms"
	"groupy/node/gms/gms5/wire"
)

// TestGMS5QuorumsMeet: any two quorums of a view share a member, the smallest
// are as small as that allows, and a leader commits with no fewer than a quorum.
func TestGMS5QuorumsMeet(t *testing.T) {
	for n := 1; n <= 7; n++ {
		var members []string
		for i := range n {
			members = append(members, fmt.Sprintf("n%d.1", i+1))
		}
		var quorums []int
		for set := range 1 << n {
			if quorum(members, func(m string) bool { return set>>slices.Index(members, m)&1 == 1 }) {
				quorums = append(quorums, set)
			} else if rest := 1<<n - 1 - set; !quorum(members, func(m string) bool { return rest>>slices.Index(members, m)&1 == 1 }) {
				t.Errorf("of %d members neither %b nor the rest is a quorum", n, set)
			}
		}
		for _, a := range quorums {
			for _, b := range quorums {
				if a&b == 0 {
					t.Fatalf("of %d members %b and %b are quorums and do not meet", n, a, b)
				}
			}
		}
	}
}

// TestGMS5CommitIsAQuorum: what quorumHolds says is held by a quorum with the
// leader in it, and the next place is not.
func TestGMS5CommitIsAQuorum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &primary{self: "n1.1"}
		p.acked = map[string]int{}
		end := rapid.IntRange(0, 9).Draw(t, "log")
		for i := range rapid.IntRange(1, 7).Draw(t, "members") {
			m := fmt.Sprintf("n%d.1", i+1)
			p.members = append(p.members, m)
			p.acked[m] = rapid.IntRange(0, end).Draw(t, m)
		}
		p.acked[p.self] = end
		holds := func(s int) bool {
			return quorum(p.members, func(m string) bool { return p.acked[m] >= s })
		}
		c := p.quorumHolds()
		if !holds(c) || c < end && holds(c+1) {
			t.Fatalf("%v: commits %d", p.acked, c)
		}
	})
}

// TestGMS5Log compares the log with a plain list of all places.
func TestGMS5Log(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l viewLog
		var all []wire.Entry
		released := 0
		t.Repeat(map[string]func(*rapid.T){
			"append": func(*rapid.T) {
				e := wire.Entry{Origin: "n1.1", Seq: len(all) + 1}
				l.append(e)
				all = append(all, e)
			},
			"extend": func(t *rapid.T) {
				var frame []wire.Entry
				for i := range rapid.IntRange(0, 3).Draw(t, "entries") {
					frame = append(frame, wire.Entry{Origin: "n1.1", Seq: len(all) + 1 + i})
				}
				l.extend(frame)
				all = append(all, frame...)
				_ = append(frame, wire.Entry{Origin: "stranger"}) // must not reach the log, nor what it appends the frame
			},
			"release": func(t *rapid.T) {
				s := rapid.IntRange(0, len(all)+1).Draw(t, "to")
				l.release(s)
				released = max(released, min(s, len(all)))
			},
			"after": func(t *rapid.T) {
				s := rapid.IntRange(0, len(all)).Draw(t, "place")
				limit := rapid.IntRange(0, 3).Draw(t, "limit")
				first, entries := l.after(s, limit)
				want := all[max(s, released):]
				if limit > 0 {
					want = want[:min(limit, len(want))]
				}
				if first != max(s, released)+1 || !slices.EqualFunc(entries, want, wire.Entry.Same) {
					t.Fatalf("after %d: %d, %v; want %v", s, first, entries, want)
				}
				_ = append(entries, wire.Entry{Origin: "stranger"}) // must not reach the log
			},
			"": func(t *rapid.T) {
				if l.end() != len(all) || l.start != released {
					t.Fatalf("%d..%d, want %d..%d", l.start, l.end(), released, len(all))
				}
				if got := slices.Concat(l.from(0)...); !slices.EqualFunc(got, all[released:], wire.Entry.Same) {
					t.Fatalf("%v is left, want %v", got, all[released:])
				}
				if slices.ContainsFunc(l.parts, func(part []wire.Entry) bool { return len(part) == 0 }) {
					t.Fatalf("an empty part: %v", l.parts)
				}
			},
		})
	})
}

// TestGMS5ABrokenEndIsSaid: a decision that begins beyond a muted core's log is a broken
// invariant in its log, and nothing worse.
func TestGMS5ABrokenEndIsSaid(t *testing.T) {
	p := &primary{self: "n1.1", cfg: gms.Config{Mutant: fewAcks, Muted: true}, view: 1}
	p.log.extend([]wire.Entry{{Origin: "n1.1", Seq: 1}})
	v := &wire.Value{Start: 4, Log: []wire.Entry{{Origin: "n1.1", Seq: 5}}, Members: []string{"n1.1"}}
	p.mustEndIn(&wire.Decision{View: 1, Value: v, Last: map[string]int{}}, nil)
	if l, ok := p.out[0].(gms.Log); !ok || !strings.Contains(l.Text, "I3") {
		t.Errorf("says %v", p.out)
	}
}
