// Package wire is a network between nodes that know nothing of it: each node has
// a network device, what its kernel sends comes out of that device's other end as
// IP packets, and the wire carries them to the others, as the rules of the faults
// let it.
//
// # What it guarantees
//
// Every packet from one node to another passes one directed link, under the same
// rules, chances, triggers and counters as a message does on package link's
// sockets (link.Table, link.Stream). Once SetRule has returned with a cut, no
// packet passes; what was in flight is lost. Without a rule nothing is lost, late
// or out of order, but by a full queue or a device that is gone, which is counted.
// What goes to nobody (another network, IPv6, multicast) is dropped and counted as
// stray.
//
// # What TCP makes of it
//
// Packets are not messages. A lost, doubled or overtaken packet is made up for by
// the nodes' own kernels: a loss becomes a delay. A cut is silent; connections
// live through it or die of it as their timers say, and after a heal TCP sends
// again when its own timer runs out, which may be seconds later. A corrupted packet
// is thrown away by the receiver's checksum, and so is a loss.
//
// Reset is a RST to both ends, with the numbers that they expect; where one does
// not take it, its next packet is answered by another.
//
// A trigger (link.Gate) looks for its token in the payload of single packets: it
// does not find one that is encrypted, compressed, or torn between two packets, and
// several messages may share a packet. When its sender has died, what it held is
// lost for good: the sender's kernel, which lives on, would send it again, and so
// all the sender's connections end with it by RST.
//
// # Parts
//
// The pure half is packet.go (what a packet says), flows.go (which connections
// there are, and how to end them) and pcapng.go. Wire is the other one: a goroutine
// for each device that reads, one for each link with something to wait for.
package wire
