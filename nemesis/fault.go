package nemesis

import (
	"fmt"
	"strings"

	"groupy/nemesis/disk"
	"groupy/nemesis/link"
	"groupy/node/contract"
	"groupy/node/draw"
)

// Step is one fault of a plan: everything about it that a seed decides. Targets
// that only the run knows (the leader) stay names until then.
type Step struct {
	ID        string `json:"id"`
	Fault     string `json:"fault"`
	AtMicros  int64  `json:"at_us"`            // after the main phase began; with When: when the trigger is armed
	ForMicros int64  `json:"for_us,omitempty"` // how long it is held; 0: until the heal phase
	When      *When  `json:"when,omitempty"`   // the event that it waits for, if not only for a time

	// Target is a node's name, or one of leader, next (in line), joiner, or several
	// of these with commas between; resolved when the step begins. In a step that
	// waits for a trigger also sender, passed and missed, as in Groups.
	Target string `json:"target,omitempty"`
	// Groups are the sides of a cut; nodes in no group keep all their links. A
	// side may hold the name of a target, and "others" for all that no side names.
	Groups [][]string `json:"groups,omitempty"`
	// Links are the directed pairs of a link fault, as targets; none: all of them.
	Links [][2]string `json:"links,omitempty"`
	Rule  *link.Rule  `json:"rule,omitempty"`
	// Way is how much a power loss takes, one of disk.Ways; Disk is a disk fault's rule.
	Way  string     `json:"way,omitempty"`
	Disk *disk.Rule `json:"disk,omitempty"`
}

// When is a step's trigger, seen on the links: From has put a frame on the wire
// that holds the token Frame (a message id, or a type such as "accept"), and it
// went to Pass of its receivers and to nobody else. On each line From is stopped
// at this frame (link.Gate says how exactly); when the step has been taken, what
// is held is lost if From is dead and goes on otherwise. So «n1 dies having sent
// m7 to n2 and n3 and to nobody else» is exact, whatever the machine's load.
type When struct {
	From  string   `json:"from"`  // a target: node, leader, next, joiner; or anyone
	Frame string   `json:"frame"` // the token, or "*": any frame; left empty by a fault's Plan: a planned message, chosen by the harness
	Pass  []string `json:"pass"`  // receivers, as targets: the frames that do pass; or receiver alone
	// Skip is how many such frames go their way on each line before the one that is
	// meant: with "*" a position in what From sends, where nobody knows its kinds.
	Skip int `json:"skip,omitempty"`
	// Calls, if not 0, is in the place of a frame: power is there until From's disk has
	// been asked for so many calls that change it, of which the last is not made.
	Calls int `json:"calls,omitempty"`
	// WithinMicros is how long it waits before the step is skipped; 0: until the
	// heal phase.
	WithinMicros int64 `json:"within_us,omitempty"`
}

// Words tell in a story what a fault does to nodes: to one, to several, and of one when
// it is over ("" where something else tells that: its new start).
type Words struct{ One, Many, Over string }

// Fault is one kind of thing that can go wrong.
type Fault struct {
	Name     string
	Sentence string
	Words    Words // of a fault that acts on nodes
	// Plan draws the step's target, groups, links and rule; At, For and ID are
	// already set and may be changed.
	Plan func(k draw.Key, nodes []string, s *Step)
	// Absent is set where the targets' processes are gone for a time: too many of
	// them at once block a group that needs a majority.
	Absent bool
	// Parts is set where members may lose sight of each other, or of one that is
	// frozen, for so long that the group goes on without some.
	Parts bool
	// Keeps is set where the fault means nothing, and blocks a group for good, unless
	// processes keep their state over a restart (durable mode).
	Keeps bool
	// Disk is set where the fault is one of the nodes' disks, which must be faulty.
	Disk bool
	// Refuses is set where the fault has calls to the disk fail: then a process that
	// cannot keep what it must may end by itself.
	Refuses bool
	// Once is set where a run is to have one such step at most.
	Once bool
	// Damages reports whether the step, which has begun, may have damaged what a node has
	// stored and been told is safe; nil: never.
	Damages func(s *Active, node string) bool
	// Begin takes the step. An error means that it cannot apply now; its text is
	// the reason of the skip.
	Begin func(c Cluster, s *Active) error
	// Held gives the evidence that the fault has taken hold, nil while it has not.
	Held func(c Cluster, s *Active) any
	// End undoes the step; nil for a fault that is over when it has happened.
	End func(c Cluster, s *Active) error
	// Gone gives the evidence that it is undone, nil while it is not.
	Gone func(c Cluster, s *Active) any
	// Why says why there is no evidence, for the reason of a skip; nil, or "",
	// where the fault knows no more than that.
	Why func(c Cluster, s *Active) string
}

// Active is a step in a run, with what its fault keeps between its calls.
type Active struct {
	Step
	Node  string      // what Target resolved to, if it names one node
	Nodes []string    // what Target resolved to
	Pairs [][2]string // directed links that the step holds rules on
	// Mark is the counters' value of each of Pairs when the step began (evidence
	// is what came after), Was each of Nodes at that time.
	Mark map[[2]string]link.Counters
	Was  map[string]Process
	// What disks had counted when the step began, by node, and what a power loss or a
	// corruption did to them.
	Counted map[string]disk.Counters
	Taken   map[string]*disk.Taken
	Rotten  map[string]map[string]int
}

// Process is what the harness knows of a node's process.
type Process struct {
	Incarnation int  // of the last start; 0: never started
	Starts      int  // how often the node was started; tells one process from the next
	PID         int  // real processes only
	Running     bool // started and not known to have ended
	Refused     bool // has answered init with an error, and is to be started again
	Paused      bool // state T was seen, or the virtual world froze it
	Joined      bool // has installed a view that holds this incarnation, and was not evicted
}

// Cluster is what a fault may see and do. Nothing here blocks; what was asked
// for shows in Process and Counters some events later.
type Cluster interface {
	Nodes() []string
	Process(node string) Process
	// Resolve gives the node that a target names now, or an error saying why
	// there is none.
	Resolve(target string) (string, error)
	// Spare says why these nodes must not be taken out of the group now, for a run
	// that is to keep its group able to go on; nil if they may.
	Spare(nodes []string) error

	Kill(node string) error     // SIGKILL
	Pause(node string) error    // SIGSTOP
	Resume(node string) error   // SIGCONT
	Shutdown(node string) error // the contract's shutdown
	Leave(node string) error    // the contract's leave, and a shutdown after leave_ok
	Restart(node string) error  // a new process that joins; the old one must be gone

	Rules
	Disks
}

// Faults is the visible list: adding a fault is one file and one line.
var Faults = []Fault{
	// processes
	kill, killMidMulticast, killSuccessor, restart, joinStorm, restartAll, shutdown, pause,
	// membership
	leave,
	// cuts
	partitionHalves, partitionRandomHalves, partitionMinority,
	isolateOne, oneLink, isolateLeader, oneWay, bridge, majorityRing,
	// links
	drop, duplicate, reorder, delay, jitter, throttle, reset,
	// disks
	powerLoss, diskFull, diskError, diskSlow, diskCorrupt,
}

// Find gives the fault of that name. The error lists the names there are.
func Find(name string) (Fault, error) {
	var names []string
	for _, f := range Faults {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Fault{}, fmt.Errorf("no fault %q;%s there are %s", name, contract.DidYouMean(name, names), strings.Join(names, ", "))
}
