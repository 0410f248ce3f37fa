// Package link is the network between the nodes: every directed pair of them
// has its own line, and what passes there is what the rules of the faults let
// pass, message by message, and nothing else.
//
// # The pure half
//
// Table holds the rules, the triggers (Gate) and the counters. A Stream is the
// messages of one connection in one direction: Send puts one in, Pop takes out
// those that are due. There is no goroutine and no clock in it, so that the
// simulated network runs the same code on virtual time as Mesh does on sockets.
//
// Order is kept within a stream unless a reorder rule breaks it on purpose.
// Nothing is lost without a cut, a drop rule, a reset, or a trigger whose sender
// died. Every random choice hangs on the seed, the fault that made the rule, the
// line, and which message it is: on virtual time the one sent at that moment, on
// sockets the n-th that this fault has seen there. Taking any other fault out of
// a plan leaves this fault's choices as they were.
//
// # The real half
//
// Mesh has one loopback listener per directed pair (from, to) and carries each
// connection that from opens there on to where to listens. Bytes that come back
// on the same connection travel under the rules of the line (to, from).
//
// A cut is silent, as a pulled cable is: connections stay open and new ones are
// accepted; what is sent or in flight is lost and counted; the end of a
// connection does not get through either. Once SetRule has returned, nothing is
// handed on any more, also on a link that is full because its receiver does not
// read. What the receiver's kernel had before is received. When the cut is over,
// each connection that lost something is reset (RST), so that no connection ever
// goes on with bytes missing in its middle;
// those that lost nothing go on as if nothing had been.
//
// A drop, duplicate or reorder rule acts on whole messages inside a connection
// and resets nothing: it models an unreliable transport, which TCP is not. When
// a process dies, its peer sees the end of the connection after everything that
// was in flight. When nobody listens at the receiver's, the sender's connection
// is reset, as if it had been refused.
//
// # Messages and bytes
//
// Traffic is framed when it is a sequence of 4-byte big-endian lengths, each
// with that many bytes (package node). A connection's direction counts as framed
// once all lengths so far were plausible and a read ended exactly between two
// frames: senders write whole frames, so the first quiet moment shows it, and for
// other traffic it takes a coincidence at every read. Until then, and for traffic
// that is not framed, bytes go on as they come and only cut, delay, jitter,
// throttle and reset apply; Counters.Unframed tells that a rule for messages had
// no message to act on. Only in framed traffic, and only while there is a rule
// or a trigger, does the beginning of a frame wait for its end.
package link
