package harness

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"groupy/harness/plan"
	"groupy/node/draw"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/bytes.txt anew from what the virtual world writes now")

// The names that the golden plans draw from are frozen: a fault or workload that is
// added changes none of them.
var (
	goldenProtocols = []string{"gms1", "gms2", "gms3", "gms4", "gms5"}
	goldenWorkloads = []string{"multicast", "colour", "register", "map", "fifo-chain", "causal", "churn"}
	goldenFaults    = []string{
		"kill", "kill-mid-multicast", "kill-successor", "restart", "join-storm", "restart-all", "shutdown", "pause", "leave",
		"partition-halves", "partition-random-halves", "partition-minority", "isolate-one", "one-link", "isolate-leader",
		"one-way", "bridge", "majority-ring", "drop", "duplicate", "reorder", "delay", "jitter", "throttle", "reset",
	}
)

// goldenPlan is the i-th of the plans whose histories are golden. Each fault has its
// turns with each protocol; gms5 is durable now and then.
func goldenPlan(t testing.TB, i int) *plan.Plan {
	t.Helper()
	k := draw.New("bytes").At(uint64(i))
	turn := i / len(goldenProtocols)
	o := plan.Options{
		Seed:        fmt.Sprint("bytes-", i),
		Protocol:    goldenProtocols[i%len(goldenProtocols)],
		Workload:    goldenWorkloads[k.With("workload").Intn(len(goldenWorkloads))],
		Nodes:       2 + k.With("nodes").Intn(5),
		ClientsEach: 1 + k.With("clients").Intn(4),
		Rate:        k.With("rate").LogBetween(10, 200),
		TimeLimit:   time.Duration(k.With("main").Between(1, 4) * float64(time.Second)),
		Heartbeat:   50 * time.Millisecond,
		Timeout:     300 * time.Millisecond,
		History:     k.With("history").Intn(2) * 20,
		Nemesis:     []string{goldenFaults[turn%len(goldenFaults)]},
	}
	if other := goldenFaults[(7*turn+i+3)%len(goldenFaults)]; other != o.Nemesis[0] {
		o.Nemesis = append(o.Nemesis, other)
	}
	o.Durable = o.Protocol == "gms5" && turn%4 == 3
	p, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// goldenLine says what a plan and its history are: a number, a name, the first
// characters of the SHA-256 of each (without the plan's promises, which say how it is
// judged and not what happens: a property that is added changes none), and the count
// of the history's lines.
func goldenLine(t testing.TB, i int, p *plan.Plan) string {
	t.Helper()
	bare := *p
	bare.Promises = nil
	h := inSim(t, &bare)
	return fmt.Sprintf("%03d %-16s %.16x %x %d", i, p.Name, sha256.Sum256(bare.Encode()), sha256.Sum256(h), bytes.Count(h, []byte{'\n'}))
}

// What the virtual world writes is a promise: a saved seed brings back the same run
// with the next version too. A line that changes needs a reason in the commit that
// changes it; -rewrite writes the lines anew.
func TestTheSameBytesAsBefore(t *testing.T) {
	const golden = "testdata/bytes.txt"
	const plans = 200
	var now []string
	for i := range plans {
		if testing.Short() && i%8 != 0 && !*rewrite {
			now = append(now, "")
			continue
		}
		now = append(now, goldenLine(t, i, goldenPlan(t, i)))
	}
	if *rewrite {
		if err := os.WriteFile(golden, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(golden)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	i := 0
	for s := bufio.NewScanner(f); s.Scan(); i++ {
		if i < plans && now[i] != "" && now[i] != s.Text() {
			t.Errorf("was %s\nis  %s", s.Text(), now[i])
		}
	}
	if i != plans {
		t.Errorf("%s has %d lines, not %d", golden, i, plans)
	}
}
