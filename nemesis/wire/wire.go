package wire

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"groupy/nemesis/link"
)

// maxPacket is the longest packet that a device may give, bytes.
const maxPacket = 64 << 10

// Node is one end of the wire.
type Node struct {
	Name    string
	Address netip.Addr
}

// Wire carries packets between nodes. Its methods may be called from several
// goroutines.
type Wire struct {
	table   *link.Table
	now     func() time.Duration
	capture *Capture // nil: none
	ports   []*port
	byName  map[string]int
	byAddr  map[netip.Addr]int
	lanes   [][]*lane // by sender and receiver; nil from a node to itself
	stray   atomic.Int64

	mu    sync.Mutex
	gates map[string]link.Gate
	wg    sync.WaitGroup
	done  chan struct{}
	over  bool
}

// port is a node's end of the wire: the device that is plugged in now, if any.
type port struct {
	Node
	device atomic.Pointer[device]
}

// device reads and writes one packet a call.
type device struct{ io.ReadWriteCloser }

// New is a wire with nothing plugged in. Its rules and chances are those of table;
// now is the time since the run began, and must not run backwards. capture, which
// may be nil, is told of every packet; Close closes it.
func New(table *link.Table, nodes []Node, now func() time.Duration, capture *Capture) *Wire {
	w := &Wire{
		table: table, now: now, capture: capture, byName: map[string]int{}, byAddr: map[netip.Addr]int{},
		gates: map[string]link.Gate{}, done: make(chan struct{}),
	}
	for i, n := range nodes {
		w.ports = append(w.ports, &port{Node: n})
		w.byName[n.Name], w.byAddr[n.Address] = i, i
	}
	w.lanes = make([][]*lane, len(nodes))
	for i := range nodes {
		w.lanes[i] = make([]*lane, len(nodes))
	}
	for i := range nodes {
		for j := range i {
			pair := &pair{}
			w.lanes[i][j] = newLane(w, i, j, pair)
			w.lanes[j][i] = newLane(w, j, i, pair)
		}
	}
	return w
}

// Plug connects a node's device, in place of the one that it had: reads from it are
// packets that the node sends, writes to it packets that it receives. The wire
// closes it in the end. An error says that there is no such node, or that the wire
// is closed.
func (w *Wire) Plug(name string, dev io.ReadWriteCloser) error {
	i, ok := w.byName[name]
	if !ok {
		return fmt.Errorf("no node %q on the wire", name)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return errors.New("the wire is closed")
	}
	d := &device{dev}
	if old := w.ports[i].device.Swap(d); old != nil {
		_ = old.Close()
	}
	w.wg.Go(func() { w.read(i, d) })
	return nil
}

// Unplug takes a node off the wire: once it has returned, no packet of it is
// carried, and none reaches it. Nothing says good-bye in its name.
func (w *Wire) Unplug(name string) {
	i, ok := w.byName[name]
	if !ok {
		return
	}
	if d := w.ports[i].device.Swap(nil); d != nil {
		_ = d.Close()
	}
	for j := range w.ports { // whoever is carrying one of its packets has done so
		for _, l := range []*lane{w.lane(i, j), w.lane(j, i)} {
			if l != nil {
				l.barrier()
			}
		}
	}
}

// lane is the link from one node to another; nil from one to itself.
func (w *Wire) lane(from, to int) *lane { return w.lanes[from][to] }

// find is lane by names; nil if there is no such link.
func (w *Wire) find(from, to string) *lane {
	i, ok := w.byName[from]
	j, known := w.byName[to]
	if !ok || !known {
		return nil
	}
	return w.lane(i, j)
}

// read takes what a node sends until its device is closed or gone.
func (w *Wire) read(from int, d *device) {
	buf := make([]byte, maxPacket)
	for {
		n, err := d.Read(buf)
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				continue
			}
			return
		}
		if w.ports[from].device.Load() != d {
			return // unplugged while it was read
		}
		w.take(from, buf[:n])
	}
}

// take carries one packet that a node has sent.
func (w *Wire) take(from int, packet []byte) {
	to, known := 0, false
	if address, ok := destination(packet); ok {
		to, known = w.byAddr[address]
	}
	if !known || to == from {
		w.stray.Add(1)
		return
	}
	w.capture.packet(from, true, packet)
	w.lane(from, to).take(packet)
}

// deliver hands a packet to a node; false if it has no device or that is gone.
func (w *Wire) deliver(to int, packet []byte) bool {
	d := w.ports[to].device.Load()
	if d == nil {
		return false
	}
	if _, err := d.Write(packet); err != nil { // EIO: it is down; EBADFD: its namespace is gone
		return false
	}
	w.capture.packet(to, false, packet)
	return true
}

// Stray is how many packets went to nobody.
func (w *Wire) Stray() int64 { return w.stray.Load() }

// SetRule is Table.SetRule. Once it has returned, no packet passes that the rule
// does not let pass.
func (w *Wire) SetRule(id, from, to string, r link.Rule) {
	w.table.SetRule(id, from, to, r)
	if l := w.find(from, to); l != nil {
		l.barrier()
	}
}

// ClearRules is Table.ClearRules.
func (w *Wire) ClearRules(id string) { w.table.ClearRules(id, w.now()) }

// Counters is Table.Counters, of packets.
func (w *Wire) Counters(from, to string) link.Counters {
	c := w.table.Counters(from, to)
	if l := w.find(from, to); l != nil {
		c.Resets += l.resets.Load()
		c.Overrun += l.overrun.Load()
		c.Refused += l.refused.Load()
	}
	return c
}

// ResetLink resets (RST) the connections that from has opened to to.
func (w *Wire) ResetLink(from, to string) {
	if l := w.find(from, to); l != nil {
		opener := w.ports[l.from].Address
		l.resets.Add(int64(w.reset(l, func(a netip.Addr) bool { return a == opener })))
	}
}

// reset ends connections of a link's pair of nodes, and says how many.
func (w *Wire) reset(l *lane, which func(opener netip.Addr) bool) int {
	l.pair.mu.Lock()
	resets, n := l.pair.flows.doom(which)
	l.pair.mu.Unlock()
	for _, packet := range resets {
		w.forged(packet)
	}
	return n
}

// forged hands a packet of the wire's own to whom it is for, past all rules.
func (w *Wire) forged(packet []byte) {
	if address, ok := destination(packet); ok {
		if to, known := w.byAddr[address]; known {
			w.deliver(to, packet)
		}
	}
}

// Arm is Table.Arm.
func (w *Wire) Arm(g link.Gate, fire func()) {
	w.mu.Lock()
	w.gates[g.ID] = g
	w.mu.Unlock()
	w.table.Arm(g, fire)
}

// Release is Table.Release. With lose, what was held is lost for good: all
// connections of the dead sender end by RST, since its kernel, which lives on,
// would send again what it has not seen acknowledged.
func (w *Wire) Release(id string, lose bool) {
	w.mu.Lock()
	g, armed := w.gates[id]
	delete(w.gates, id)
	w.mu.Unlock()
	if !armed || !lose {
		w.table.Release(id, lose, w.now())
		return
	}
	var lanes []*lane
	for to := range w.ports {
		if l := w.lane(w.byName[g.From], to); l != nil {
			w.reset(l, func(netip.Addr) bool { return true })
			lanes = append(lanes, l)
		}
	}
	for _, l := range lanes { // in the order of nodes; nobody else holds two
		l.mu.Lock()
		l.finish()
	}
	w.table.Release(id, lose, w.now())
	for _, l := range lanes {
		l.reopen()
		l.mu.Unlock()
	}
}

// Comment puts a text beside the next packet of the capture.
func (w *Wire) Comment(text string) { w.capture.comment(text) }

// Close takes all nodes off the wire and waits for its goroutines. Idempotent.
func (w *Wire) Close() error {
	w.mu.Lock()
	over := w.over
	w.over = true
	w.mu.Unlock()
	if over {
		return nil
	}
	close(w.done)
	for _, p := range w.ports {
		w.Unplug(p.Name)
	}
	w.wg.Wait()
	return w.capture.Close()
}
