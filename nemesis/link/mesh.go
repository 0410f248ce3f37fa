package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Mesh is the network between real processes: a loopback listener for each
// directed pair of nodes, each connection carried on under the Table's rules.
type Mesh struct {
	table *Table
	now   func() time.Duration
	ends  map[[2]string]net.Listener

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	targets map[string]string
	pipes   map[*pipe]struct{}
	closed  bool
}

// NewMesh opens the listeners of all directed pairs of nodes, on loopback and on
// ports that the kernel chooses. now is the time since the run began; it must
// not run backwards. Close gives everything back.
func NewMesh(table *Table, nodes []string, now func() time.Duration) (*Mesh, error) {
	ctx, cancel := context.WithCancel(context.Background())
	m := &Mesh{
		table: table, now: now, ends: map[[2]string]net.Listener{}, ctx: ctx, cancel: cancel,
		targets: map[string]string{}, pipes: map[*pipe]struct{}{},
	}
	for _, from := range nodes {
		for _, to := range nodes {
			if from == to {
				continue
			}
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				m.Close()
				return nil, fmt.Errorf("open the link from %s to %s: %w", from, to, err)
			}
			m.ends[[2]string{from, to}] = l
			m.wg.Go(func() { m.accept(l, from, to) })
		}
	}
	return m, nil
}

// Addr is where from has to connect to reach to; "" if there is no such link.
func (m *Mesh) Addr(from, to string) string {
	l := m.ends[[2]string{from, to}]
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// SetTarget says where a node really listens. Connections to it made before are
// not touched.
func (m *Mesh) SetTarget(to, addr string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.targets[to] = addr
}

// SetRule is Table.SetRule.
func (m *Mesh) SetRule(id, from, to string, r Rule) { m.table.SetRule(id, from, to, r) }

// ClearRules is Table.ClearRules. Connections that a cut made lossy are reset
// before it returns.
func (m *Mesh) ClearRules(id string) { m.table.ClearRules(id, m.now()) }

// Counters is Table.Counters.
func (m *Mesh) Counters(from, to string) Counters { return m.table.Counters(from, to) }

// Arm is Table.Arm.
func (m *Mesh) Arm(g Gate, fire func()) { m.table.Arm(g, fire) }

// Release is Table.Release.
func (m *Mesh) Release(id string, lose bool) { m.table.Release(id, lose, m.now()) }

// ResetLink resets (RST) all connections that from has opened to to, with what
// is in flight on them.
func (m *Mesh) ResetLink(from, to string) {
	for _, p := range m.open() {
		if p.from == from && p.to == to {
			p.reset(true)
		}
	}
}

// Close ends all connections and listeners and waits for their goroutines.
// Twice does no harm.
func (m *Mesh) Close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.cancel()
	for _, l := range m.ends {
		l.Close()
	}
	for _, p := range m.open() {
		p.reset(false)
	}
	m.wg.Wait()
}

// open lists the connections there are.
func (m *Mesh) open() []*pipe {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]*pipe, 0, len(m.pipes))
	for p := range m.pipes {
		all = append(all, p)
	}
	return all
}

// accept takes the connections that from opens to to, until the listener is
// closed.
func (m *Mesh) accept(l net.Listener, from, to string) {
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, or gone before we took it: try again
			select {
			case <-m.ctx.Done():
				return
			case <-time.After(5 * time.Millisecond):
				continue
			}
		}
		m.serve(conn.(*net.TCPConn), from, to)
	}
}

// serve starts to carry one connection.
func (m *Mesh) serve(conn *net.TCPConn, from, to string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		abort(conn)
		return
	}
	p := newPipe(m, conn, from, to)
	m.pipes[p] = struct{}{}
	m.wg.Go(p.forth.read)
}

// start runs f unless the mesh is closed; Close waits for it.
func (m *Mesh) start(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.wg.Go(f)
	}
}

// forget drops a connection that has ended.
func (m *Mesh) forget(p *pipe) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.pipes, p)
}

// dial connects to where a node listens.
func (m *Mesh) dial(to string) (*net.TCPConn, error) {
	m.mu.Lock()
	addr := m.targets[to]
	m.mu.Unlock()
	if addr == "" {
		return nil, fmt.Errorf("no address is known for %s: call SetTarget first", to)
	}
	var d net.Dialer
	conn, err := d.DialContext(m.ctx, "tcp4", addr)
	if err != nil {
		return nil, fmt.Errorf("link to %s: %w", to, err)
	}
	return conn.(*net.TCPConn), nil
}

// abort closes with RST instead of FIN, so that the other side learns that what
// it has may not be all.
func abort(conn *net.TCPConn) {
	_ = conn.SetLinger(0) // fails only on a closed connection
	conn.Close()
}
