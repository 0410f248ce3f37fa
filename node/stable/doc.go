// Package stable keeps what a node may not forget, and guarantees that what Sync
// has returned for is there after the process was killed, and after the power was
// lost, as far as the disk keeps its word; that it comes back whole and in order, or
// not at all; and that a store which is damaged, missing or older than it was is an
// error and never taken for a good one, as far as that can be told.
//
// # Files
//
// MEMBER.log is a row of frames (frame.go). The first is the head: from which record
// on, and the base that stands for all before it. Each other is a record. Every
// checksum goes on from that of the frame before, so a frame that was left behind by
// an earlier, longer log does not fit any other.
//
// MEMBER.log.mark says how far the log goes. It is written and synced after the log
// is, and only then does Sync return. So what lies behind the mark in the log may be
// torn by a power loss and nobody has heard of it: it is cut off when the store is
// opened, and written anew where it is needed. What lies before the mark was synced:
// where that is not as it was, the disk is damaged.
//
// A base comes in MEMBER.log.new, which is synced, renamed over the log, and then its
// folder is synced: at every moment there is one whole log under its name.
//
// # What is found out
//
// A flipped bit or a hole in any record or in the base, a file cut short, removed or
// emptied, one of another member, one of an earlier start of the process, and one
// that lacks what was synced later. What is not: both files set back together to one
// moment of the same start, and a disk that says that it has written and has not.
// Nothing on the same disk can show these.
//
// After a failed sync nothing that it was for is trusted, even if it can be read: the
// kernel may show pages that are on no disk and that no later sync writes. They lie
// behind the mark.
//
// The code knows a folder only by the calls that it makes (Folder): what a node does
// to its disk is done to a disk in memory as well, where power can be lost between
// any two of them. A store of somebody else's (bbolt, which was here before) maps its
// file, and cannot be carried there.
package stable
