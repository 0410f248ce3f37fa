package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"groupy/nemesis"
	"groupy/nemesis/link"
	"groupy/node"
	"groupy/node/draw"
)

// RealConfig is what a real world is made of.
type RealConfig struct {
	Nodes   []string
	Program Program
	Warden  Program // may be empty: then only the kernel ends what a killed harness leaves
	Seed    string
	LogDir  string // one log file per process start
	DataDir string // one folder per node
	// NoLinks connects the nodes directly, for measuring what the links cost. No
	// link fault takes effect then.
	NoLinks bool
}

// Real is a world of real processes, real sockets through the harness's links,
// and the wall clock.
type Real struct {
	config    RealConfig
	began     time.Time
	queue     *queue
	links     realLinks
	warden    *warden
	addresses map[string]string // where each node listens
	peers     map[string]map[string]string
	processes map[string]*process
}

// NewReal opens the links and starts no process yet.
func NewReal(c RealConfig) (*Real, error) {
	w := &Real{
		config: c, began: time.Now(), queue: newQueue(),
		peers: map[string]map[string]string{}, processes: map[string]*process{},
	}
	var err error
	if w.addresses, err = reserve(c.Nodes); err != nil {
		return nil, err
	}
	mesh, err := link.NewMesh(link.NewTable(draw.New(c.Seed)), c.Nodes, w.Now)
	if err != nil {
		return nil, err
	}
	w.links = realLinks{Mesh: mesh, world: w}
	for _, from := range c.Nodes {
		mesh.SetTarget(from, w.addresses[from])
		w.peers[from] = map[string]string{}
		for _, to := range c.Nodes {
			switch {
			case from == to:
			case c.NoLinks:
				w.peers[from][to] = w.addresses[to]
			default:
				w.peers[from][to] = mesh.Addr(from, to)
			}
		}
	}
	if w.warden, err = startWarden(c.Warden); err != nil {
		mesh.Close()
		return nil, err
	}
	for _, name := range c.Nodes {
		w.warden.removes(w.dataDir(name))
	}
	w.warden.removes(c.DataDir)
	return w, nil
}

// Kind implements World.
func (w *Real) Kind() string { return "real" }

// Now implements World: the wall clock.
func (w *Real) Now() time.Duration { return time.Since(w.began) }

// Next implements World.
func (w *Real) Next(ctx context.Context, deadline time.Duration) (Event, error) {
	return w.queue.next(ctx, deadline-w.Now())
}

// Ready implements World.
func (w *Real) Ready() bool { return w.queue.take() }

// Links implements World.
func (w *Real) Links() nemesis.Links { return &w.links }

// Init implements World.
func (w *Real) Init(name string, incarnation int) node.Init {
	return node.Init{
		NodeID: name, Incarnation: incarnation, NodeIDs: w.config.Nodes,
		Seed:      seedOf(w.config.Seed, name, incarnation),
		Transport: node.TransportTCP, Clock: node.ClockReal,
		Listen: w.addresses[name], Peers: w.peers[name], DataDir: w.dataDir(name),
	}
}

func (w *Real) dataDir(name string) string { return filepath.Join(w.config.DataDir, name) }

// Start implements World.
func (w *Real) Start(name string, incarnation int) (int, error) {
	if err := os.MkdirAll(w.dataDir(name), 0o755); err != nil {
		return 0, fmt.Errorf("make %s's data folder: %w", name, err)
	}
	log, err := openLog(w.config.LogDir, name, incarnation)
	if err != nil {
		return 0, err
	}
	defer log.Close() // the process has its own
	p, err := w.warden.startProcess(w.config.Program, name, incarnation, log, w.queue.put)
	if err != nil {
		return 0, err
	}
	w.processes[name] = p
	return p.cmd.Process.Pid, nil
}

// openLog opens the log of one start of a node, n1.1.log.
func openLog(dir, name string, incarnation int) (*os.File, error) {
	path := filepath.Join(dir, node.MemberName(name, incarnation)+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open %s's log: %w", name, err)
	}
	return log, nil
}

// Send implements World.
func (w *Real) Send(name, src string, body any) error {
	p, err := w.process(name)
	if err != nil {
		return err
	}
	line, err := node.Line(src, name, nil, body)
	if err != nil {
		return err
	}
	p.input.put(line)
	return nil
}

func (w *Real) process(name string) (*process, error) {
	p := w.processes[name]
	if p == nil {
		return nil, fmt.Errorf("%s has no process", name)
	}
	return p, nil
}

func (w *Real) signal(name string, s syscall.Signal) error {
	p, err := w.process(name)
	if err != nil {
		return err
	}
	return p.signal(s)
}

// Kill implements World.
func (w *Real) Kill(name string) error { return w.signal(name, syscall.SIGKILL) }

// Pause implements World.
func (w *Real) Pause(name string) error { return w.signal(name, syscall.SIGSTOP) }

// Resume implements World.
func (w *Real) Resume(name string) error { return w.signal(name, syscall.SIGCONT) }

// Paused implements World.
func (w *Real) Paused(name string) bool {
	p := w.processes[name]
	return p != nil && stopped(p.cmd.Process.Pid)
}

// Close implements World: it kills what still runs and waits for its end. It may
// be called twice.
func (w *Real) Close() error {
	w.queue.close()
	for _, p := range w.processes {
		select {
		case <-p.gone:
		default:
			_ = p.signal(syscall.SIGKILL) // it may just have ended
		}
	}
	for _, p := range w.processes {
		<-p.gone
	}
	w.links.Close()
	w.warden.close()
	for _, name := range w.config.Nodes {
		_ = syscall.Rmdir(w.dataDir(name)) // only if empty
	}
	_ = syscall.Rmdir(w.config.DataDir)
	return nil
}

// realLinks is the mesh of sockets, with triggers that arrive as events.
type realLinks struct {
	*link.Mesh
	world *Real
}

// Arm implements Links.
func (l *realLinks) Arm(g link.Gate) error {
	if l.world.config.NoLinks {
		return errors.New("the nodes are connected without links: no trigger can see their messages")
	}
	l.Mesh.Arm(g, func() { l.world.queue.putNow(Sprung{ID: g.ID}) })
	return nil
}

// Comment implements Links: nothing records what passes on sockets.
func (*realLinks) Comment(string) {}
