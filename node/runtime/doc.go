// Package runtime runs the built-in node and guarantees that every world runs
// the same one: a Machine is the contract, a protocol core and an application
// composed into one pure state machine, and all that differs between worlds is
// who carries its outputs out.
//
// Outputs are performed in the order in which the machine gives them, by one
// single-threaded loop. A node that is killed has therefore done a prefix of
// them: it sent to the first k members of a broadcast and to no others, and
// whatever line it wrote speaks of what came before. In the tcp world the outputs of
// all inputs that had arrived leave together, at the end of their batch. That holds on standing
// connections; what is sent to a peer before there is one, or faster than the
// kernel takes it, waits in a queue of that peer's (see outbound), and who is
// killed takes the queue along: one peer's suffix is lost, never its middle.
//
// With config.record, the tcp world writes each input of the machine down, with
// its time and what it caused, as one frame of a journal in data_dir, before any
// output of its batch leaves. A fresh machine that is given the recorded inputs does
// the same again (Recording.Replay), also where the process was killed: what was
// not recorded whole has not left. What a frame holds may or may not have left,
// since a kill can fall between the two; that is for those to tell who would have
// seen it. frame.go has the format, and package journal that of the file.
//
//	Machine   the composition; no I/O, no clock
//	tcp       real sockets, the real clock
//	stdio     the harness is network and clock (virtual time)
package runtime
