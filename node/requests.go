package node

import "encoding/json"

// Request types, harness or client to node. Each is answered by the type named
// beside it, or by an error.
const (
	TypeInit      = "init"      // init_ok
	TypeJoin      = "join"      // join_ok, once a view that holds the node is installed
	TypeLeave     = "leave"     // leave_ok
	TypeMulticast = "multicast" // multicast_ok, once delivered at this node
	TypeRead      = "read"      // read_ok with value
	TypeWrite     = "write"     // write_ok
	TypeCAS       = "cas"       // cas_ok
	TypeTimer     = "timer"     // from the clock; no reply
	TypeShutdown  = "shutdown"  // shutdown_ok, then exit 0
	TypeError     = "error"
)

// ReplyTo names the reply of a request type: "join" becomes "join_ok".
func ReplyTo(request string) string { return request + "_ok" }

// Transports and clocks of Init.
const (
	TransportTCP   = "tcp"
	TransportStdio = "stdio"
	ClockReal      = "real"
	ClockVirtual   = "virtual"
)

// Init is the first line that a node reads. Listen and Peers are given with
// transport tcp only; every address in Peers leads through that link of the
// harness, so a node must learn addresses in no other way.
type Init struct {
	Head
	NodeID      string            `json:"node_id"`
	Incarnation int               `json:"incarnation"`
	NodeIDs     []string          `json:"node_ids"`
	Seed        uint64            `json:"seed"`
	Transport   string            `json:"transport"`
	Clock       string            `json:"clock"`
	Listen      string            `json:"listen,omitempty"`
	Peers       map[string]string `json:"peers,omitempty"`
	DataDir     string            `json:"data_dir,omitempty"`
	Session     int               `json:"session,omitempty"` // 1 and as many as earlier starts of this member have answered init; 0 is 1
	Stored      json.RawMessage   `json:"stored,omitempty"`  // clock virtual: what the member had on disk when it ended
	Config      json.RawMessage   `json:"config,omitempty"`
}

// Join asks the node to join through one of Contacts, tried in order. Without
// contacts it creates the group.
type Join struct {
	Head
	Contacts []string `json:"contacts"`
}

// Leave asks the node to leave its group.
type Leave struct{ Head }

// Shutdown asks the node to answer and exit 0.
type Shutdown struct{ Head }

// Multicast asks the node to multicast Msg, an id that is unique in the run.
type Multicast struct {
	Head
	Msg     string          `json:"msg"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Read, Write and CAS address the replicated map on top of the group. Msg is
// unique in the run; a node whose map sends each operation through the group as a
// message gives the message this id, so that its delivery tells of the operation.
type Read struct {
	Head
	Msg string `json:"msg,omitempty"`
	Key string `json:"key"`
}

// Write sets Key to Value.
type Write struct {
	Head
	Msg   string          `json:"msg,omitempty"`
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// CAS sets Key to To if it holds From.
type CAS struct {
	Head
	Msg  string          `json:"msg,omitempty"`
	Key  string          `json:"key"`
	From json.RawMessage `json:"from"`
	To   json.RawMessage `json:"to"`
}

// ReadOK answers Read.
type ReadOK struct {
	Head
	Value json.RawMessage `json:"value"`
}

// OK is any reply without further fields: init_ok, join_ok, multicast_ok, ….
type OK struct{ Head }

// Timer is a timer that has run out (virtual worlds).
type Timer struct {
	Head
	ID string `json:"id"`
}

// TypeClosed tells a node that the connection from another one has ended. Only
// virtual worlds that follow an observed run give it, and a node may well not
// know it.
const TypeClosed = "closed"

// Closed is the end of the connection from Node.
type Closed struct {
	Head
	Node string `json:"node"`
}

// Types to the clock (virtual worlds).
const (
	TypeSetTimer    = "set_timer"
	TypeCancelTimer = "cancel_timer"
	TypeIdle        = "idle" // to the harness: all outputs of the last line are written
)

// TypePersist asks the disk to keep a record (virtual worlds).
const TypePersist = "persist"

// Persist asks the disk to keep Record: after all others, or with Base in their
// place. It and all before it are there after a restart, in Init.Stored, unless it
// is Lazy and nothing that is not came after it.
type Persist struct {
	Head
	Record json.RawMessage `json:"record"`
	Base   bool            `json:"base,omitempty"`
	Lazy   bool            `json:"lazy,omitempty"`
}

// SetTimer asks the clock for a Timer with the same ID, AfterMicros from now;
// the same ID again replaces it. CancelTimer is the same without After.
type SetTimer struct {
	Head
	ID          string `json:"id"`
	AfterMicros int64  `json:"after"`
}

// CancelTimer takes a SetTimer back; an unknown ID is no error.
type CancelTimer struct {
	Head
	ID string `json:"id"`
}
