// Package runtime is what surrounds a machine in a process of its own, and guarantees
// that all that differs between worlds is who carries its outputs out: tcp has real
// sockets and the real clock; for stdio the harness is network and clock (virtual time).
//
// Outputs are performed in the order in which the machine gives them, by one
// single-threaded loop. A node that is killed has therefore done a prefix of
// them: it sent to the first k members of a broadcast and to no others, and
// whatever line it wrote speaks of what came before. In the tcp world the outputs of
// all inputs that had arrived leave together, at the end of their batch. That holds on
// standing connections; what is sent to a peer before there is one, or faster than the
// kernel takes it, waits in a queue of that peer's (see outbound), and who is
// killed takes the queue along: one peer's suffix is lost, never its middle.
//
// With config.record, each input is recorded (package recording) before any output of
// its batch leaves. It must not know what a core or an application does.
package runtime
