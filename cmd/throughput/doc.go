// Command throughput measures how many multicasts a second gms5 orders and
// delivers, beside others that do the same on the same machine in the same
// minute: hashicorp/raft and etcd-io/raft as ordered logs, the latter as its users
// have it and tuned, and a bare sequencer that does nothing but what none of them
// can leave out.
//
// What is compared. Five processes on loopback, sockets between them, no disk but
// where a system's name says so (member.go has the list).
// Each keeps its share of the outstanding messages under way: a message of 64
// bytes is multicast, and the next one follows once it is delivered where it came
// from, which in all systems means that a majority holds it. The client is
// the same code in all (load.go), inside the process. A figure is the sum over
// the five of their own messages delivered in the window, by the second; warm-up
// does not count. Beside it stands the processor time of all five for each of them,
// in user code and the kernel. Every round measures each system once, so that a noisy machine
// is noisy for all; the table shows the medians.
//
// It is a module of its own, so that users of groupy do not inherit the peers'
// dependencies. In this folder:
//
//	go run .
package main
