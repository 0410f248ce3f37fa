package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/checker/history"
	"groupy/harness/internal/loop"
	"groupy/harness/internal/tape"
	"groupy/harness/internal/virtual"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
	"groupy/node"
	"groupy/node/machine"
	"groupy/node/recording"
)

// Recorded is a real run rebuilt from what it recorded: the nodes' inputs, given
// to fresh machines, and the run loop's tape, which says in which order it heard
// them. Nothing is taken from the history, which the two must give again byte
// for byte.
type Recorded struct {
	Processes int // starts of nodes
	Frames    int // steps of all of them
	Events    int // lines of the history
	// Unseen counts lines of dead processes that are recorded and that nobody has
	// seen: the kill fell between the record and their leaving.
	Unseen int
	// Parted is where the rebuilt run first differs; "" if it is exact.
	Parted string
}

// processRecord is the recording of one process as its run is rebuilt.
type processRecord struct {
	*recording.Recording
	lines   []machine.Line  // what it said, in order
	frame   []int           // of each line
	said    []time.Duration // when the run loop read them, as far as it did
	told    int             // lines that the run loop gave it, init left out
	heard   []int           // frames that are lines given to it
	asked   []asking        // by the run loop, init included
	counted map[string]int  // of asked, by type
}

// asking is a request that the run loop gave a process.
type asking struct {
	name string // world.RequestName
	at   time.Duration
}

// ReplayRecorded rebuilds the run of a folder and compares it with what was
// recorded. An error says that there is no recording to replay, or that one is
// damaged.
func ReplayRecorded(folder string) (*Recorded, error) {
	b, err := openRecorded(store.Folder(folder))
	if err != nil {
		return nil, err
	}
	result := &Recorded{Processes: len(b.processes)}
	for _, member := range b.members() {
		p := b.processes[member]
		result.Frames += len(p.Frames)
		var parted *recording.Parted
		if err := p.play(); errors.As(err, &parted) {
			result.Parted = parted.Error()
			return result, nil
		} else if err != nil {
			return nil, err
		}
	}
	rebuilt, err := b.run()
	if err != nil {
		return nil, err
	}
	result.Events = bytes.Count(rebuilt, []byte{'\n'})
	if result.Parted, err = b.compare(rebuilt); err != nil || result.Parted != "" {
		return result, err
	}
	result.Unseen, result.Parted = b.unseen()
	return result, nil
}

// rebuilding is a recorded run on its way through a second run loop.
type rebuilding struct {
	folder    store.Folder
	plan      *plan.Plan
	tape      *tape.Tape
	processes map[string]*processRecord // by member
	current   map[string]*processRecord // by node
	done      []tape.Doing
	parted    string
	complete  bool // the run came to its end
	broken    bool // the harness had failed
}

func openRecorded(folder store.Folder) (*rebuilding, error) {
	b := &rebuilding{folder: folder, processes: map[string]*processRecord{}, current: map[string]*processRecord{}}
	original, err := OpenOriginal(string(folder))
	if err != nil {
		return nil, err
	}
	b.plan = original.Plan
	b.broken = original.Record != nil && original.Record.Broken != ""
	if r := original.Record; r != nil && (r.World != run.WorldReal || r.Foreign) {
		return nil, fmt.Errorf("%s: only runs of the built-in node in the real world are recorded; replay this one without --recorded", folder)
	}
	if b.tape, err = tape.ReadTape(folder.Path(store.TapeFile)); err != nil {
		return nil, fmt.Errorf("the run loop's recording: %w", err)
	}
	files, err := filepath.Glob(filepath.Join(string(folder), store.DataFolder, "*", recording.RecordingName("*")))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no node has recorded anything; was it run with config.record?", folder)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Size() == 0 {
			continue // killed before its first write: it has neither heard nor said anything
		}
		r, err := recording.ReadRecording(file)
		if err != nil {
			return nil, err
		}
		b.processes[r.Member] = &processRecord{Recording: r}
	}
	return b, nil
}

func (b *rebuilding) members() []string {
	var names []string
	for name := range b.processes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// play gives a fresh machine the process's inputs, and keeps what it says.
func (p *processRecord) play() error {
	p.said, p.told, p.lines, p.frame, p.heard = nil, 0, nil, nil, nil
	init := p.Init.Head
	p.add(-1, machine.Line{Dest: node.Harness, Body: node.OK{Head: node.Head{Type: node.ReplyTo(init.Type), InReplyTo: init.MsgID}}})
	for i, f := range p.Frames {
		if f.Kind == recording.InputLine {
			p.heard = append(p.heard, i)
		}
	}
	return p.Replay(func(i int, outs []machine.Output) {
		for _, o := range outs {
			if l, ok := o.(*machine.Line); ok {
				p.add(i, *l)
			}
		}
	})
}

func (p *processRecord) add(frame int, l machine.Line) {
	p.lines, p.frame = append(p.lines, l), append(p.frame, frame)
}

// run has a second run loop carry the plan out in the world of the tape, and
// gives the history that it writes.
func (b *rebuilding) run() ([]byte, error) {
	var out bytes.Buffer
	w := tape.NewReplayed(b.tape, b.say, b.did)
	open := run.Job{Plan: b.plan}.OpenHistory(&out, w.Kind())
	again := func() (*history.Reader, error) { return verdict.FromMemory(out.Bytes())() }
	_, err := loop.Run(context.Background(), b.plan, w, open, again, hclog.NewNullLogger(), nil)
	var parted partedError
	switch {
	case errors.As(err, &parted):
		b.parted = string(parted)
	case errors.Is(err, tape.ErrTapeEnds): // its harness ended before it
	case err == nil:
		b.complete = true
	case b.broken: // it fails as it failed then
	default:
		return nil, fmt.Errorf("rebuild the run: %w", err)
	}
	return out.Bytes(), nil
}

// partedError ends a rebuilt run that cannot go on as the recorded one did.
type partedError string

// Error says where.
func (e partedError) Error() string { return string(e) }

// say gives the next line of a process.
func (b *rebuilding) say(at time.Duration, name string, incarnation int) (world.Said, error) {
	member := node.MemberName(name, incarnation)
	p := b.processes[member]
	if p == nil {
		return world.Said{}, partedError(member + " was heard, but it has recorded nothing")
	}
	if len(p.said) == len(p.lines) {
		return world.Said{}, partedError(fmt.Sprintf("%s was heard to say more than the %d lines that its recording gives", member, len(p.lines)))
	}
	l := p.lines[len(p.said)]
	p.said = append(p.said, at)
	return world.Said{Node: name, Incarnation: incarnation, Dest: l.Dest, Body: l.Body}, nil
}

// did follows what the run loop does: the requests that it gives a process must
// be those that the process has recorded, as far as it came to read them.
func (b *rebuilding) did(d tape.Doing) {
	b.done = append(b.done, d)
	switch d.What {
	case "start":
		delete(b.current, d.Node)
	case "send":
		b.told(d)
	}
}

func (b *rebuilding) told(d tape.Doing) {
	if init, ok := d.Body.(*node.Init); ok {
		p := b.processes[node.MemberName(d.Node, init.Incarnation)]
		if b.current[d.Node] = p; p != nil {
			p.counted = map[string]int{}
			p.asked = []asking{{virtual.RequestName(init, p.counted), d.At}}
		}
		return
	}
	p := b.current[d.Node]
	if p == nil {
		return
	}
	p.asked = append(p.asked, asking{virtual.RequestName(d.Body, p.counted), d.At})
	line, err := node.Line(d.Src, d.Node, nil, d.Body)
	if err != nil || b.parted != "" {
		return
	}
	if p.told < len(p.heard) {
		i := p.heard[p.told]
		if got := p.Frames[i].Input; !bytes.Equal(bytes.TrimSpace(line), bytes.TrimSpace(got)) {
			b.parted = fmt.Sprintf("%s, frame %d at %v: it was given\n  %s, the run loop gives\n  %s", p.Member, i, p.Frames[i].Now, got, line)
		}
	}
	p.told++
}

// compare gives the first difference between the rebuilt history and the
// recorded one. Of a run that was cut off, each side may have been written a
// little further than the other.
func (b *rebuilding) compare(rebuilt []byte) (string, error) {
	recorded, err := os.ReadFile(b.folder.Path(store.HistoryFile))
	if err != nil {
		return "", fmt.Errorf("a rebuilt run is compared with its history as it was written: %w", err)
	}
	if both := min(len(recorded), len(rebuilt)); !b.complete && b.parted == "" && bytes.Equal(recorded[:both], rebuilt[:both]) {
		return "", nil
	}
	d, err := Compare(bytes.NewReader(recorded), bytes.NewReader(rebuilt))
	if d == nil || err != nil {
		return b.parted, err
	}
	if b.parted != "" {
		return fmt.Sprintf("%s\nafter that, the history's %s", b.parted, d), nil
	}
	return "the history's " + d.String(), nil
}

// unseen counts what dead processes had recorded and nobody has seen. Who ended
// by itself has been heard to its end.
func (b *rebuilding) unseen() (count int, parted string) {
	whole := map[string]bool{}
	for _, e := range b.tape.Exits() {
		whole[node.MemberName(e.Node, e.Incarnation)] = e.Signal == "" && b.complete
	}
	for _, member := range b.members() {
		p := b.processes[member]
		left := len(p.lines) - len(p.said)
		if count += left; left > 0 && whole[member] {
			return count, fmt.Sprintf("%s exited by itself, and %d lines of its recording were never heard, from frame %d on", member, left, p.frame[len(p.said)])
		}
		if b.complete && p.told < len(p.heard) {
			i := p.heard[p.told]
			return count, fmt.Sprintf("%s, frame %d: the run loop never gave it this line: %s", member, i, p.Frames[i].Input)
		}
	}
	return count, ""
}
