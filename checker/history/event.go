package history

import "encoding/json"

// Format is what the header of a history of this version says.
const Format = "groupy-history/1"

// Header is the first line of a history.
type Header struct {
	Type     string   `json:"type"` // "header"
	Format   string   `json:"format"`
	Name     string   `json:"name,omitempty"`
	Seed     string   `json:"seed,omitempty"`
	World    string   `json:"world,omitempty"` // "real" or "virtual"
	Protocol string   `json:"protocol,omitempty"`
	Workload string   `json:"workload,omitempty"`
	Nodes    []string `json:"nodes,omitempty"`
	Promises []string `json:"promises,omitempty"` // property names; absent: the default set
	// LeftOut names properties that the history's source says too little about, each
	// with the reason: they are not judged.
	LeftOut map[string]string `json:"left_out,omitempty"`
	// BareMembers says that the system cannot know its incarnations and writes
	// node names; the harness read them as the node's current incarnation.
	BareMembers bool `json:"bare_members,omitempty"`
}

// Type says what kind of event a line is.
type Type string

// The event types. Others are kept and ignored.
const (
	Start   Type = "start"
	Stop    Type = "stop"
	Invoke  Type = "invoke"
	OK      Type = "ok"   // took effect
	Fail    Type = "fail" // did not and never will
	Info    Type = "info" // unknown
	Send    Type = "send"
	View    Type = "view"
	Deliver Type = "deliver"
	Block   Type = "block"
	Unblock Type = "unblock"
	Evict   Type = "evict"
	Lost    Type = "lost" // a line of the member's that was not read
	Fault   Type = "fault"
	Phase   Type = "phase"
	Hash    Type = "hash" // value: Writer.Sum of all lines above this one
)

// Event is one line after the header. Which fields are set depends on Type, as
// docs/history.md's table says; the others are empty.
type Event struct {
	Index int64 `json:"index"` // 0, 1, 2, …: the order of events
	Time  int64 `json:"time"`  // nanoseconds since the run began; never precedence
	Type  Type  `json:"type"`

	Node   string `json:"node,omitempty"`
	Member string `json:"member,omitempty"`
	PID    int    `json:"pid,omitempty"`  // start, real world only
	How    string `json:"how,omitempty"`  // stop: kill, shutdown, exit, signal, damaged
	Code   *int   `json:"code,omitempty"` // stop by exit
	// Asked is, of a stop by exit or signal, what the process had been asked to do
	// before: kill, shutdown or leave; "": nothing.
	Asked string `json:"asked,omitempty"`
	// Cause is, of a stop by exit or signal, the line of its log in which the process
	// names what ended it, without addresses: a panic's first line, say.
	Cause string   `json:"cause,omitempty"`
	Log   []string `json:"log,omitempty"` // stop by exit or signal, real world only: the last lines of its log

	Process string          `json:"process,omitempty"` // client: c0, c1, …
	F       string          `json:"f,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"`
	Error   string          `json:"error,omitempty"`

	Msg     string   `json:"msg,omitempty"`
	Sender  string   `json:"sender,omitempty"`
	View    string   `json:"view,omitempty"`
	Members []string `json:"members,omitempty"`
	Primary *bool    `json:"primary,omitempty"` // absent: true
	After   *string  `json:"after,omitempty"`   // view: where a member that was started again takes up
	State   string   `json:"state,omitempty"`

	Fault    string          `json:"fault,omitempty"`
	ID       string          `json:"id,omitempty"`
	Phase    string          `json:"phase,omitempty"` // fault: begin, end, skip; phase: start … end
	Evidence json.RawMessage `json:"evidence,omitempty"`
	Reason   string          `json:"reason,omitempty"`

	// Extra holds the keys that are not listed here, as they stood in the line.
	// They are kept and ignored.
	Extra map[string]json.RawMessage `json:"-"`

	// Line is the line of the file that the event was read from, header = 1. It
	// is not part of the file.
	Line int `json:"-"`
}

// How a process ended (Event.How).
const (
	StopKill     = "kill"     // by the nemesis
	StopShutdown = "shutdown" // asked to
	StopExit     = "exit"     // by itself, with Code
	StopSignal   = "signal"   // by a signal that the harness did not send
	// StopDamaged is the end of a member that cannot trust what it had stored, as
	// Reason has it: its process is ended, and its node comes back as another member.
	// Fault and ID name the fault that damages what is stored, if the plan had one.
	StopDamaged = "damaged"
)

// StopLeave is what else a process that exits may have been asked to do
// (Event.Asked), beside StopKill and StopShutdown.
const (
	StopLeave = "leave"
)

// Phases of a fault (Event.Phase).
const (
	FaultBegin = "begin"
	FaultEnd   = "end"
	FaultSkip  = "skip"
)

// Phases of a run (Event.Phase).
const (
	PhaseStart     = "start"
	PhaseBootstrap = "bootstrap"
	PhaseMain      = "main"
	PhaseHeal      = "heal"
	PhaseRecover   = "recover"
	PhaseQuiesce   = "quiesce"
	PhaseFinal     = "final"
	PhaseEnd       = "end"
)

// IsPrimary reports a view event's primary flag, true if it is absent.
func (e *Event) IsPrimary() bool { return e.Primary == nil || *e.Primary }
