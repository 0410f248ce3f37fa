package virtual

import (
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/internal/world"
	"groupy/node"
	"groupy/node/machine"
	"groupy/node/runtime"
)

// NewSim is the virtual world without processes: the built-in node's machine,
// called in process. Each start's log goes to logDir; "" writes none.
func NewSim(c VirtualConfig, logDir string) *Virtual {
	start := func(_ *Virtual, name string, incarnation int) (actor, error) {
		a := &simulated{name: name, incarnation: incarnation}
		if logDir == "" {
			return a, nil
		}
		file, err := world.OpenLog(logDir, name, incarnation)
		if err != nil {
			return nil, err
		}
		a.file = file.File
		a.log = hclog.New(&hclog.LoggerOptions{
			Name: "node." + node.MemberName(name, incarnation), Output: file, Level: hclog.Debug, DisableTime: true,
		})
		return a, nil
	}
	return newVirtual(c, start, func() error { return nil })
}

// simulated is one start of the built-in node, without a process.
type simulated struct {
	name        string
	incarnation int
	machine     *machine.Machine // nil until init
	wire        machine.Wire
	file        *os.File     // nil: no log
	log         hclog.Logger // nil: no log
	outs        []output
}

func (a *simulated) kill() error {
	if a.file != nil {
		return a.file.Close()
	}
	return nil
}

func (a *simulated) pause() error  { return nil }
func (a *simulated) resume() error { return nil }

func (a *simulated) step(now time.Duration, in input) ([]output, error) {
	a.outs = a.outs[:0]
	now = now.Truncate(time.Microsecond) // what a line can tell
	switch {
	case in.timer != "":
		return a.take(now, machine.Timer{ID: in.timer}), nil
	case in.closed != "":
		return a.take(now, machine.Closed{Node: in.closed}), nil
	case in.peer != nil:
		return a.take(now, &in.peer.peer), nil
	}
	if init, ok := in.body.(*node.Init); ok && a.machine == nil {
		return a.init(now, *init, in.src), nil
	}
	request, err := machine.NewRequest(in.src, in.body)
	if err != nil {
		return nil, fmt.Errorf("request to %s: %w", a.name, err)
	}
	return a.take(now, request), nil
}

// init makes the machine, or answers why it cannot be.
func (a *simulated) init(now time.Duration, init node.Init, src string) []output {
	m, err := machine.NewMachine(init)
	var back []machine.Output
	if err == nil {
		back, err = m.RestoreStored(now, init)
	}
	if err != nil {
		a.outs = append(a.outs, output{dest: src, body: node.Error{
			Head: node.Head{Type: node.TypeError, InReplyTo: init.MsgID}, Code: runtime.CodeOf(err), Text: err.Error(),
		}})
		return a.outs
	}
	a.machine, a.wire = m, m.Wire()
	a.outs = append(a.outs, output{dest: src, body: node.OK{
		Head: node.Head{Type: node.ReplyTo(node.TypeInit), InReplyTo: init.MsgID},
	}})
	return a.perform(now, back)
}

// take gives the machine one input and translates what it asks for.
func (a *simulated) take(now time.Duration, in machine.Input) []output {
	if a.machine == nil {
		return nil // a request before init; the harness sends none
	}
	a.perform(now, a.machine.Checkpoint())
	return a.perform(now, a.machine.Step(now, in))
}

func (a *simulated) perform(now time.Duration, outs []machine.Output) []output {
	said := "" // last, to the log
	for _, o := range outs {
		switch o := o.(type) {
		case *machine.Line:
			a.outs = append(a.outs, output{dest: o.Dest, body: o.Body})
		case machine.Send:
			a.send(o)
		case machine.SetTimer:
			a.outs = append(a.outs, output{dest: node.Clock, timer: o.ID, after: o.After.Truncate(time.Microsecond)})
		case machine.CancelTimer:
			a.outs = append(a.outs, output{dest: node.Clock, timer: o.ID, after: -1})
		case machine.Persist:
			a.outs = append(a.outs, output{dest: node.Disk, keep: &node.Persist{Record: o.Record, Base: o.Base, Lazy: o.Lazy}})
		case machine.Log:
			said = o.Text
			if a.log != nil {
				a.log.Info(o.Text, "at", now)
			}
		case machine.Exit:
			_ = a.kill()
			a.outs = append(a.outs, output{exit: &world.Exited{
				Node: a.name, Incarnation: a.incarnation, Code: o.Code, Words: world.WordsOf([]byte(said)).Repeatable(),
			}})
		}
	}
	return a.outs
}

func (a *simulated) send(s machine.Send) {
	dest, _ := node.SplitMember(s.To)
	a.outs = append(a.outs, output{dest: dest, mail: &mail{
		peer: machine.Peer{From: a.machine.Member(), To: s.To, Message: s.Message}, wire: &a.wire,
	}})
}
