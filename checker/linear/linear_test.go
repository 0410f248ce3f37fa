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

// naive is the definition, word for word: it tries every order that respects real
// time, and for an operation of unknown outcome every place and none.
func naive(ops []Op) bool {
	done := make([]bool, len(ops))
	known := map[string]bool{}
	var try func(held int32) bool
	try = func(held int32) bool {
		state := fmt.Sprint(done, held)
		if result, ok := known[state]; ok {
			return result
		}
		first, left := Open, false // the first return of those that must still come
		for i := range ops {
			if !done[i] && !ops[i].Maybe {
				first, left = min(first, ops[i].Return), true
			}
		}
		result := !left
		for i := range ops {
			if result {
				break
			}
			op := &ops[i]
			if done[i] || op.Call > first {
				continue
			}
			if op.Kind == Read && !op.Maybe && held != op.Value || op.Kind == CAS && held != op.From {
				continue
			}
			next := held
			if op.Kind != Read {
				next = op.Value
			}
			done[i] = true
			result = try(next)
			done[i] = false
		}
		known[state] = result
		return result
	}
	return try(Nil)
}

// random draws a history of one key: operations of some clients that take effect
// at a random moment of their lives, in a real register; answers are falsified at
// random afterwards, so that about half of all are wrong. order is that in which
// they took effect.
func random(t *rapid.T, unique bool) (ops []Op, order []int32) {
	intn := func(n int, what string) int { return rapid.IntRange(0, n-1).Draw(t, what) }
	clients := 1 + intn(4, "clients")
	open := make([]int, clients) // 1 + index of the open operation
	took := map[int]bool{}
	held, fresh, place := Nil, Nil, int64(0)
	value := func() int32 {
		if unique {
			fresh++
			return fresh
		}
		return int32(1 + intn(3, "value"))
	}
	for range 2 + intn(22, "steps") {
		c := intn(clients, "client")
		if open[c] == 0 {
			op := Op{Kind: Kind(intn(3, "kind")), Call: place, Return: Open, Maybe: true}
			if op.Kind != Read {
				op.Value = value()
			}
			if op.Kind == CAS {
				op.From = held
				if intn(3, "other") == 0 {
					op.From = int32(intn(int(max(fresh, 3))+1, "from"))
				}
			}
			ops = append(ops, op)
			open[c] = len(ops)
			place++
			continue
		}
		i := open[c] - 1
		op := &ops[i]
		if !took[i] {
			took[i] = true
			switch {
			case op.Kind == Read:
				op.Value = held
			case op.Kind == CAS && op.From != held:
				op.Kind, op.Value = Read, held // a cas that fails is no operation
			default:
				held = op.Value
			}
			order = append(order, int32(i))
		} else if intn(8, "lost") > 0 {
			op.Return, op.Maybe = place, false
			place++
			open[c] = 0
		} else {
			open[c] = 0 // its outcome stays unknown; the client goes on as another
		}
	}
	for range intn(3, "lies") {
		if len(ops) == 0 {
			break
		}
		op := &ops[intn(len(ops), "liar")]
		switch {
		case op.Kind == Read:
			op.Value = int32(intn(int(max(fresh, 3))+1, "lie"))
		case op.Kind == CAS:
			op.From = int32(intn(int(max(fresh, 3))+1, "lie"))
		case !op.Maybe && op.Return != Open:
			op.Call, op.Return = op.Call+1000, op.Return+1000 // as if it had come later
		}
	}
	return ops, order
}

func outcomeOf(legal bool) Outcome {
	if legal {
		return Legal
	}
	return Illegal
}

// TestTheThreeWaysAgree compares all ways of deciding with the definition.
func TestTheThreeWaysAgree(t *testing.T) {
	tally := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		unique := rapid.Bool().Draw(t, "unique")
		ops, order := random(t, unique)
		want := outcomeOf(naive(ops))
		tally[fmt.Sprintf("unique %v, outcome %d", unique, want)]++
		if got, _ := Search(ops, time.Minute); got != want {
			t.Fatalf("Search: %d, want %d\n%s", got, want, show(ops))
		}
		switch got := Zones(ops); {
		case got == Undecided && unique:
			t.Fatalf("Zones did not decide\n%s", show(ops))
		case got == Undecided:
			tally["zones undecided"]++
		case got != want:
			t.Fatalf("Zones: %d, want %d\n%s", got, want, show(ops))
		}
		if Replay(ops, order, 1)[0] {
			tally["replayed"]++
			if want != Legal {
				t.Fatalf("Replay proves what is illegal\n%s", show(ops))
			}
		}
	})
	t.Log(tally)
	for _, kind := range []string{
		"unique true, outcome 1", "unique true, outcome 2", "unique false, outcome 1", "unique false, outcome 2", "zones undecided", "replayed",
	} {
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
		for k, ok := range Replay(ops, order, 3) {
			if !ok {
				t.Fatalf("key %d is not proven\n%s", k, show(ops))
			}
		}
		for k, mine := range byKey(ops, 3) {
			if Zones(mine) != Legal {
				t.Fatalf("key %d is not legal by zones\n%s", k, show(mine))
			}
		}
	})
}

// TestMinimalWitnesses: what is left is illegal, and nothing of it can be left out.
func TestMinimalWitnesses(t *testing.T) {
	tried := 0
	rapid.Check(t, func(t *rapid.T) {
		ops, _ := random(t, rapid.Bool().Draw(t, "unique"))
		if naive(ops) {
			return
		}
		tried++
		illegal := func(few []Op) bool { return !naive(few) }
		witness, by := Minimal(ops, illegal)
		b := beginningOf(ops, by)
		if !illegal(b.pick(witness)) {
			t.Fatalf("the witness %v by %d is legal\n%s", witness, by, show(ops))
		}
		if len(witness) == 1 {
			return
		}
		for i := range witness {
			fewer := b.grounded(slices.Delete(slices.Clone(witness), i, i+1))
			if illegal(b.pick(fewer)) {
				t.Fatalf("the witness %v by %d does not need %d\n%s", witness, by, witness[i], show(ops))
			}
		}
	})
	if tried < 100 {
		t.Errorf("only %d illegal histories", tried)
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
		outcome, explained := Search(ops, limit)
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

func show(ops []Op) string {
	var out strings.Builder
	for i, op := range ops {
		end := fmt.Sprint(op.Return)
		if op.Return == Open {
			end = "…"
		}
		fmt.Fprintf(&out, "%d: [%d %s] %s from %d value %d maybe %v\n", i, op.Call, end,
			[]string{"read", "write", "cas"}[op.Kind], op.From, op.Value, op.Maybe)
	}
	return out.String()
}

// Benchmark is a million operations of 50 clients, 5% of unknown outcome.
func BenchmarkReplay(b *testing.B) {
	benchmark(b, func(ops []Op, order []int32) bool { return Replay(ops, order, 4)[0] })
}

func BenchmarkZones(b *testing.B) {
	var keys [][]Op
	benchmark(b, func(ops []Op, _ []int32) bool {
		if keys == nil {
			keys = byKey(ops, 4)
		}
		for _, mine := range keys {
			if Zones(mine) != Legal {
				return false
			}
		}
		return true
	})
}

func benchmark(b *testing.B, legal func([]Op, []int32) bool) {
	ops, order := honest(rand.New(rand.NewPCG(1, 1)), 1_000_000, 50, 4, 0.05)
	for b.Loop() {
		if !legal(ops, order) {
			b.Fatal("an honest history is not legal")
		}
	}
	b.ReportMetric(float64(len(ops))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mops/s")
}
