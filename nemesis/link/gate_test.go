package link

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node/draw"
)

// A sender multicasts m0, m1, … to its receivers in list order, and the lines
// see that at any speed. Whoever looks at the receivers afterwards must see a
// sender that died when it had sent the token to the last of Pass.
func TestGateIsExactUnderEveryInterleaving(t *testing.T) {
	receivers := []string{"n2", "n3", "n4", "n5"}
	rapid.Check(t, func(t *rapid.T) {
		pass := rapid.SliceOfDistinct(rapid.SampledFrom(receivers), rapid.ID[string]).Draw(t, "pass")
		count := rapid.IntRange(1, 6).Draw(t, "messages")
		at := rapid.IntRange(0, count-1).Draw(t, "token at")

		table := NewTable(draw.New("seed"))
		fired := 0
		table.Arm(Gate{ID: "g", From: "n1", Token: fmt.Sprint("m", at), Pass: pass}, func() { fired++ })
		streams, sent, got := map[string]*Stream{}, map[string]int{}, map[string][]string{}
		for _, to := range receivers {
			streams[to] = table.Open("n1", to, nil)
		}
		pump := func(to string) {
			for _, o := range flush(streams[to], 0) {
				got[to] = append(got[to], o.Text)
			}
		}
		released := false
		release := func() {
			table.Release("g", true, 0)
			released = true
		}
		for {
			unfinished := slices.DeleteFunc(slices.Clone(receivers), func(to string) bool { return sent[to] > count })
			if len(unfinished) == 0 {
				break
			}
			to := rapid.SampledFrom(unfinished).Draw(t, "line")
			if sent[to] == count {
				streams[to].Finish(text("end"), 0)
			} else {
				streams[to].Send(text(fmt.Sprint("m", sent[to])), Whole, 0)
			}
			sent[to]++
			pump(to)
			if fired > 0 && !released && rapid.Bool().Draw(t, "release") {
				release()
			}
		}
		if fired != 1 {
			t.Fatalf("fired %d times, want once", fired)
		}
		if !released {
			release()
		}
		for _, to := range receivers {
			pump(to)
			want := []string{}
			for i := range at {
				want = append(want, fmt.Sprint("m", i))
			}
			if slices.Contains(pass, to) {
				want = append(want, fmt.Sprint("m", at))
			}
			want = append(want, "end")
			if diff := cmp.Diff(want, got[to]); diff != "" {
				t.Fatalf("%s (token m%d goes to %v):\n%s", to, at, pass, diff)
			}
		}
	})
}

func TestGateWaitsForTheNextWhenARuleLosesTheToken(t *testing.T) {
	table := NewTable(draw.New("seed"))
	fired := 0
	table.Arm(Gate{ID: "g", From: "n1", Token: "m1", Pass: []string{"n2"}}, func() { fired++ })
	s := table.Open("n1", "n2", nil)
	table.SetRule("cut", "n1", "n2", Rule{Cut: true})
	s.Send(text("m1"), Whole, 0)
	if flush(s, 0); fired != 0 {
		t.Fatal("fires for a message that a cut lost")
	}
	table.ClearRules("cut", 0)
	s.Close() // as the cut has lost something of it
	s = table.Open("n1", "n2", nil)
	s.Send(text("m1 again"), Whole, 0)
	s.Send(text("m2"), Whole, 0)
	if out := texts(flush(s, 0)); fired != 1 || !slices.Equal(out, []string{"m1 again"}) {
		t.Fatalf("fired %d times, received %v", fired, out)
	}
}

// First has the message go to whom it is for, and to nobody after that.
func TestGateLetsTheFirstReceiverHaveIt(t *testing.T) {
	table := NewTable(draw.New("seed"))
	fired := 0
	table.Arm(Gate{ID: "g", From: "n1", Token: "promise", First: true}, func() { fired++ })
	a, b := table.Open("n1", "n2", nil), table.Open("n1", "n3", nil)
	b.Send(text("promise"), Whole, 0)
	a.Send(text("promise"), Whole, 0)
	b.Send(text("after"), Whole, 0)
	if got := texts(flush(b, 0)); fired != 1 || !slices.Equal(got, []string{"promise"}) {
		t.Errorf("fired %d times, the first receiver has %v", fired, got)
	}
	if got := texts(flush(a, 0)); len(got) != 0 {
		t.Errorf("the second has %v", got)
	}
}

// A position is a number of frames on each line for itself, whatever they are.
func TestGateStopsAtAPosition(t *testing.T) {
	table := NewTable(draw.New("seed"))
	fired := 0
	table.Arm(Gate{ID: "g", From: "n1", Token: AnyFrame, Skip: 2}, func() { fired++ })
	a, b := table.Open("n1", "n2", nil), table.Open("n1", "n3", nil)
	for _, s := range []*Stream{a, b} {
		s.Send(text("x"), Whole, 0)
		s.Send(text("y"), Whole, 0)
	}
	if fired != 0 {
		t.Fatal("fires at a frame that it is to skip")
	}
	a.Send(text("z"), Whole, 0)
	if got := texts(flush(a, 0)); fired != 1 || !slices.Equal(got, []string{"x", "y"}) {
		t.Errorf("fired %d times, received %v", fired, got)
	}
}

// Once the gate is full, a line without the token is held as well: what comes
// there may have been sent after the last of Pass was. If the token turns up,
// what came before it goes on.
func TestGateHoldsLinesThatHaveNotSeenTheToken(t *testing.T) {
	for _, turnsUp := range []bool{false, true} {
		table := NewTable(draw.New("seed"))
		table.Arm(Gate{ID: "g", From: "n1", Token: "m1", Pass: []string{"n2"}}, func() {})
		there, other := table.Open("n1", "n2", nil), table.Open("n1", "n3", nil)
		other.Send(text("before"), Whole, 0)
		there.Send(text("m1"), Whole, 0)
		other.Send(text("m0"), Whole, 0)
		got := texts(flush(other, 0))
		if !slices.Equal(got, []string{"before"}) {
			t.Fatalf("received %v, want what came before the gate was full", got)
		}
		want := []string{"before", "end"}
		if turnsUp {
			other.Send(text("m1"), Whole, 0)
			want = []string{"before", "m0", "end"}
		}
		table.Release("g", true, 0)
		other.Finish(text("end"), 0)
		got = append(got, texts(flush(other, 0))...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("token turns up: %v\n%s", turnsUp, diff)
		}
	}
}

func TestGateReleasedForALivingSenderLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(draw.New("seed"))
		table.Arm(Gate{ID: "g", From: "n1", Token: "m2", Pass: []string{"n3"}}, func() {})
		var want []string
		s := table.Open("n1", "n2", nil)
		var got []string
		n := rapid.IntRange(0, 8).Draw(t, "messages")
		when := rapid.IntRange(0, 8).Draw(t, "release before")
		for i := range n {
			if i == when {
				table.Release("g", false, 0)
			}
			m := fmt.Sprint("m", i)
			s.Send(text(m), Whole, 0)
			want = append(want, m)
			got = append(got, texts(flush(s, 0))...)
		}
		table.Release("g", false, 0)
		got = append(got, texts(flush(s, 0))...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if !s.Plain() {
			t.Fatal("a stream without rules or triggers is not plain")
		}
	})
}

func TestTokenIsAWord(t *testing.T) {
	for _, c := range []struct {
		text, token string
		want        bool
	}{
		{`{"msg":"m1"}`, "m1", true},
		{`{"msg":"m12"}`, "m1", false},
		{`m12 m1`, "m1", true},
		{`xm1`, "m1", false},
		{`m1_`, "m1", false},
		{`m1`, "m1", true},
		{`n1.1-m1`, "m1", true},
		{`anything`, "", false},
		{``, "m1", false},
	} {
		if got := holdsToken([]byte(c.text), c.token); got != c.want {
			t.Errorf("holdsToken(%q, %q) = %v", c.text, c.token, got)
		}
	}
}
