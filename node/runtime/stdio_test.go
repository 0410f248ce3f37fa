package runtime

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/node"
	"groupy/node/gms/protocols"
)

// lockstep is a small harness of the virtual world: it carries lines between
// nodes that run in this process, each over its own pipes, and is their clock.
type lockstep struct {
	t     *testing.T
	now   int64
	nodes map[string]*virtualNode
	queue []timedLine // sorted by due, then by arrival
}

type timedLine struct {
	due  int64
	to   string
	line node.Envelope
	id   string // of a timer
}

type virtualNode struct {
	stdin    io.WriteCloser
	stdout   *json.Decoder
	ended    chan int
	in       bytes.Buffer // every line given, to be given again
	out      bytes.Buffer // every line taken
	observed []string
}

func newLockstep(t *testing.T) *lockstep { return &lockstep{t: t, nodes: map[string]*virtualNode{}} }

func (l *lockstep) Start(name string, names []string, config string) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	n := &virtualNode{stdin: inW, ended: make(chan int, 1)}
	n.stdout = json.NewDecoder(io.TeeReader(outR, &n.out))
	l.nodes[name] = n
	go func() {
		code := Run(Process{Stdin: inR, Stdout: outW, Log: hclog.NewNullLogger(), Now: func() time.Time { panic("the clock is virtual") }})
		_ = outW.Close()
		n.ended <- code
	}()
	l.t.Cleanup(func() {
		_ = inW.Close()
		if code := <-n.ended; code != 0 {
			l.t.Errorf("%s: exit %d", name, code)
		}
	})
	l.give(name, "harness", fmt.Sprintf(`{"type":"init","msg_id":1,"node_id":%q,"incarnation":1,"node_ids":%s,"seed":7,`+
		`"transport":"stdio","clock":"virtual","config":%s}`, name, mustJSON(l.t, names), config))
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := node.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// give gives a node one line and takes what it answers until it is idle.
func (l *lockstep) give(to, src, body string) {
	l.t.Helper()
	n := l.nodes[to]
	line := mustJSON(l.t, node.Envelope{Src: src, Dest: to, Now: &l.now, Body: json.RawMessage(body)}) + "\n"
	n.in.WriteString(line)
	if _, err := io.WriteString(n.stdin, line); err != nil {
		l.t.Fatal(err)
	}
	for {
		var e node.Envelope
		if err := n.stdout.Decode(&e); err != nil {
			l.t.Fatalf("%s after %s: %v", to, line, err)
		}
		var h struct {
			Type  string `json:"type"`
			ID    string `json:"id"`
			After int64  `json:"after"`
			Msg   string `json:"msg"`
		}
		if err := json.Unmarshal(e.Body, &h); err != nil {
			l.t.Fatal(err)
		}
		switch {
		case h.Type == node.TypeIdle:
			return
		case e.Dest == node.Clock:
			l.queue = slices.DeleteFunc(l.queue, func(q timedLine) bool { return q.to == to && q.id == h.ID })
			if h.Type == node.TypeSetTimer {
				body := json.RawMessage(`{"type":"timer","id":` + mustJSON(l.t, h.ID) + `}`)
				l.add(timedLine{l.now + h.After, to, node.Envelope{Src: node.Clock, Body: body}, h.ID})
			}
		case l.nodes[e.Dest] != nil:
			l.add(timedLine{l.now + 100, e.Dest, e, ""})
		case h.Type == node.TypeDeliver:
			n.observed = append(n.observed, h.Msg)
		}
	}
}

func (l *lockstep) add(q timedLine) {
	i, _ := slices.BinarySearchFunc(l.queue, q, func(a, b timedLine) int {
		if a.due <= b.due {
			return -1
		}
		return 1
	})
	l.queue = slices.Insert(l.queue, i, q)
}

// run lets time pass.
func (l *lockstep) run(micros int64) {
	l.t.Helper()
	for end := l.now + micros; len(l.queue) > 0 && l.queue[0].due <= end; {
		q := l.queue[0]
		l.queue = l.queue[1:]
		l.now = q.due
		l.give(q.to, q.line.Src, string(q.line.Body))
	}
}

// play is one run of three nodes.
func play(t *testing.T, protocol string) *lockstep {
	l := newLockstep(t)
	names := []string{"n1", "n2", "n3"}
	for _, name := range names {
		l.Start(name, names, `{"protocol":"`+protocol+`","app":"colour"}`)
	}
	for i, name := range names {
		contacts := [][]string{{}, {"n1"}, {"n1"}}[i]
		l.give(name, "harness", `{"type":"join","msg_id":2,"contacts":`+mustJSON(t, contacts)+`}`)
		l.run(500_000)
	}
	for i := range 20 {
		for _, name := range names {
			l.give(name, "c1", fmt.Sprintf(`{"type":"multicast","msg_id":%d,"msg":"%s-%d"}`, i+3, name, i))
		}
		l.run(30)
	}
	l.run(1_000_000)
	return l
}

func TestTheSameLinesInGiveTheSameLinesOut(t *testing.T) {
	for _, p := range protocols.All {
		if p.Name != panicking.Name {
			t.Run(p.Name, func(t *testing.T) { playTwice(t, p.Name) })
		}
	}
}

func playTwice(t *testing.T, protocol string) {
	first, second := play(t, protocol), play(t, protocol)
	for name, n := range first.nodes {
		if len(n.observed) != 60 || !slices.Equal(n.observed, first.nodes["n1"].observed) {
			t.Errorf("%s delivers %v", name, n.observed)
		}
		if !bytes.Equal(n.out.Bytes(), second.nodes[name].out.Bytes()) {
			t.Errorf("%s says something else in a second run", name)
		}
		// A real process, given all lines at once, says the same.
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), asNode+"=1")
		cmd.Stdin = bytes.NewReader(n.in.Bytes())
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, n.out.Bytes()) {
			t.Errorf("%s as a process says something else", name)
		}
	}
}

func TestEveryVirtualLineIsAnsweredWithIdle(t *testing.T) {
	lines := []string{
		`{"now":5,"body":{"type":"init","msg_id":1,"node_id":"n1","incarnation":1,"node_ids":["n1"],"transport":"stdio","clock":"virtual","config":{"protocol":"` + anyLevel + `"}}}`,
		`rubbish`,
		`{"body":{"type":"leave","msg_id":2}}`,         // no now
		`{"now":4,"body":{"type":"leave","msg_id":3}}`, // backwards
		`{"now":6,"body":{"type":"gms","from":"n2.1"}}`,
		`{"now":6,"body":{"type":"timer","id":"unknown"}}`,
		`{"now":7,"body":{"type":"join","msg_id":4,"contacts":[]}}`,
		`{"now":8,"body":{"type":"shutdown","msg_id":5}}`,
	}
	var out bytes.Buffer
	code := Run(Process{Stdin: strings.NewReader(strings.Join(lines, "\n")), Stdout: &out, Log: hclog.NewNullLogger()})
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	var got []string
	for dec := json.NewDecoder(&out); dec.More(); {
		var e struct {
			Body struct {
				Type string `json:"type"`
				Code int    `json:"code"`
			} `json:"body"`
		}
		if err := dec.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if e.Body.Type == "error" {
			e.Body.Type += fmt.Sprint(e.Body.Code)
		}
		got = append(got, e.Body.Type)
	}
	want := "init_ok idle error12 idle error12 idle error12 idle error12 idle idle view join_ok idle shutdown_ok"
	if strings.Join(got, " ") != want {
		t.Errorf("answers %v, want %s", got, want)
	}
}
