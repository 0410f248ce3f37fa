package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"groupy/harness/internal/world"
	"groupy/node"
	"groupy/node/contract"
)

// nodes are as many as a majority needs that outlives one of them.
var nodes = []string{"n1", "n2", "n3"}

// most is how many lines of a dialogue or a log are kept.
const most = 12

// talk is what was said between the harness and the program's processes.
type talk struct {
	o     Options
	ctx   context.Context
	world *world.Real

	lastID   int64
	asked    map[int64]string // request types
	replies  map[int64]reply
	said     map[string][]any  // observations of the present process, by node
	runs     map[string]int    // incarnation of the process that runs, by node
	starts   map[string]int    // processes so far, by node
	ended    map[string]string // how the last process ended, by node
	ending   map[string]bool   // was asked to end
	stray    string            // the first line that was no JSON
	last     string            // the node that was asked last
	dialogue []string
}

// reply is an answer, and how many observations the node had written before it.
type reply struct {
	body   any
	before int
}

// declined is a request that the program does not serve.
type declined struct {
	code node.Code
	text string
}

func (d *declined) Error() string { return fmt.Sprintf("error %d: %s", d.code, d.text) }

func begin(o Options) (*talk, error) {
	w, err := world.NewReal(world.RealConfig{
		Nodes: nodes, Program: o.Program, Warden: o.Warden, Seed: "contract",
		LogDir: o.Dir, DataDir: filepath.Join(o.Dir, "data"),
	})
	return &talk{
		o: o, world: w, asked: map[int64]string{}, replies: map[int64]reply{}, said: map[string][]any{},
		runs: map[string]int{}, starts: map[string]int{}, ended: map[string]string{}, ending: map[string]bool{},
	}, err
}

// start starts a node's next process and has it answer init.
func (t *talk) start(name string) error {
	t.starts[name]++
	t.runs[name] = t.starts[name]
	t.said[name] = nil
	delete(t.ended, name)
	if _, err := t.world.Start(name, t.runs[name]); err != nil {
		return err
	}
	init := t.world.Init(name, t.runs[name])
	init.Config = t.o.Config
	_, err := t.ask(name, node.TypeInit, t.o.Start, func(h node.Head) any { init.Head = h; return &init })
	return err
}

func (t *talk) member(name string) string { return node.MemberName(name, t.starts[name]) }

// ask sends a request and waits for its reply. An error of the contract is declined.
func (t *talk) ask(name, kind string, patience time.Duration, body func(node.Head) any) (reply, error) {
	id, err := t.send(name, kind, body)
	if err != nil {
		return reply{}, err
	}
	return t.answer(name, id, patience)
}

func (t *talk) send(name, kind string, body func(node.Head) any) (int64, error) {
	t.lastID++
	id := t.lastID
	t.asked[id], t.last = kind, name
	request := body(node.Head{Type: kind, MsgID: id})
	line, err := node.Line(node.Harness, name, nil, request)
	if err != nil {
		return id, err
	}
	t.note("> ", line)
	return id, t.world.Send(name, node.Harness, request)
}

func (t *talk) answer(name string, id int64, patience time.Duration) (reply, error) {
	kind := t.asked[id]
	err := t.until(patience, fmt.Sprintf("%s answers %s neither with %s nor with error", name, kind, node.ReplyTo(kind)), func() bool {
		_, ok := t.replies[id]
		return ok
	})
	got := t.replies[id]
	if e, is := got.body.(node.Error); is && err == nil {
		err = &declined{e.Code, e.Text}
	}
	return got, err
}

// until waits for a condition; lack says what is missing if it never comes.
func (t *talk) until(patience time.Duration, lack string, done func() bool) error {
	deadline := t.world.Now() + patience
	for !done() {
		if t.world.Now() >= deadline {
			return fmt.Errorf("%s, for %v", lack, patience)
		}
		e, err := t.world.Next(t.ctx, deadline)
		if err != nil {
			return err
		}
		if err := t.hear(e); err != nil {
			return err
		}
	}
	return nil
}

// hear takes one event of the world.
func (t *talk) hear(e world.Event) error {
	switch e := e.(type) {
	case world.Said:
		if e.Incarnation == t.runs[e.Node] {
			return t.line(e)
		}
	case world.Garbled:
		t.note("< ", []byte(e.Line))
		var b *contract.Breach
		if errors.As(e.Err, &b) {
			return &contract.Broken{Member: node.MemberName(e.Node, e.Incarnation), Line: e.Line, Breach: b}
		}
		if t.stray == "" {
			t.stray = e.Line
		}
	case world.Exited:
		if e.Incarnation != t.runs[e.Node] {
			return nil
		}
		how := fmt.Sprintf("ended with code %d", e.Code)
		if e.Signal != "" {
			how = "was ended by a signal: " + e.Signal
		}
		t.ended[e.Node], t.runs[e.Node] = how, 0
		if !t.ending[e.Node] {
			t.last = e.Node
			return fmt.Errorf("the process of %s %s, unasked", e.Node, how)
		}
	}
	return nil
}

func (t *talk) line(e world.Said) error {
	text, err := node.Line(e.Node, e.Dest, nil, e.Body)
	if err != nil {
		return err
	}
	t.note("< ", text)
	head, isReply := headOf(e.Body)
	if !isReply {
		t.said[e.Node] = append(t.said[e.Node], e.Body)
		return t.broken(e.Node, string(text), named(e.Body))
	}
	if head.InReplyTo == 0 { // idle
		return nil
	}
	kind, known := t.asked[head.InReplyTo]
	switch {
	case !known:
		err = contract.Unasked(head)
	case t.replies[head.InReplyTo].body != nil:
		err = contract.Again(head)
	default:
		err = contract.Reply(kind, head)
	}
	t.replies[head.InReplyTo] = reply{e.Body, len(t.said[e.Node])}
	return t.broken(e.Node, string(text), err)
}

// broken adds to a breach who did it.
func (t *talk) broken(name, line string, err error) error {
	var b *contract.Breach
	if errors.As(err, &b) {
		return &contract.Broken{Member: t.member(name), Line: strings.TrimSpace(line), Breach: b}
	}
	return err
}

func headOf(body any) (head node.Head, isReply bool) {
	switch b := body.(type) {
	case node.OK:
		return b.Head, true
	case node.Error:
		return b.Head, true
	case node.ReadOK:
		return b.Head, true
	}
	return head, false
}

// named wants of an observation that its members are the run's.
func named(body any) error {
	switch b := body.(type) {
	case node.View:
		for _, name := range b.Members {
			if err := contract.Member(name, "view "+b.View, nodes); err != nil {
				return err
			}
		}
	case *node.Deliver:
		return contract.Member(b.Sender, "the sender of "+b.Msg, nodes)
	}
	return nil
}

func (t *talk) note(whose string, line []byte) {
	t.dialogue = append(t.dialogue, whose+strings.TrimSpace(world.Shorten(line)))
	if len(t.dialogue) > most {
		t.dialogue = t.dialogue[1:]
	}
}

// lastWords are the last lines that the node that was asked last wrote to its log.
func (t *talk) lastWords() []string {
	data, err := os.ReadFile(filepath.Join(t.o.Dir, t.member(t.last)+".log"))
	text := strings.TrimSpace(string(data))
	if err != nil || text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	return lines[max(0, len(lines)-most):]
}

// same reports whether a name in a view or a delivery is a member's; a system may
// write the bare node.
func (t *talk) same(name, member string) bool {
	id, incarnation := node.SplitMember(name)
	return name == member || incarnation == 0 && member == t.member(id)
}

func (t *talk) holds(v node.View, member string) bool {
	return slices.ContainsFunc(v.Members, func(name string) bool { return t.same(name, member) })
}

// view is what a node has installed last, among its first observations.
func view(said []any) (v node.View, any bool) {
	for _, o := range said {
		if o, is := o.(node.View); is {
			v, any = o, true
		}
	}
	return v, any
}

// explained is what a breach comes to, for a step's text.
func explained(b *contract.Broken) string {
	text := b.Breach.What + "\n  expected: " + b.Breach.Expected
	if b.Breach.Nearest != "" {
		text += "\n  nearest:  " + b.Breach.Nearest
	}
	return text
}
