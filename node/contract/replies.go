package contract

import (
	"fmt"
	"slices"
	"strings"

	"groupy/node"
)

// Reply wants of a reply that its type is that of the request, which was asked.
func Reply(request string, head node.Head) error {
	if head.Type == node.TypeError || head.Type == node.ReplyTo(request) {
		return nil
	}
	return &Breach{
		Kind: WrongReply, What: fmt.Sprintf("%s in reply to %s", head.Type, request),
		Expected: fmt.Sprintf("%s or error", node.ReplyTo(request)), Nearest: forms[node.ReplyTo(request)].String(),
	}
}

// Unasked is a reply to a request that the node was never given.
func Unasked(head node.Head) *Breach {
	return &Breach{
		Kind: UnaskedReply, What: fmt.Sprintf("%s in reply to %d, which nobody asked of it", head.Type, head.InReplyTo),
		Expected: "in_reply_to: the msg_id of the request, as it was given",
	}
}

// Again is a second reply to one request.
func Again(head node.Head) *Breach {
	return &Breach{
		Kind: UnaskedReply, What: fmt.Sprintf("%s is a second reply to request %d", head.Type, head.InReplyTo),
		Expected: "one reply to each request",
	}
}

// Member wants of a name in a view or a delivery that it is a member's of one of the
// run's nodes.
func Member(name, where string, nodes []string) error {
	id, _ := node.SplitMember(name)
	if slices.Contains(nodes, id) {
		return nil
	}
	near := Nearest(id, nodes)
	if digits := strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_ "); slices.Contains(nodes, "n"+digits) {
		near = "n" + digits
	}
	if near != "" {
		near = node.MemberName(near, 1)
	}
	return &Breach{
		Kind: UnknownMember, What: fmt.Sprintf("%s names %q, which is no member of this run", where, name),
		Expected: fmt.Sprintf("a member's name: one of %s with a dot and the incarnation that its init gave", strings.Join(nodes, ", ")),
		Nearest:  near,
	}
}

// EarlyJoin is a join_ok before the node has said a view that holds it.
func EarlyJoin(member string) *Breach {
	return &Breach{
		Kind: JoinBeforeView, What: fmt.Sprintf("join_ok before any view that holds %s", member),
		Expected: fmt.Sprintf("first the observation of a view whose members hold %s, then join_ok. %s", member, forms[node.TypeView]),
	}
}

// Silence is a group that nobody saw form.
func Silence() *Breach {
	return &Breach{
		Kind: NoView, What: "no node said that it installed a view",
		Expected: fmt.Sprintf("after join without contacts the node alone is the group, and says so. %s", forms[node.TypeView]),
	}
}

// Undelivered is a multicast_ok from a node that has said no delivery yet.
func Undelivered() *Breach {
	return &Breach{
		Kind: AckedUnseen, What: "multicast_ok before any delivery",
		Expected: fmt.Sprintf("each node says each delivery, its own messages too, and multicast_ok comes after that of the node that was asked. %s", forms[node.TypeDeliver]),
	}
}
