package world

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"groupy/nemesis"
	"groupy/node"
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

	Network string  // one of Networks; "": the first
	Init    Program // process 1 of a node's own machine, where the network gives it one
	Capture Capture
}

// Capture is the record of packets that a network keeps if it has any.
type Capture struct {
	Path string
	Size int64 // bytes at most; 0: none is kept
}

var _ World = (*Real)(nil)

// Real is a world of real processes, a real network between them with the harness
// on it, and the wall clock.
type Real struct {
	config    RealConfig
	began     time.Time
	queue     *queue
	network   carrier
	warden    *Ward
	processes map[string]*process
}

// NewReal opens the network and starts no node yet.
func NewReal(c RealConfig) (*Real, error) {
	network, err := FindNetwork(c.Network)
	if err != nil {
		return nil, err
	}
	w := &Real{config: c, began: time.Now(), queue: newQueue(), processes: map[string]*process{}}
	if w.warden, err = StartWarden(c.Warden); err != nil {
		return nil, err
	}
	if w.network, err = network.open(w); err != nil {
		w.warden.Close()
		return nil, fmt.Errorf("network %s: %w", network.Name, err)
	}
	for _, name := range c.Nodes {
		w.warden.removes(w.dataDir(name))
	}
	w.warden.removes(c.DataDir)
	return w, nil
}

func (w *Real) Kind() string { return "real" }

// Now implements World: the wall clock.
func (w *Real) Now() time.Duration { return time.Since(w.began) }

func (w *Real) Next(ctx context.Context, deadline time.Duration) (Event, error) {
	return w.queue.next(ctx, deadline-w.Now())
}

func (w *Real) Ready() bool { return w.queue.take() }

func (w *Real) Links() nemesis.Links { return w.network }

func (w *Real) Disks() nemesis.Disks { return nemesis.PlainDisks{} }

func (w *Real) Init(name string, incarnation int) node.Init {
	init := node.Init{
		NodeID: name, Incarnation: incarnation, NodeIDs: w.config.Nodes,
		Seed: SeedOf(w.config.Seed, name, incarnation), Clock: node.ClockReal, DataDir: w.dataDir(name),
	}
	w.network.meet(name, &init)
	return init
}

func (w *Real) dataDir(name string) string { return filepath.Join(w.config.DataDir, name) }

func (w *Real) Start(name string, incarnation int) (int, error) {
	if err := os.MkdirAll(w.dataDir(name), 0o755); err != nil {
		return 0, fmt.Errorf("make %s's data folder: %w", name, err)
	}
	log, err := OpenLog(w.config.LogDir, name, incarnation)
	if err != nil {
		return 0, err
	}
	defer log.Close() // the process has its own
	p, err := w.warden.startProcess(w.network.starter(name), w.config.Program, name, incarnation, log, w.queue.put)
	if err != nil {
		return 0, err
	}
	w.processes[name] = p
	return p.program.Pid(), nil
}

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

func (w *Real) Signal(name string, s syscall.Signal) error {
	p, err := w.process(name)
	if err != nil {
		return err
	}
	if err := p.program.Signal(s); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (w *Real) Kill(name string) error { return w.Signal(name, syscall.SIGKILL) }

func (w *Real) Pause(name string) error { return w.Signal(name, syscall.SIGSTOP) }

func (w *Real) Resume(name string) error { return w.Signal(name, syscall.SIGCONT) }

func (w *Real) Paused(name string) bool {
	p := w.processes[name]
	return p != nil && Stopped(p.program.Pid())
}

// Close implements World: it kills what still runs and waits for its end. It may
// be called twice.
func (w *Real) Close() error {
	w.queue.Close()
	for _, p := range w.processes {
		select {
		case <-p.gone:
		default:
			_ = p.program.Signal(syscall.SIGKILL) // it may just have ended
		}
	}
	for _, p := range w.processes {
		<-p.gone
	}
	err := w.network.Close()
	w.warden.Close()
	for _, name := range w.config.Nodes {
		_ = syscall.Rmdir(w.dataDir(name)) // only if empty
	}
	_ = syscall.Rmdir(w.config.DataDir)
	return err
}
