package runtime

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"
)

// inProcess is a node that runs in the test's own process, where the race
// detector and the hunt for goroutines see it.
type inProcess struct {
	t     *testing.T
	stdin *io.PipeWriter
	lines chan string // has room for all that a test makes it say
	ended chan int
}

func runInProcess(t *testing.T) *inProcess {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	n := &inProcess{t: t, stdin: inW, lines: make(chan string, 10_000), ended: make(chan int, 1)}
	go func() {
		code := Run(Process{Stdin: inR, Stdout: outW, Log: hclog.NewNullLogger(), Now: time.Now})
		_ = inR.Close()
		_ = outW.Close()
		n.ended <- code
	}()
	go func() {
		defer close(n.lines)
		for s := bufio.NewScanner(outR); s.Scan(); {
			n.lines <- s.Text()
		}
	}()
	return n
}

func (n *inProcess) say(format string, args ...any) {
	n.t.Helper()
	if _, err := fmt.Fprintf(n.stdin, format+"\n", args...); err != nil {
		n.t.Fatal(err)
	}
}

// until reads lines up to one that has a text in it.
func (n *inProcess) until(text string) {
	n.t.Helper()
	for line := range n.lines {
		if strings.Contains(line, text) {
			return
		}
	}
	n.t.Fatalf("stdout ends without %s", text)
}

func TestARunLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := newCluster(t, 2, nil)
	var nodes []*inProcess
	for i, name := range c.names {
		n := runInProcess(t)
		nodes = append(nodes, n)
		n.say(`{"body":{"type":"init","node_id":%q,"incarnation":1,"node_ids":["n1","n2"],"transport":"tcp","clock":"real",`+
			`"listen":%q,"peers":%s,"config":{"protocol":%q,"app":"colour"}}}`, name, c.addrs[name], mustJSON(t, c.addrs), electingLevel)
		n.until("init_ok")
		n.say(`{"body":{"type":"join","contacts":%s}}`, []string{`[]`, `["n1"]`}[i])
		n.until("join_ok")
	}
	for i := range 100 {
		nodes[1].say(`{"body":{"type":"multicast","msg":"m%d"}}`, i)
	}
	for _, n := range nodes {
		n.until(`"m99"`)
	}
	// Both go on talking while one is told to end and the other loses its harness.
	nodes[0].say(`{"body":{"type":"shutdown"}}`)
	_ = nodes[1].stdin.Close()
	for _, n := range nodes {
		for range n.lines { // until its end
		}
		if code := <-n.ended; code != 0 {
			t.Errorf("exit %d", code)
		}
	}
}

func TestALineThatIsTooLongEndsTheNode(t *testing.T) {
	in := io.MultiReader(strings.NewReader(strings.Repeat("x", maxLine+1)), strings.NewReader("\n"))
	if code := Run(Process{Stdin: in, Stdout: io.Discard, Log: hclog.NewNullLogger(), Now: time.Now}); code != 1 {
		t.Errorf("exit %d, want 1", code)
	}
}
