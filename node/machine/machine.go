package machine

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"time"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/gms"
)

// ExitPanic is the exit code of a node whose protocol core or application
// panicked (EX_SOFTWARE of sysexits.h).
const ExitPanic = 70

// Machine is the built-in node without its world: contract, protocol core and
// application. Step handles one input and returns the outputs in the order in
// which they take place; whoever runs the machine performs them in that order.
// The same inputs give the same outputs.
//
// A Machine is not safe for concurrent use.
type Machine struct {
	Setup setup
	self  string // member name
	core  gms.Core
	app   app.App

	lastReq uint64
	pending map[uint64]*pending // requests that the core has yet to answer
	asked   map[string]*pending // of those, operations on the map, by message
	casts   []app.Cast          // what the application wants multicast next
	keep    keeper
	exited  bool
	death   []Output // of a panic between two steps; the next one gives it
	out     []Output
	room    []observation // for those to come
}

// pending is a request on its way through the core.
type pending struct {
	src  string
	head node.Head
	// Of an operation on the map: its message, and the answer once that is delivered.
	msg    string
	answer *app.Answer
}

// NewMachine is the node that init asks for, with its core and application at
// their start. It answers nothing itself: init_ok or the error is the caller's,
// who may still fail to listen. The error is fit for a reply with code 12.
func NewMachine(in node.Init) (m *Machine, err error) {
	if err := checkInit(in); err != nil {
		return nil, err
	}
	s, err := parseSetup(in)
	if err != nil {
		return nil, err
	}
	self := node.MemberName(in.NodeID, in.Incarnation)
	return &Machine{
		Setup:   s,
		self:    self,
		core:    s.protocol.New(s.core),
		app:     s.newApp(self),
		pending: map[uint64]*pending{},
		asked:   map[string]*pending{},
	}, nil
}

// Member is this incarnation's member name.
func (m *Machine) Member() string { return m.self }

// Step handles one input that arrives at time now, counted from any fixed
// origin and never running backwards. The slice is valid until the next Step.
//
// A panic inside gives a log entry, with "panic: " and its value on a line of its own
// as Go itself has it and the stack, and Exit with ExitPanic, and
// none of the outputs that came before it in the same step: an effect list is
// performed whole or not at all. After an Exit every Step gives nothing.
func (m *Machine) Step(now time.Duration, in Input) (out []Output) {
	m.out = m.out[:0]
	if m.exited {
		return nil
	}
	if out, m.death = m.death, nil; out != nil {
		m.exited = true
		return out
	}
	defer func() {
		if r := recover(); r != nil {
			m.exited = true
			out = death(fmt.Sprintf("%T at %v", in, now), r)
		}
	}()
	m.handle(now, in)
	m.castAll(now)
	return m.out
}

// death is how a machine ends by a panic.
func death(on string, panicked any) []Output {
	return []Output{Log{Error, fmt.Sprintf("ends on %s\npanic: %v\n\n%s", on, panicked, debug.Stack())}, Exit{ExitPanic}}
}

// castAll multicasts what the application wants, and what it wants of that.
func (m *Machine) castAll(now time.Duration) {
	for len(m.casts) > 0 {
		c := m.casts[0]
		m.casts = m.casts[1:]
		m.lastReq++
		m.step(now, gms.Multicast{Req: m.lastReq, Msg: c.Msg, Payload: c.Payload})
	}
}

func (m *Machine) handle(now time.Duration, in Input) {
	switch in := in.(type) {
	case Request:
		m.request(now, in)
	case Peer:
		m.handle(now, &in)
	case *Peer: // who has a pointer at hand spares an allocation for each message
		if in.To != m.self && in.To != m.Setup.core.Node {
			m.emit(Log{Trace, fmt.Sprintf("dropped %s from %s for %s, I am %s", in.Message.Kind(), in.From, in.To, m.self)})
			return
		}
		m.step(now, gms.Receive{From: in.From, Message: in.Message})
	case Closed:
		m.step(now, gms.Closed{Node: in.Node})
	case Timer:
		m.step(now, gms.Timer{ID: in.ID})
	default:
		panic(fmt.Sprintf("runtime: unknown input %T", in))
	}
}

// step gives the core one input and translates what it answers.
func (m *Machine) step(now time.Duration, in gms.Input) {
	for _, e := range m.core.Step(now, in) {
		m.Effect(e)
	}
}

func (m *Machine) emit(o Output) { m.out = append(m.out, o) }

// ask gives the core a request and remembers whom to answer.
func (m *Machine) ask(now time.Duration, r Request, build func(req uint64) gms.Input) {
	m.lastReq++
	m.pending[m.lastReq] = &pending{src: r.Src, head: r.Head}
	m.step(now, build(m.lastReq))
}

// request handles one request of the contract. A type that is not here is
// unknown.
func (m *Machine) request(now time.Duration, r Request) {
	switch r.Head.Type {
	case node.TypeJoin:
		if q, ok := decode[node.Join](m, r); ok {
			m.ask(now, r, func(req uint64) gms.Input { return gms.Join{Req: req, Contacts: q.Contacts} })
		}
	case node.TypeLeave:
		m.ask(now, r, func(req uint64) gms.Input { return gms.Leave{Req: req} })
	case node.TypeMulticast:
		if q, ok := decode[node.Multicast](m, r); ok {
			m.multicast(now, r, q)
		}
	case node.TypeRead, node.TypeWrite, node.TypeCAS:
		m.operation(now, r)
	case node.TypeShutdown:
		m.emit(OkTo(r.Src, r.Head))
		m.emit(Exit{0})
		m.exited = true
	case node.TypeInit:
		m.emit(ErrorTo(r.Src, r.Head, node.CodeAbort, "this process is "+m.self+" already; start another"))
	default:
		m.emit(Unknown(r))
	}
}

func (m *Machine) multicast(now time.Duration, r Request, q *node.Multicast) {
	switch {
	case q.Msg == "":
		m.emit(ErrorTo(r.Src, r.Head, node.CodeMalformed, "multicast has no msg"))
	case app.Internal(q.Msg):
		m.emit(ErrorTo(r.Src, r.Head, node.CodeMalformed,
			fmt.Sprintf("msg %q begins with %s, which is kept for the application", q.Msg, app.InternalPrefix)))
	default:
		m.ask(now, r, func(req uint64) gms.Input { return gms.Multicast{Req: req, Msg: q.Msg, Payload: q.Payload} })
	}
}

// decode reads a request's body, unless the request comes with its value, and
// answers it with code 12 if that fails.
func decode[T any](m *Machine, r Request) (*T, bool) {
	if body, ok := r.Value.(*T); ok {
		return body, true
	}
	body := new(T)
	if err := json.Unmarshal(r.Body, body); err != nil {
		m.emit(ErrorTo(r.Src, r.Head, node.CodeMalformed, fmt.Sprintf("%s: %v", r.Head.Type, err)))
		return nil, false
	}
	return body, true
}
