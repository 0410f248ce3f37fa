package world

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"groupy/harness/ground"
	"groupy/nemesis/link"
	"groupy/nemesis/wire"
	"groupy/node"
	"groupy/node/draw"
)

const (
	// wireMTU is the largest packet, bytes: with 1500 a third of the throughput.
	wireMTU = 9000
	// wirePort is where each node listens; they are at different addresses.
	wirePort = 7000
)

// wireNet is where all nodes of a world are; no other world sees it, nor does the
// machine that they run on.
var wireNet = netip.MustParsePrefix("10.7.0.0/24")

// cable is the network of programs that know nothing of it.
var cable = Network{
	Name:     "wire",
	Sentence: "IP packets between nodes that each have a network of their own (namespaces, no root): for any program, and rules act on packets, which TCP makes up for",
	open: func(w *Real) (carrier, error) {
		if err := ground.Missing(ground.Wire...); err != nil {
			return nil, err
		}
		n := &wireNetwork{world: w, machines: map[string]*ground.Machine{}}
		var ends []wire.Node
		for i, name := range w.config.Nodes {
			ends = append(ends, wire.Node{Name: name, Address: wireAddress(i)})
		}
		var capture *wire.Capture
		if w.config.Capture.Size > 0 {
			var err error
			if capture, err = wire.NewCapture(w.config.Capture.Path, w.config.Nodes, w.config.Capture.Size, time.Now); err != nil {
				return nil, err
			}
		}
		n.Wire = wire.New(link.NewTable(draw.New(w.config.Seed)), ends, w.Now, capture)
		for _, name := range w.config.Nodes {
			if _, err := n.machine(name); err != nil {
				return nil, errors.Join(err, n.Close())
			}
		}
		return n, nil
	},
}

// wireAddress is that of the i-th node.
func wireAddress(i int) netip.Addr {
	b := wireNet.Addr().As4()
	b[3] += byte(i + 1)
	return netip.AddrFrom4(b)
}

// wireNetwork is a machine for each node and the wire between them.
type wireNetwork struct {
	*wire.Wire
	world    *Real
	machines map[string]*ground.Machine
}

func (n *wireNetwork) meet(name string, init *node.Init) {
	init.Transport, init.Peers = node.TransportTCP, map[string]string{}
	for i, other := range n.world.config.Nodes {
		address := net.JoinHostPort(wireAddress(i).String(), strconv.Itoa(wirePort))
		if other == name {
			init.Listen = address
		} else {
			init.Peers[other] = address
		}
	}
}

// machine gives a node's machine, booted if it is not up.
func (n *wireNetwork) machine(name string) (*ground.Machine, error) {
	if m := n.machines[name]; m != nil && m.Up() {
		return m, nil
	}
	n.powerOff(name)
	c := n.world.config
	m, err := ground.Boot(ground.Spec{
		Name: name, Init: append([]string{c.Init.Path}, c.Init.Args...), Env: n.world.warden.Mark.environment(), Hosts: n.hosts(),
		Address: netip.PrefixFrom(wireAddress(n.place(name)), wireNet.Bits()), MTU: wireMTU,
		Keep: append(visible(c.Program), filepath.Dir(c.DataDir)),
	})
	if err != nil {
		return nil, err
	}
	n.machines[name] = m
	n.world.warden.began(m.InitPID())
	return m, n.Plug(name, m.Cable)
}

// powerOff takes a node's machine off the wire and ends it.
func (n *wireNetwork) powerOff(name string) {
	n.Unplug(name)
	if m := n.machines[name]; m != nil {
		m.PowerOff()
		n.world.warden.ended(m.InitPID())
		delete(n.machines, name)
	}
}

func (n *wireNetwork) place(name string) int {
	for i, other := range n.world.config.Nodes {
		if other == name {
			return i
		}
	}
	panic("world: no node " + name) // the run loop knows its nodes
}

// hosts is each machine's /etc/hosts: all nodes by name.
func (n *wireNetwork) hosts() string {
	var b strings.Builder
	b.WriteString("127.0.0.1 localhost\n")
	for i, name := range n.world.config.Nodes {
		fmt.Fprintf(&b, "%s %s\n", wireAddress(i), name)
	}
	return b.String()
}

// visible are the files that a program is made of, as far as its command names
// them: they must be found on a machine that has a /tmp of its own.
func visible(p Program) (paths []string) {
	if found, err := exec.LookPath(p.Path); err == nil {
		paths = append(paths, found)
	}
	for _, arg := range p.Args {
		if _, err := os.Stat(arg); err == nil {
			paths = append(paths, arg)
		}
	}
	for i, path := range paths {
		if absolute, err := filepath.Abs(path); err == nil {
			paths[i] = absolute
		}
	}
	return paths
}

func (n *wireNetwork) starter(name string) starter {
	return func(p Program, m Mark, stdin, stdout, stderr *os.File) (Running, error) {
		path, err := exec.LookPath(p.Path)
		if err != nil {
			return nil, err
		}
		machine, err := n.machine(name)
		if err != nil {
			return nil, err
		}
		process, err := machine.Start(ground.Program{Path: path, Args: p.Args, Env: []string{m.variable()}}, stdin, stdout, stderr)
		if err != nil {
			return nil, err
		}
		return &resident{machine, process}, nil
	}
}

func (n *wireNetwork) Close() error {
	err := n.Wire.Close()
	for _, name := range n.world.config.Nodes {
		n.powerOff(name)
	}
	return err
}

func (n *wireNetwork) Arm(g link.Gate) error {
	n.Wire.Arm(g, func() { n.world.queue.putNow(Sprung{ID: g.ID}) })
	return nil
}

// resident is a program that runs on a machine of its own. Signals reach all that
// is on it.
type resident struct {
	machine *ground.Machine
	process *ground.Process
}

func (r *resident) Pid() int { return r.process.PID }

func (r *resident) Signal(s syscall.Signal) error {
	switch s {
	case syscall.SIGKILL:
		return r.machine.Kill()
	case syscall.SIGSTOP:
		return r.machine.Pause()
	case syscall.SIGCONT:
		return r.machine.Resume()
	}
	return fmt.Errorf("no signal %v for all of a machine", s)
}

func (r *resident) Wait() (code int, signal string) { return ending(r.process.Wait().Status) }
