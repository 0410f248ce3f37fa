// Package journal keeps a file of frames that is only ever appended to. Who
// reads it gets the frames that were appended, each whole and as it was, from
// the first on without a gap, and then learns how it ends: with a whole frame
// (io.EOF), in the middle of one because its writer was killed (ErrTorn), or in
// something that is no frame, as an error that names file and offset.
//
// A frame is one write(2). It is not synced to the disk: what the kernel has
// taken outlives the writer's SIGKILL, which is all that is asked for here; it
// does not outlive the machine's power.
//
// On disk a frame is, in big-endian bytes:
//
//	uint32  length of the body
//	uint32  CRC-32C of these four bytes
//	uint32  CRC-32C of the body
//	body
//
// The length has a checksum of its own, since a damaged length would look like
// a torn frame, and a torn frame is no damage.
package journal
