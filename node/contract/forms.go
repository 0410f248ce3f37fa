package contract

import (
	"fmt"
	"strings"

	"groupy/node"
)

// Form is a type of line that a node may write.
type Form struct {
	Type  string
	Reply bool     // it answers a request, which its in_reply_to names
	Need  []string // fields that it must have, none of them empty
	May   []string // fields that it may have
	When  string   // what it says, for people
}

// Fields are all that it may have beside its type.
func (f Form) Fields() []string {
	fields := append([]string{}, f.Need...)
	if f.Reply {
		fields = append(fields, "in_reply_to")
	}
	return append(fields, f.May...)
}

func (f Form) String() string {
	text := f.Type
	var fields []string
	if f.Reply {
		fields = append(fields, "in_reply_to")
	}
	fields = append(fields, f.Need...)
	for _, field := range f.May {
		fields = append(fields, "["+field+"]")
	}
	if len(fields) > 0 {
		text += " {" + strings.Join(fields, ", ") + "}"
	}
	return text + ": " + f.When
}

// reply is the form of a plain answer.
func reply(request, when string) Form {
	return Form{Type: node.ReplyTo(request), Reply: true, When: when}
}

// Observations are what a node says unasked: the visible list.
var Observations = []Form{
	{Type: node.TypeView, Need: []string{"view", "members"}, May: []string{"primary", "after"}, When: "the node installs a view"},
	{Type: node.TypeDeliver, Need: []string{"msg", "sender", "view"}, May: []string{"state"}, When: "the node hands a message to its application"},
	{Type: node.TypeSend, Need: []string{"msg", "view"}, When: "optional: the view in which the node sent a client's message"},
	{Type: node.TypeBlock, When: "optional: a flush begins"},
	{Type: node.TypeUnblock, When: "optional: a flush ends"},
	{Type: node.TypeEvict, May: []string{"reason"}, When: "the node learns that it is no longer a member"},
}

// Replies are what a node answers with: the visible list.
var Replies = []Form{
	reply(node.TypeInit, "the node is ready"),
	reply(node.TypeJoin, "the node has installed a view that holds it"),
	reply(node.TypeLeave, "the node is no longer a member"),
	reply(node.TypeMulticast, "the message is delivered at this node"),
	{Type: node.ReplyTo(node.TypeRead), Reply: true, Need: []string{"value"}, When: "what the key holds, null if it was never written"},
	reply(node.TypeWrite, "the key holds the value"),
	reply(node.TypeCAS, "the key held from, and holds to"),
	reply(node.TypeShutdown, "the node ends now, with code 0"),
	{Type: node.TypeError, Reply: true, Need: []string{"code"}, May: []string{"text"}, When: "the request failed, or may have failed"},
}

// Services are what a node asks of the clock and the disk of virtual time, and the
// end of its outputs: the visible list.
var Services = []Form{
	{Type: node.TypeSetTimer, Need: []string{"id", "after"}, When: "to the clock, in virtual time alone"},
	{Type: node.TypeCancelTimer, Need: []string{"id"}, When: "to the clock, in virtual time alone"},
	{Type: node.TypePersist, Need: []string{"record"}, May: []string{"base", "lazy"}, When: "to the disk, in virtual time alone"},
	{Type: node.TypeIdle, When: "to the harness, in virtual time alone: all outputs of the last line are written"},
}

// forms are all of them by type.
var forms = func() map[string]Form {
	all := map[string]Form{}
	for _, list := range [][]Form{Observations, Replies, Services} {
		for _, f := range list {
			all[f.Type] = f
		}
	}
	return all
}()

// types names the types of a list.
func types(list []Form) string {
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Type
	}
	return strings.Join(names, ", ")
}

// allTypes says what a node may write, for people.
func allTypes() string {
	return fmt.Sprintf("an observation (%s), or a reply to a request (%s)", types(Observations), types(Replies))
}
