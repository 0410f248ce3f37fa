package node

// Observation types, node to harness, unasked.
const (
	TypeView    = "view"
	TypeDeliver = "deliver"
	TypeSend    = "send"
	TypeBlock   = "block"
	TypeUnblock = "unblock"
	TypeEvict   = "evict"
)

// View says that the node installed a view. The first member leads, where the
// protocol has a leader. Primary left out means true.
type View struct {
	Head
	View    string   `json:"view"`
	Members []string `json:"members"`
	Primary *bool    `json:"primary,omitempty"`
	// After is set with the first view of a process that goes on as the member that an
	// earlier one was: the client's message that the member had delivered last where
	// this process takes up, "" for none. What came after it is observed again.
	After *string `json:"after,omitempty"`
}

// Deliver says that the node handed a message to its application. State, if
// given, is the application's state after it, as a short string.
type Deliver struct {
	Head
	Msg    string `json:"msg"`
	Sender string `json:"sender"`
	View   string `json:"view"`
	State  string `json:"state,omitempty"`
}

// Send says in which view the node sent a client's message.
type Send struct {
	Head
	Msg  string `json:"msg"`
	View string `json:"view"`
}

// Flush is block or unblock: a view change has begun to hold back sends, or has
// ended.
type Flush struct{ Head }

// Evict says that the node learned that it is no longer a member.
type Evict struct {
	Head
	Reason string `json:"reason"`
}
