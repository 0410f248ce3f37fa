// Package node is the contract between the harness and a program under test:
// what a node reads on stdin, what it writes on stdout, and what each line
// means. Any program that keeps to it, in any language, gets every workload,
// fault, check and report; the built-in node has no other door.
//
// One JSON object per line, in Maelstrom's envelope:
//
//	{"src":"c3","dest":"n1","body":{"type":"multicast","msg_id":7,"msg":"m41"}}
//
// The types here are values only. What runs behind them is in the folders
// below: gms holds the protocol cores, app what runs on top of the group,
// runtime the thin shells that give a core its time, sockets and stdio.
package node
