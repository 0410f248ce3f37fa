package app

import (
	"encoding/json"
	"fmt"
	"strings"

	"groupy/node"
)

// InternalPrefix begins the id of every multicast that an application asks for
// itself. These go through the group like any other and are ordered with them,
// but they are not a client's: the node reports neither their sending nor their
// delivery, and refuses a client's message with such an id.
const InternalPrefix = "~"

// Internal reports whether a message id is an application's own.
func Internal(msg string) bool { return strings.HasPrefix(msg, InternalPrefix) }

// App is one member's application. The member's life is one App's life: after a
// leave or an exclusion a new one takes over.
type App interface {
	// View tells that a view was installed, its members in order.
	View(members []string) Output
	// Deliver applies one message. Messages that the group delivers, internal
	// ones included, come in the group's order.
	Deliver(Delivery) Output
	// Snapshot gives the whole state, and Restore gives it to a fresh App of the same
	// member, which then goes on as if it were this one. An error says that it is no
	// snapshot of this kind of application.
	Snapshot() json.RawMessage
	Restore(snapshot json.RawMessage) error
}

// Store is an App that answers read, write and cas. Each is one multicast with
// the operation in its payload, and takes effect where that is delivered: the
// group's order is the order of all operations. Deliver gives the answer, at
// every member the same; the one that was asked passes it on.
type Store interface {
	App
	// Ask takes one operation. Either payload is to be multicast, or now is the
	// answer already, and nothing is.
	Ask(Operation) (payload json.RawMessage, now *Answer)
}

// Operation is a read, write or cas of the contract. Value is a write's; From
// and To are a cas's.
type Operation struct {
	F     string          `json:"f"` // node.TypeRead, TypeWrite or TypeCAS
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value,omitempty"`
	From  json.RawMessage `json:"from,omitempty"`
	To    json.RawMessage `json:"to,omitempty"`
}

// Answer is what an operation comes to: an error, or else for a read the value,
// null for a key that was never written.
type Answer struct {
	Value  json.RawMessage
	Failed *node.Error // Code and Text only
}

// Delivery is one message as the group delivered it.
type Delivery struct {
	Msg     string          // the message's id
	Sender  string          // the member that was asked to multicast it
	Payload json.RawMessage // as the client gave it; may be empty
}

// Output is what an application answers to one input.
type Output struct {
	State  string   // the state after it; "" if the application has none (yet)
	Casts  []Cast   // to be multicast, in this order, after the input is dealt with
	Logs   []string // lines for the node's log
	Answer *Answer  // of a Store, to the operation that was delivered; nil if it has none
}

// Cast is a multicast that the application asks for. Nobody tells it how that
// ended: it knows by seeing the message come back.
type Cast struct {
	Msg     string // begins with InternalPrefix
	Payload json.RawMessage
}

// Kind is one application that a node can be told to run.
type Kind struct {
	Name     string
	Sentence string          // what its state is
	New      func(Setup) App // for one membership of one incarnation
}

// Setup is what an application is told at its start.
type Setup struct {
	Member     string // n1.1
	LocalReads bool   // a Store answers reads from its own copy at once, which may be stale
}

// Apps is the visible list: adding an application is one file and one line.
var Apps = []Kind{
	{"none", "no state: messages are delivered and forgotten", func(Setup) App { return none{} }},
	{"colour", "a colour that every message turns and changes, so that it tells the order of deliveries", newColour},
	{"map", "a map from keys to values that clients read, write and cas through the group's order", newReplicatedMap},
}

// Find gives the application of that name. The error lists the names there are.
func Find(name string) (Kind, error) {
	var names []string
	for _, k := range Apps {
		if k.Name == name {
			return k, nil
		}
		names = append(names, k.Name)
	}
	return Kind{}, fmt.Errorf("no app %q; there are %s", name, strings.Join(names, ", "))
}

// none is the application without state.
type none struct{}

func (none) View([]string) Output    { return Output{} }
func (none) Deliver(Delivery) Output { return Output{} }
