package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/node"
	"groupy/node/app"
	"groupy/node/gms"
)

func sprint(v any) string { return fmt.Sprint(v) }

// scripted is a core that answers each input with what a test wrote down, so
// that every effect and every order of them can be had.
type scripted func(gms.Input) []gms.Effect

func (s scripted) Step(_ time.Duration, in gms.Input) []gms.Effect { return s(in) }

// kinds is a message that is nothing but its kind.
type kinds string

func (k kinds) Kind() string { return string(k) }

func machineOver(core gms.Core, appName string) *Machine {
	kind, err := app.Find(appName)
	if err != nil {
		panic(err)
	}
	return &Machine{
		Setup: setup{core: gms.Config{Node: "n1", Incarnation: 2}, app: kind},
		self:  "n1.2", core: core, app: kind.New(app.Setup{Member: "n1.2"}), pending: map[uint64]*pending{}, asked: map[string]*pending{},
	}
}

func ask(kind string, msgID int64, body string) Request {
	return Request{Src: "c1", Head: node.Head{Type: kind, MsgID: msgID}, Body: json.RawMessage(body)}
}

// written gives outputs as they would appear, a line each.
func written(outs []Output) (lines []string) {
	for _, o := range outs {
		switch o := o.(type) {
		case *Line:
			raw, err := node.Encode(o.Body)
			if err != nil {
				panic(err)
			}
			lines = append(lines, o.Dest+" "+string(raw))
		default:
			lines = append(lines, fmt.Sprintf("%T %+v", o, o))
		}
	}
	return lines
}

func TestEffectsBecomeOutputsInTheirOrder(t *testing.T) {
	m := machineOver(scripted(func(in gms.Input) []gms.Effect {
		req := in.(gms.Multicast).Req
		return []gms.Effect{
			gms.Flush{On: true},
			gms.Flush{},
			gms.Install{View: "3", Members: []string{"n1.2", "n2.1"}},
			gms.Sent{Msg: "a<b", View: "3"},
			gms.Send{To: "n2.1", Message: kinds("x")},
			gms.SetTimer{ID: "hb", After: 5},
			&gms.Deliver{Msg: "a<b", Sender: "n1.2", View: "3"},
			gms.Reply{Req: req},
			gms.Sent{Msg: "~mine", View: "3"},
			&gms.Deliver{Msg: "~mine", Sender: "n1.2", View: "3"},
			gms.CancelTimer{ID: "hb"},
			gms.Evict{Reason: "gone"},
			gms.Log{Text: "so it was"},
		}
	}), "none")
	got := written(m.Step(0, ask("multicast", 9, `{"type":"multicast","msg_id":9,"msg":"a<b"}`)))
	want := []string{
		`harness {"type":"block"}`,
		`harness {"type":"unblock"}`,
		`harness {"type":"view","view":"3","members":["n1.2","n2.1"]}`,
		`harness {"type":"send","msg":"a<b","view":"3"}`,
		`machine.Send {To:n2.1 Message:x}`,
		`machine.SetTimer {ID:hb After:5ns}`,
		`harness {"type":"deliver","msg":"a<b","sender":"n1.2","view":"3"}`,
		`c1 {"type":"multicast_ok","in_reply_to":9}`,
		`machine.CancelTimer {ID:hb}`,
		`harness {"type":"evict","reason":"gone"}`,
		`machine.Log {Level:2 Text:so it was}`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAFailureIsTheErrorOfItsRequest(t *testing.T) {
	m := machineOver(scripted(func(in gms.Input) []gms.Effect {
		if j, ok := in.(gms.Join); ok {
			return []gms.Effect{gms.Reply{Req: j.Req, Failed: &gms.Failure{Code: 0, Text: "no reply from leader"}}}
		}
		return nil
	}), "none")
	m.Step(0, ask("leave", 3, `{}`)) // stays open
	got := written(m.Step(0, ask("join", 4, `{"contacts":["n2"]}`)))
	want := []string{`c1 {"type":"error","in_reply_to":4,"code":0,"text":"no reply from leader"}`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTheApplicationsMulticastsFollowTheStep(t *testing.T) {
	var inputs []gms.Input
	m := machineOver(scripted(func(in gms.Input) []gms.Effect {
		inputs = append(inputs, in)
		if _, ok := in.(gms.Multicast); ok {
			return []gms.Effect{gms.Send{To: "n2.1", Message: kinds("request")}}
		}
		return []gms.Effect{
			gms.Install{View: "1", Members: []string{"n2.1", "n1.2"}},
			gms.Send{To: "n2.1", Message: kinds("ack")},
		}
	}), "colour")
	var sends []string
	for _, o := range m.Step(0, Timer{"t"}) {
		if s, ok := o.(Send); ok {
			sends = append(sends, s.Message.Kind())
		}
	}
	if sprint(sends) != "[ack request]" {
		t.Errorf("sent %v: the application's multicast must not come between the core's effects", sends)
	}
	if c, ok := inputs[1].(gms.Multicast); !ok || !app.Internal(c.Msg) {
		t.Errorf("the core was asked for %+v", inputs[1])
	}
}

func TestAPanicPerformsNothingOfItsStep(t *testing.T) {
	m := machineOver(scripted(func(in gms.Input) []gms.Effect {
		if in.(gms.Timer).ID == "bad" {
			panic(errors.New("invariant I3 broken"))
		}
		return []gms.Effect{gms.Log{Text: "first"}, nil} // an effect that nobody knows
	}), "none")
	for name, machine := range map[string]*Machine{"bad": m, "unknown effect": machineOver(m.core, "none")} {
		out := machine.Step(0, Timer{name})
		if len(out) != 2 || out[1] != (Exit{ExitPanic}) {
			t.Fatalf("%s: %v, want a log line and exit %d", name, out, ExitPanic)
		}
		if l := out[0].(Log); l.Level != Error || !strings.Contains(l.Text, "machine.go") {
			t.Errorf("%s: the log line has no stack: %v", name, l)
		}
		if out := machine.Step(0, Timer{"t"}); len(out) != 0 {
			t.Errorf("%s: goes on after its exit with %v", name, out)
		}
	}
}

func TestMessagesToThisNodesPredecessorDoNotLeave(t *testing.T) {
	m := machineOver(scripted(func(gms.Input) []gms.Effect {
		return []gms.Effect{gms.Send{To: "n1.1", Message: kinds("x")}, gms.Send{To: "n2.1", Message: kinds("y")}}
	}), "none")
	got := written(m.Step(0, Timer{"t"}))
	want := []string{"machine.Log {Level:0 Text:dropped x to n1.1, I am n1.2}", "machine.Send {To:n2.1 Message:y}"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMessagesForAnotherIncarnationDoNotReachTheCore(t *testing.T) {
	got := 0
	m := machineOver(scripted(func(gms.Input) []gms.Effect { got++; return nil }), "none")
	for _, to := range []string{"n1.1", "n1.3", "n2.2", "n2"} {
		m.Step(0, Peer{From: "n2.1", To: to, Message: kinds("x")})
	}
	if got != 0 {
		t.Errorf("%d messages for others reached the core", got)
	}
	m.Step(0, Peer{From: "n2.1", To: "n1.2", Message: kinds("x")})
	m.Step(0, Peer{From: "n2.1", To: "n1", Message: kinds("x")})
	if got != 2 {
		t.Errorf("%d of 2 messages reached the core", got)
	}
}
