// Package ground gives a node a machine of its own, as far as the kernel lends
// one without root: namespaces for users, network, mounts, processes, host name
// and IPC, and a small init in them.
//
// Its guarantee: whatever a machine's processes do (fork, daemonise, move to a
// session of their own), they end with it, and a machine ends with the harness,
// however that ends; no process, interface or mount is left. A machine's only way
// out is its Cable, a descriptor from which every read is one IP packet that the
// machine has sent, and to which every write is one that it receives.
//
// # A machine's life
//
//	Boot ──▶ up ──Start──▶ a program runs ──Kill, or its own end──▶ up …
//	          │
//	          └──PowerOff──▶ gone
//
// Kill ends the processes and leaves the machine: its kernel says good-bye to its
// peers, as it does when a process dies. PowerOff ends the machine: whoever cut
// its links first sees no further packet of it.
//
// The package knows nothing of nodes, the contract, links or faults. Files named
// init_ are what runs inside.
package ground
