package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startTimeout is how long a group may take to form.
const startTimeout = 30 * time.Second

// member is what a system is told of one of its processes.
type member struct {
	self  int
	addrs []string // of all, in order
	spare []string // another for each
	dir   string   // its own, for files
	load  *load
	ready func() // to be called when the group has formed
}

// system is one line of the table.
type system struct {
	name     string
	sentence string
	start    func(member) (begin func())
}

// systems is the visible list.
var systems = []system{
	{"bare", "a sequencer and a majority's acknowledgement, nothing else", startBare},
	{"gms5", "the built-in node", startGMS5},
	{"gms5-observed", "the same, each delivery a line of its stdout, which is a file", startObserved},
	{"gms5-durable", "the built-in node in durable mode: on disk before it is said", startDurable},
	{"gms5-recorded", "the built-in node, each step recorded before its effects leave", startRecorded},
	{"hashicorp", "hashicorp/raft v1.7.3, in memory", startHashicorp},
	{"etcd", "etcd-io/raft v3.6.0, in memory, a proposal for each message", startEtcd},
	{"etcd-tuned", "the same by its lower interface, a proposal for all that wait", startEtcdTuned},
}

func find(name string) (system, error) {
	var names []string
	for _, s := range systems {
		if s.name == name {
			return s, nil
		}
		names = append(names, s.name)
	}
	return system{}, fmt.Errorf("no system %q; there are %s", name, strings.Join(names, ", "))
}

// memberMain is a child process: SYSTEM SELF SHARE DIR ADDRS SPARES GC. It says
// "ready", begins at the line "begin", answers "count", and ends with its stdin.
func memberMain(args []string) {
	s, err := find(args[0])
	must(err)
	percent, err := strconv.Atoi(args[6])
	must(err)
	debug.SetGCPercent(percent)
	self, err := strconv.Atoi(args[1])
	must(err)
	share, err := strconv.Atoi(args[2])
	must(err)
	m := member{
		self: self, dir: args[3], addrs: strings.Split(args[4], ","), spare: strings.Split(args[5], ","),
		load:  &load{self: byte('1' + self), share: share},
		ready: func() { fmt.Println("ready") },
	}
	begin := s.start(m)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		switch in.Text() {
		case "begin":
			begin()
		case "count":
			c := counted{m.load.acked.Load(), cpuMicros()}
			fmt.Println(c.acked, c.cpuMicros)
		}
	}
	os.Exit(0)
}

// counted is what a member has done since it began.
type counted struct {
	acked     int64 // own messages delivered
	cpuMicros int64 // processor time
}

// cpuMicros is the processor time of this process, in its own code and the kernel's.
func cpuMicros() int64 {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Microseconds()
}

func must(err error) {
	if err != nil {
		fail(err)
	}
}

// fail ends the process; nobody can use the rest of a measurement.
func fail(err error) {
	fmt.Fprintln(os.Stderr, "throughput:", err)
	os.Exit(1)
}
