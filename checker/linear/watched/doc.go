// Package watched searches for linearizations in a child process, within bounds of
// time and memory: past them the child is killed, and the answer is Undecided and
// says how far it got. A search that goes wrong takes nothing else with it, and the
// child ends with its parent, however that ends: it holds the read end of a pipe
// that closes then.
package watched
