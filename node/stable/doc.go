// Package stable keeps what a node may not forget, and guarantees that what Sync
// has returned for is there after the process was killed, and after the machine was
// as far as the disk keeps its word; that it comes back whole and in order, or not
// at all; and that a store which is damaged, missing or older than it was is an
// error and never taken for a good one, as far as that can be told.
//
// It is a bbolt file (go.etcd.io/bbolt, etcd's own store): a transaction is on disk
// with one call, its copy-on-write pages and two alternating meta pages leave no
// torn state, space is used again, and it brings in no other module. A
// segmented write-ahead log would save one of its two fdatasyncs; the ones looked
// at sync no directory after a new segment (tidwall/wal), or come with a consensus
// library (hashicorp/raft-wal). What bbolt lacks, checksums of its data, is added
// here: each record carries one over its content, place and owner.
//
// What is found out: a flipped bit or a hole in any record or in the base, a file
// cut short, removed or emptied, one of another member, one of an earlier start of
// the process, and one that lacks what was synced later (a mark in a second file
// counts along). What is not: both files set back together to one moment of the
// same start, and a disk that says that it has written and has not. Nothing on the
// same disk can show these.
package stable
