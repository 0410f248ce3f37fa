package linear

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestMain sets a number of random histories; GROUPY_LONG=1 makes it the long run,
// and -rapid.checks is obeyed as always.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	checks := "5000"
	if os.Getenv("GROUPY_LONG") != "" {
		checks = "100000"
	}
	if !given {
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func outcomeOf(legal bool) Outcome {
	if legal {
		return Legal
	}
	return Illegal
}

var objects = []Object{Register, Counter, Set, Queue, Log}

// TestTheWaysAgree compares all ways of deciding with the definition, for every
// object.
func TestTheWaysAgree(t *testing.T) {
	for _, o := range objects {
		t.Run(string(o), func(t *testing.T) { agree(t, o) })
	}
}

func agree(t *testing.T, o Object) {
	tally := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		unique := rapid.Bool().Draw(t, "unique")
		p, order := random(t, o, unique)
		want := outcomeOf(naive(p, p.Ops))
		tally[fmt.Sprintf("unique %v, outcome %d", unique, want)]++
		if got := p.Search(time.Minute, new(Progress)); got != want {
			t.Fatalf("Search: %d, want %d\n%s", got, want, show(p))
		}
		switch got := p.Decide(); {
		case got == Undecided && (unique && o != Queue || o == Set):
			t.Fatalf("Decide did not\n%s", show(p))
		case got == Undecided:
			tally["undecided"]++
		case got != want:
			t.Fatalf("Decide: %d, want %d\n%s", got, want, show(p))
		default:
			tally["decided"]++
		}
		if Replay(o, []Values{p.Values}, p.Ops, order)[0] {
			tally["replayed"]++
			if want != Legal {
				t.Fatalf("Replay proves what is illegal\n%s", show(p))
			}
		}
	})
	t.Log(tally)
	kinds := []string{"unique true, outcome 1", "unique true, outcome 2", "unique false, outcome 1", "unique false, outcome 2", "replayed"}
	if o != Set {
		kinds = append(kinds, "undecided")
	}
	if o != Queue {
		kinds = append(kinds, "decided")
	}
	for _, kind := range kinds {
		if !t.Failed() && tally[kind] < 20 {
			t.Errorf("%s: only %d times; the comparison proves little", kind, tally[kind])
		}
	}
}

// TestReplayProvesWhatTookEffectInThatOrder: an honest history is always proven by
// the order in which it came about.
func TestReplayProvesWhatTookEffectInThatOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops, order := honest(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), 200, 5, 3, 0.1)
		for k, ok := range Replay(Register, make([]Values, 3), ops, order) {
			if !ok {
				t.Fatalf("key %d is not proven\n%s", k, show(&Problem{Ops: ops}))
			}
		}
		for k, mine := range byKey(ops, 3) {
			if Zones(mine) != Legal {
				t.Fatalf("key %d is not legal by zones\n%s", k, show(&Problem{Ops: mine}))
			}
		}
	})
}

// TestMinimalWitnesses: what is left is illegal, and nothing of it can be left out.
func TestMinimalWitnesses(t *testing.T) {
	for _, o := range objects {
		t.Run(string(o), func(t *testing.T) {
			tried := 0
			rapid.Check(t, func(t *rapid.T) {
				if p, _ := random(t, o, rapid.Bool().Draw(t, "unique")); !naive(p, p.Ops) {
					tried++
					minimal(t, p)
				}
			})
			if tried < 50 {
				t.Errorf("only %d illegal histories", tried)
			}
		})
	}
}

func minimal(t *rapid.T, p *Problem) {
	illegal := func(few []Op) bool { return !naive(p, few) }
	w := p.Minimal(illegal)
	b := beginningOf(p.Ops, w.By)
	known := func(few []int) []Op {
		if p.Object == Register {
			return b.pick(b.grounded(slices.Clone(few)))
		}
		return b.weaken(few)
	}
	if len(w.Ops) == 1 && p.Object == Register {
		return // it may be from nowhere
	}
	if !illegal(known(w.Ops)) {
		t.Fatalf("the witness %v is legal\n%s", w, show(p))
	}
	for i := range w.Ops {
		if illegal(known(slices.Delete(slices.Clone(w.Ops), i, i+1))) {
			t.Fatalf("the witness %v does not need %d\n%s", w, w.Ops[i], show(p))
		}
	}
}

// A state that is reached by two ways is found again: its hash hangs on what it is
// alone. Different ones differ in it, or the search would compare them all.
func TestStatesHashByWhatTheyAre(t *testing.T) {
	v := &Values{Lists: [][]int32{{}}, Amounts: []int64{0}, Texts: []string{""}}
	for o, states := range map[Object][]any{
		Register: {int32(1), int32(2)}, Counter: {int64(1), int64(2)}, Text: {"a", "b"},
		Set: {[]int32{1, 2}, []int32{2, 3}}, Queue: {[]int32{1, 2}, []int32{2, 1}}, Log: {[]int32{1}, []int32{1, 1}},
	} {
		hash := o.machine(v).hash
		again := states[0]
		if list, ok := again.([]int32); ok {
			again = append([]int32{}, list...)
		}
		if hash(states[0]) != hash(again) || hash(states[0]) == hash(states[1]) {
			t.Errorf("%s: %x, again %x, another %x", o, hash(states[0]), hash(again), hash(states[1]))
		}
	}
}

// When the time is over, what is left is the witness.
func TestWitnessIsLeftWhenTimeIsOver(t *testing.T) {
	late := make(chan time.Time, 1)
	late <- time.Time{}
	p := &Problem{Object: Queue, Values: Values{Lists: [][]int32{{}}}, Ops: []Op{
		{Kind: Enqueue, Value: 1, Call: 0, Return: 1},
		{Kind: Enqueue, Value: 2, Call: 2, Return: 3},
		{Kind: Dequeue, Value: 1, Call: 4, Return: 5},
		{Kind: Dequeue, Value: 7, Call: 6, Return: 7},
	}}
	if w := p.Minimal(p.Illegal(late)); len(w.Ops) != len(p.Ops) {
		t.Errorf("the witness is %v, want all", w.Ops)
	}
	if w := p.Minimal(p.Illegal(nil)); len(w.Ops) >= len(p.Ops) {
		t.Errorf("the witness is %v, want fewer: there is time", w.Ops)
	}
}

func TestSearchSaysHowFarItGot(t *testing.T) {
	ops, _ := honest(rand.New(rand.NewPCG(1, 1)), 3000, 40, 1, 0.05)
	for i := range ops {
		if ops[i].Value > 0 {
			ops[i].Value = 1 + ops[i].Value%3
		}
		if ops[i].From > 0 {
			ops[i].From = 1 + ops[i].From%3
		}
	}
	ops[len(ops)-1] = Op{Kind: Read, Value: 9, Call: ops[len(ops)-1].Call, Return: Open - 1}
	for limit := time.Millisecond; ; limit *= 2 { // a loaded machine gets nowhere in a moment
		var progress Progress
		p := Problem{Object: Register, Ops: ops}
		outcome := p.Search(limit, &progress)
		explained := progress.Longest()
		if outcome != Undecided || explained >= len(ops) {
			t.Fatalf("outcome %d after %v, %d of %d operations explained", outcome, limit, explained, len(ops))
		}
		if explained > 0 {
			return
		}
	}
}

// honest is a history of n operations of some clients on some keys, each write of
// a new value, and the order in which they took effect. lost is the part of them
// of unknown outcome.
func honest(r *rand.Rand, n, clients, keys int, lost float64) (ops []Op, order []int32) {
	open := make([]int, clients)
	took := make([]bool, n)
	held := make([]int32, keys)
	fresh := make([]int32, keys)
	place := int64(0)
	for len(ops) < n || slices.ContainsFunc(open, func(i int) bool { return i > 0 }) {
		c := r.IntN(clients)
		if open[c] == 0 {
			if len(ops) == n {
				continue
			}
			op := Op{Kind: Kind(r.IntN(3)), Key: int32(r.IntN(keys)), Call: place, Return: Open, Maybe: true}
			if op.Kind != Read {
				fresh[op.Key]++
				op.Value = fresh[op.Key]
			}
			ops = append(ops, op)
			open[c] = len(ops)
			place++
			continue
		}
		i := open[c] - 1
		op := &ops[i]
		switch {
		case took[i] && r.Float64() < lost:
			open[c] = 0
		case took[i]:
			op.Return, op.Maybe = place, false
			place++
			open[c] = 0
		default:
			took[i] = true
			switch op.Kind {
			case Read:
				op.Value = held[op.Key]
			case CAS:
				op.From = held[op.Key]
				held[op.Key] = op.Value
			case Write:
				held[op.Key] = op.Value
			}
			order = append(order, int32(i))
		}
	}
	return ops, order
}

func byKey(ops []Op, keys int) [][]Op {
	list := make([][]Op, keys)
	for _, op := range ops {
		list[op.Key] = append(list[op.Key], op)
	}
	return list
}

func show(p *Problem) string {
	var out strings.Builder
	for i, op := range p.Ops {
		end := fmt.Sprint(op.Return)
		if op.Return == Open {
			end = "…"
		}
		fmt.Fprintf(&out, "%d: [%d %s] %s from %d value %d maybe %v\n", i, op.Call, end,
			[]string{"read", "write", "cas", "add", "enqueue", "dequeue", "append"}[op.Kind], op.From, op.Value, op.Maybe)
	}
	return out.String() + fmt.Sprintln(p.Object, p.Values)
}
