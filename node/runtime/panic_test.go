package runtime

import (
	"errors"
	"strings"
	"testing"
	"time"

	"groupy/node/gms"
	"groupy/node/machine"
)

// panicking is a protocol that a process can be asked to run. It answers a
// leave, and panics on a multicast.
var panicking = gms.Protocol{
	Name: "panicking",
	New: func(gms.Config) gms.Core {
		return panics{}
	},
	Decode: func([]byte) (gms.Message, error) { return nil, errors.New("has no messages") },
}

// panics is its core.
type panics struct{}

func (panics) Step(_ time.Duration, in gms.Input) []gms.Effect {
	if l, ok := in.(gms.Leave); ok {
		return []gms.Effect{gms.Reply{Req: l.Req}}
	}
	panic("invariant I8 broken")
}

func TestAPanicEndsTheProcessWithItsStackInTheLog(t *testing.T) {
	p := newCluster(t, 1, body{"protocol": panicking.Name}).Start("n1", 1)
	p.must(body{"type": "leave"})
	p.ask(body{"type": "multicast", "msg": "m1"})
	if code := p.awaitEnd(); code != machine.ExitPanic {
		t.Errorf("exit %d, want %d", code, machine.ExitPanic)
	}
	if log := p.log.String(); !strings.Contains(log, "invariant I8 broken") || !strings.Contains(log, "machine.go") {
		t.Errorf("log: %s", log)
	}
	if all(p.said, "multicast_ok", "type") != nil {
		t.Errorf("it said %v", p.said)
	}
}
