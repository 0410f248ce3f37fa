package runtime

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"groupy/node"
	"groupy/node/gms/protocols"
)

// asNode makes this test binary a node, so that tests have real processes.
const asNode = "GROUPY_TEST_AS_NODE"

func TestMain(m *testing.M) {
	protocols.All = append(protocols.All, panicking)
	if os.Getenv(asNode) != "" {
		os.Exit(Run(Process{
			Stdin: os.Stdin, Stdout: os.Stdout, Now: time.Now,
			Log: hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: os.Stderr}),
		}))
	}
	if addrs := os.Getenv(asKilled); addrs != "" {
		writeAndDie(addrs)
		return
	}
	goleak.VerifyTestMain(m)
}

// patience is how long a test waits for something that must happen. Nothing is
// judged by it but that it happened at all.
const patience = 30 * time.Second

// body is a line's body, any type.
type body map[string]any

func (b body) str(key string) string { s, _ := b[key].(string); return s }

func (b body) strs(key string) (out []string) {
	list, _ := b[key].([]any)
	for _, x := range list {
		out = append(out, fmt.Sprint(x))
	}
	return out
}

// process is a node process and everything that it has said so far.
type process struct {
	t     testing.TB
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	msgID int64
	log   *lockedBuffer

	mu    sync.Mutex
	said  []body
	grown chan struct{} // closed and renewed when said grows
	ended bool          // stdout has ended

	silent chan struct{} // closed when stdout has ended and all was taken
}

// start runs a program as a node's process; it is killed when the test ends.
func start(t testing.TB, name string, argv ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: exec.Command(argv[0], argv[1:]...), grown: make(chan struct{}), silent: make(chan struct{}), log: &lockedBuffer{}}
	p.cmd.Env = append(os.Environ(), asNode+"=1")
	p.cmd.Stderr = p.log
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { defer close(p.silent); p.read(stdout) }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.silent
		_ = p.cmd.Wait()
		if t.Failed() {
			t.Logf("log of %s:\n%s", name, p.log)
		}
	})
	return p
}

func (p *process) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	for more := true; more; {
		more = lines.Scan()
		var e struct{ Body body }
		if more && json.Unmarshal(lines.Bytes(), &e) != nil {
			e.Body = body{"type": "garbage", "text": lines.Text()}
		}
		p.mu.Lock()
		if more {
			p.said = append(p.said, e.Body)
		}
		p.ended = !more
		close(p.grown)
		p.grown = make(chan struct{})
		p.mu.Unlock()
	}
}

// await waits until what the process has said fulfils a condition.
func (p *process) await(what string, holds func([]body) bool) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		said, grown, ended := p.said, p.grown, p.ended
		p.mu.Unlock()
		if holds(said) {
			return
		}
		if ended {
			p.t.Fatalf("%s ended without %s; it said %v", p.name, what, said)
		}
		select {
		case <-grown:
		case <-deadline:
			p.t.Fatalf("%s: no %s; it said %v", p.name, what, said)
		}
	}
}

func (p *process) awaitEnd() int {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		grown, ended := p.grown, p.ended
		p.mu.Unlock()
		if ended {
			_ = p.cmd.Wait()
			return p.cmd.ProcessState.ExitCode()
		}
		select {
		case <-grown:
		case <-deadline:
			p.t.Fatalf("%s does not end", p.name)
		}
	}
}

func (p *process) raw(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
}

// ask sends a request and gives its msg_id.
func (p *process) ask(b body) int64 {
	p.t.Helper()
	p.msgID++
	b = maps.Clone(b)
	b["msg_id"] = p.msgID
	line, err := node.Line("c1", p.name, nil, b)
	if err != nil {
		p.t.Fatal(err)
	}
	p.raw(strings.TrimSuffix(string(line), "\n"))
	return p.msgID
}

// call sends a request and waits for its reply.
func (p *process) call(b body) (reply body) {
	p.t.Helper()
	id := p.ask(b)
	p.await(fmt.Sprintf("reply to %v", b), func(said []body) bool {
		for _, s := range said {
			if s["in_reply_to"] == float64(id) {
				reply = s
				return true
			}
		}
		return false
	})
	return reply
}

// must is call for what has to succeed.
func (p *process) must(b body) {
	p.t.Helper()
	if reply := p.call(b); reply.str("type") != b.str("type")+"_ok" {
		p.t.Fatalf("%s answers %v with %v", p.name, b, reply)
	}
}

// all gives one field of each observation of a type.
func all(said []body, kind, field string) (out []string) {
	for _, s := range said {
		if s.str("type") == kind {
			out = append(out, s.str(field))
		}
	}
	return out
}

func (p *process) delivered() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return all(p.said, "deliver", "msg")
}

// awaitView waits until the newest view has exactly these members, in any order.
func (p *process) awaitView(members ...string) {
	p.t.Helper()
	slices.Sort(members)
	p.await(fmt.Sprintf("view of %v", members), func(said []body) bool {
		for _, s := range slices.Backward(said) {
			if s.str("type") == "view" {
				got := s.strs("members")
				slices.Sort(got)
				return slices.Equal(got, members)
			}
		}
		return false
	})
}

// awaitCount waits until the process has said n lines of a type.
func (p *process) awaitCount(kind string, n int) {
	p.t.Helper()
	read, count := 0, 0
	p.await(fmt.Sprintf("%d times %s", n, kind), func(said []body) bool {
		for ; read < len(said); read++ {
			if said[read].str("type") == kind {
				count++
			}
		}
		return count >= n
	})
}

func (p *process) awaitDelivery(msg string) {
	p.t.Helper()
	p.await("delivery of "+msg, func(said []body) bool { return slices.Contains(all(said, "deliver", "msg"), msg) })
}

// cluster is what the nodes of a test share: their addresses, without links.
type cluster struct {
	t     testing.TB
	names []string
	addrs map[string]string
	argv  []string
	extra body // of init.config
	data  string
}

func newCluster(t testing.TB, n int, config body) *cluster {
	t.Helper()
	c := &cluster{t: t, addrs: map[string]string{}, argv: []string{os.Args[0]}, extra: config}
	host := "127.0.0.1"
	if goruntime.GOOS == "linux" { // where nobody dials from, so that an address stays free while its node is down
		host = fmt.Sprintf("127.%d.%d.%d", 16+rand.IntN(200), rand.IntN(256), 1+rand.IntN(250))
	}
	for i := range n {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // after the last one: no two are the same
		name := fmt.Sprintf("n%d", i+1)
		c.names = append(c.names, name)
		c.addrs[name] = l.Addr().String()
	}
	return c
}

// Start starts one incarnation and initialises it.
func (c *cluster) Start(name string, incarnation int) *process {
	c.t.Helper()
	p := start(c.t, name, c.argv...)
	p.must(body{
		"type": "init", "node_id": name, "incarnation": incarnation, "node_ids": c.names, "seed": 7,
		"transport": "tcp", "clock": "real", "listen": c.addrs[name], "peers": c.addrs, "config": c.extra, "data_dir": c.data,
	})
	return p
}

// group starts all nodes and lets them form a group, one after the other.
func (c *cluster) group() (ps []*process) {
	c.t.Helper()
	var members []string
	for i, name := range c.names {
		p := c.Start(name, 1)
		ps = append(ps, p)
		contacts := []string{}
		if i > 0 {
			contacts = c.names[:1]
		}
		members = append(members, name+".1")
		p.must(body{"type": "join", "contacts": contacts})
	}
	for _, p := range ps {
		p.awaitView(members...)
	}
	return ps
}

// lockedBuffer collects a process's log.
type lockedBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
