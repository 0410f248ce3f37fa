package link

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node/draw"
)

// text is a message of the tests.
type text string

func (m text) Bytes() []byte { return []byte(m) }
func (m text) Size() int     { return len(m) }

// left is one message that came out of a stream.
type left struct {
	Text string
	At   time.Duration
}

// flush pops all that is to come out of s, on virtual time from now on.
func flush(s *Stream, now time.Duration) (out []left) {
	for {
		for _, f := range s.Pop(nil, now) {
			out = append(out, left{string(f.Bytes()), now})
		}
		s.Done(true)
		due, ok := s.Next()
		if !ok {
			return out
		}
		now = max(now, due)
	}
}

func texts(out []left) (all []string) {
	for _, o := range out {
		all = append(all, o.Text)
	}
	return all
}

// chance is a probability with few digits, so that it survives in a fail file.
func chance(t *rapid.T, label string) float64 {
	return float64(rapid.IntRange(0, 100).Draw(t, label)) / 100
}

func genRule(t *rapid.T, label string) Rule {
	return Rule{
		Cut:         rapid.IntRange(0, 4).Draw(t, label+" cut") == 0,
		Drop:        chance(t, label+" drop"),
		Duplicate:   chance(t, label+" duplicate"),
		Reorder:     chance(t, label+" reorder"),
		Delay:       time.Duration(rapid.IntRange(0, 50).Draw(t, label+" delay")) * time.Millisecond,
		Jitter:      time.Duration(rapid.IntRange(0, 50).Draw(t, label+" jitter")) * time.Millisecond,
		BytesPerSec: int64(rapid.IntRange(0, 1000).Draw(t, label+" throttle")),
	}
}

func TestMergeLaws(t *testing.T) {
	same := func(a, b Rule) bool {
		near := func(x, y float64) bool { return math.Abs(x-y) < 1e-12 }
		ok := near(a.Drop, b.Drop) && near(a.Duplicate, b.Duplicate) && near(a.Reorder, b.Reorder)
		a.Drop, a.Duplicate, a.Reorder = b.Drop, b.Duplicate, b.Reorder
		return ok && a == b
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genRule(t, "a"), genRule(t, "b"), genRule(t, "c")
		if Merge(a, Rule{}) != a {
			t.Errorf("the zero rule changes %+v to %+v", a, Merge(a, Rule{}))
		}
		if !same(Merge(a, b), Merge(b, a)) {
			t.Errorf("not commutative: %+v, %+v", a, b)
		}
		if !same(Merge(a, Merge(b, c)), Merge(Merge(a, b), c)) {
			t.Errorf("not associative: %+v, %+v, %+v", a, b, c)
		}
	})
}

// act is a random history of one line: messages, and faults that come and go.
type act struct {
	after time.Duration
	send  int // messages
	set   string
	rule  Rule
	clear string
}

func genActs(t *rapid.T, tame func(*Rule)) (acts []act) {
	for i := range rapid.IntRange(1, 30).Draw(t, "acts") {
		a := act{after: time.Duration(rapid.IntRange(0, 30).Draw(t, "after")) * time.Millisecond}
		id := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "fault")
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			a.set, a.rule = id, genRule(t, fmt.Sprint("rule ", i))
			tame(&a.rule)
		case 1:
			a.clear = id
		default:
			a.send = rapid.IntRange(1, 5).Draw(t, "messages")
		}
		acts = append(acts, a)
	}
	return append(acts, act{clear: "a"}, act{clear: "b"})
}

// play performs acts on one stream, popping what is due on the way, and drains
// it at the end.
func play(t *rapid.T, table *Table, acts []act) (out []left, sent []string) {
	s := table.Open("n1", "n2", nil)
	defer s.Close()
	now := time.Duration(0)
	for _, a := range acts {
		until := now + a.after
		for {
			due, ok := s.Next()
			if !ok || due > until {
				break
			}
			now = max(now, due)
			for _, f := range s.Pop(nil, now) {
				out = append(out, left{string(f.Bytes()), now})
			}
			s.Done(true)
		}
		now = until
		for range a.send {
			m := fmt.Sprintf("m%d", len(sent))
			sent = append(sent, m)
			s.Send(text(m), Whole, now)
		}
		if a.set != "" {
			table.SetRule(a.set, "n1", "n2", a.rule)
		}
		if a.clear != "" {
			table.ClearRules(a.clear, now)
		}
	}
	out = append(out, flush(s, now)...)
	if s.Backlog() != 0 {
		t.Fatalf("%d bytes of backlog in a drained stream", s.Backlog())
	}
	return out, sent
}

func TestOrderIsKeptAndNothingLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(draw.New("seed"))
		acts := genActs(t, func(r *Rule) { r.Cut, r.Drop, r.Reorder = false, 0, 0 })
		out, sent := play(t, table, acts)
		if diff := cmp.Diff(sent, slices.Compact(texts(out))); diff != "" {
			t.Fatalf("sent and received differ:\n%s", diff)
		}
		if n := table.Counters("n1", "n2"); int(n.Duplicated) != len(out)-len(sent) {
			t.Fatalf("%d counted as duplicated, %d came twice", n.Duplicated, len(out)-len(sent))
		}
	})
}

func TestEveryMessageIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(draw.New("seed"))
		out, sent := play(t, table, genActs(t, func(*Rule) {}))
		n := table.Counters("n1", "n2")
		if int(n.Passed) != len(out) {
			t.Fatalf("%d counted as passed, %d came out", n.Passed, len(out))
		}
		if in, gone := int64(len(sent))+n.Duplicated, n.Passed+n.Cut+n.Dropped; in != gone {
			t.Fatalf("%d messages with copies went in, %d are accounted for: %+v", in, gone, n)
		}
	})
}

func TestReorderedMessagesAreNeverLostAndNotLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(draw.New(rapid.String().Draw(t, "seed")))
		table.SetRule("r", "n1", "n2", Rule{Reorder: chance(t, "reorder")})
		s := table.Open("n1", "n2", nil)
		n := rapid.IntRange(1, 60).Draw(t, "messages")
		for i := range n {
			s.Send(text(fmt.Sprintf("%04d", i)), Whole, 0)
		}
		if rapid.Bool().Draw(t, "finish") {
			s.Finish(text(""), 0)
		}
		out := flush(s, 0)
		if i := slices.IndexFunc(out, func(o left) bool { return o.Text == "" }); i >= 0 && i != len(out)-1 {
			t.Fatalf("the end of the connection comes before %v", out[i+1:])
		}
		out = slices.DeleteFunc(out, func(o left) bool { return o.Text == "" })
		late := 0
		for i, o := range out {
			if o.At > ReorderLimit {
				t.Fatalf("%s leaves after %v", o.Text, o.At)
			}
			if slices.ContainsFunc(out[:i], func(earlier left) bool { return earlier.Text > o.Text }) {
				late++
			}
		}
		if c := table.Counters("n1", "n2"); int(c.Reordered) < late {
			t.Fatalf("%d left after a later one, %d counted", late, c.Reordered)
		}
		all := texts(out)
		slices.Sort(all)
		for i := range n {
			if i >= len(all) || all[i] != fmt.Sprintf("%04d", i) {
				t.Fatalf("%d sent, received %v", n, all)
			}
		}
	})
}

// fates says which of n messages a line loses and which come twice.
func fates(table *Table, n int) (dropped, doubled []string) {
	s := table.Open("n1", "n2", nil)
	defer s.Close()
	for i := range n {
		s.Send(text(fmt.Sprint("m", i)), Whole, 0)
	}
	got := map[string]int{}
	for _, o := range flush(s, 0) {
		got[o.Text]++
	}
	for i := range n {
		switch m := fmt.Sprint("m", i); got[m] {
		case 0:
			dropped = append(dropped, m)
		case 2:
			doubled = append(doubled, m)
		}
	}
	return dropped, doubled
}

func TestOneFaultsChancesDoNotHangOnAnothers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := draw.New(rapid.String().Draw(t, "seed"))
		rule := Rule{Drop: 0.3}
		alone := NewTable(seed)
		alone.SetRule("a", "n1", "n2", rule)
		want, _ := fates(alone, 50)

		other := genRule(t, "other")
		other.Cut, other.Drop = false, 0
		both := NewTable(seed)
		both.SetRule("b", "n1", "n2", other)
		both.SetRule("a", "n1", "n2", rule)
		got, _ := fates(both, 50)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("with another fault, other messages are dropped:\n%s", diff)
		}
	})
}

func TestClearingAFaultRestoresWhatWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := draw.New("seed")
		keep := genRule(t, "keep")
		keep.Cut = false
		plain, touched := NewTable(seed), NewTable(seed)
		for _, table := range []*Table{plain, touched} {
			table.SetRule("keep", "n1", "n2", keep)
		}
		before := touched.Effective("n1", "n2")
		touched.SetRule("gone", "n1", "n2", genRule(t, "gone"))
		touched.ClearRules("gone", 0)
		if after := touched.Effective("n1", "n2"); after != before {
			t.Fatalf("before %+v, after %+v", before, after)
		}
		acts := []act{{send: 40}}
		want, _ := play(t, plain, acts)
		got, _ := play(t, touched, acts)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("a fault that is gone still shows:\n%s", diff)
		}
	})
}

func TestSameSeedSameFates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		acts := genActs(t, func(*Rule) {})
		a, _ := play(t, NewTable(draw.New("x")), acts)
		b, _ := play(t, NewTable(draw.New("x")), acts)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("the same acts twice:\n%s", diff)
		}
	})
}

func TestChancesComeOutAsOften(t *testing.T) {
	table := NewTable(draw.New("often"))
	table.SetRule("d", "n1", "n2", Rule{Drop: 0.2, Duplicate: 0.1})
	s := table.Open("n1", "n2", nil)
	const n = 20000
	for range n {
		s.Send(text("m"), Whole, 0)
	}
	flush(s, 0)
	c := table.Counters("n1", "n2")
	for name, x := range map[string][2]float64{
		"dropped":    {float64(c.Dropped) / n, 0.2},
		"duplicated": {float64(c.Duplicated) / (n - float64(c.Dropped)), 0.1},
	} {
		if math.Abs(x[0]-x[1]) > 0.02 {
			t.Errorf("%s: %.3f, want about %.3f", name, x[0], x[1])
		}
	}
}

func TestThrottleStampsAndDelayDoesNotAddUp(t *testing.T) {
	table := NewTable(draw.New("seed"))
	table.SetRule("slow", "n1", "n2", Rule{BytesPerSec: 1000, Delay: 5 * time.Millisecond})
	s := table.Open("n1", "n2", nil)
	for range 3 {
		s.Send(text("0123456789"), Whole, 0)
	}
	var at []time.Duration
	for _, o := range flush(s, 0) {
		at = append(at, o.At)
	}
	want := []time.Duration{15 * time.Millisecond, 25 * time.Millisecond, 35 * time.Millisecond}
	if diff := cmp.Diff(want, at); diff != "" {
		t.Errorf("10 bytes at 1000 a second and 5 ms:\n%s", diff)
	}
}

func TestACutLosesWhatIsInFlight(t *testing.T) {
	table := NewTable(draw.New("seed"))
	table.SetRule("slow", "n1", "n2", Rule{Delay: time.Second, Reorder: 0.5})
	s := table.Open("n1", "n2", nil)
	for range 10 {
		s.Send(text("m"), Whole, 0)
	}
	table.SetRule("cut", "n1", "n2", Rule{Cut: true})
	table.ClearRules("cut", 0)
	if n := table.Counters("n1", "n2").Cut; n != 10 || !s.Broken() || s.Backlog() != 0 {
		t.Errorf("%d lost, broken %v, backlog %d; want 10, true, 0", n, s.Broken(), s.Backlog())
	}
	if out := flush(s, 0); len(out) != 0 {
		t.Errorf("received %v from the cut line", out)
	}
	s.Send(text("m"), Whole, 0) // before whoever owns the connection has reset it
	if out := flush(s, 0); len(out) != 0 {
		t.Errorf("received %v behind what was lost", out)
	}
}

func TestHealingAThrottleLetsItsQueueGo(t *testing.T) {
	table := NewTable(draw.New("seed"))
	table.SetRule("slow", "n1", "n2", Rule{BytesPerSec: 1})
	s := table.Open("n1", "n2", nil)
	for i := range 5 {
		s.Send(text(fmt.Sprint("m", i)), Whole, 0)
	}
	table.ClearRules("slow", time.Second)
	var got []string
	for _, f := range s.Pop(nil, time.Second) {
		got = append(got, string(f.Bytes()))
	}
	if diff := cmp.Diff([]string{"m0", "m1", "m2", "m3", "m4"}, got); diff != "" {
		t.Errorf("one second after a throttle of one byte a second:\n%s", diff)
	}
}
