// Package disk takes back what a program wrote and did not sync, as the loss of
// power does, and guarantees that what is left is a state in which the disk of the
// chosen model may really be.
//
// In goes each change of a folder, told before it is made (Log), and what was
// synced. Out comes, at a power loss, what of the unsynced is to be taken back
// (Loss): bytes, lengths and names. Log does no I/O and knows no file system; who
// carries the changes out is either a folder in memory (Memory, the disk of the
// virtual worlds) or a real one with a mounted file system over it.
//
// # What may be left
//
// Content: of the writes and truncations of a file since its last sync any may
// stay and any be lost, each by itself, since disks reorder; a write that stays may
// be torn between two sectors. Its length follows from those that stay.
//
// Names: POSIX promises those of a folder only after fsync of the folder. Until
// then, any may be lost, but no change stays that builds on a lost one. EXT4 (its
// usual mode, data=ordered) has a journal: names and truncations stay in the order
// of the calls up to some point, and any fsync makes all before it durable. A name
// that stays says nothing of its file's content: without fsync of the file it is
// there and empty. (ext4 as mounted by default writes a file's content out when it
// is renamed over another; what relies on that fails here.)
//
// The package must not know what a node, a protocol or a plan is.
package disk
