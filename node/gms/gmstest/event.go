package gmstest

import (
	"fmt"
	"strings"
	"time"

	"groupy/node/gms"
)

// Event is one thing that was observed, in the order in which it took place.
// What is an effect of the core (gms.Install, gms.Deliver, gms.Sent, gms.Reply,
// gms.Evict, gms.Flush or gms.Log), or one of Started, Stopped, Paused, Resumed
// and Asked.
type Event struct {
	At     time.Duration // virtual time since the world began
	Member string        // n1.1
	What   any
}

type (
	// Started says that the member's process runs.
	Started struct{}
	// Stopped says that the member's process was killed.
	Stopped struct{}
	// Paused says that the member's process was frozen.
	Paused struct{}
	// Resumed says that it goes on.
	Resumed struct{}
	// Asked is a request to the member: gms.Join, gms.Leave or gms.Multicast.
	Asked struct{ Input gms.Input }
)

// String is the event as one line for people, without its time.
func (e Event) String() string {
	return e.Member + " " + strings.TrimSpace(describe(e.What))
}

func describe(what any) string {
	switch w := what.(type) {
	case Started:
		return "starts"
	case Stopped:
		return "is killed"
	case Paused:
		return "is paused"
	case Resumed:
		return "is resumed"
	case Asked:
		return "is asked to " + request(w.Input)
	case gms.Install:
		return fmt.Sprintf("installs view %s %v", w.View, w.Members)
	case gms.Deliver:
		return fmt.Sprintf("delivers %s of %s in view %s", w.Msg, w.Sender, w.View)
	case gms.Sent:
		return fmt.Sprintf("sends %s in view %s", w.Msg, w.View)
	case gms.Flush:
		return fmt.Sprintf("flush %v", w.On)
	case gms.Evict:
		return "is evicted: " + w.Reason
	case gms.Reply:
		if w.Failed != nil {
			return fmt.Sprintf("answers request %d: error %d, %s", w.Req, w.Failed.Code, w.Failed.Text)
		}
		return fmt.Sprintf("answers request %d: ok", w.Req)
	case gms.Log:
		return "| " + w.Text
	}
	return fmt.Sprintf("%T %+v", what, what)
}

func request(in gms.Input) string {
	switch in := in.(type) {
	case gms.Join:
		if len(in.Contacts) == 0 {
			return fmt.Sprintf("create the group (request %d)", in.Req)
		}
		return fmt.Sprintf("join through %s (request %d)", strings.Join(in.Contacts, ", "), in.Req)
	case gms.Leave:
		return fmt.Sprintf("leave (request %d)", in.Req)
	case gms.Multicast:
		return fmt.Sprintf("multicast %s (request %d)", in.Msg, in.Req)
	}
	return fmt.Sprintf("%T", in)
}
