package ground

// What the harness and init say to each other: one JSON object a packet, on a
// Unix socket that keeps packets apart. Descriptors travel beside them.

// The requests. Each is answered by one answer with its number.
const (
	doBoot  = "boot"  // set up what Spec says; answered with the cable
	doStart = "start" // Program, with stdin, stdout and stderr
	doMount = "mount" // FUSE at At; answered with the file system's end
	doKill  = "kill"  // all processes; answered when they are gone
	doStop  = "stop"  // SIGSTOP to all
	doGoOn  = "go on" // SIGCONT to all
)

type request struct {
	ID      int64    `json:"id"`
	Do      string   `json:"do"`
	Spec    *Spec    `json:"spec,omitempty"`
	Program *Program `json:"program,omitempty"`
	At      string   `json:"at,omitempty"`

	process *Process // the harness's: whom the program's end is told
}

// answer is what init says: to the request ID, or, where that is 0, that the
// program of the request Ended is no more.
type answer struct {
	ID     int64  `json:"id,omitempty"`
	Error  string `json:"error,omitempty"`
	Ended  int64  `json:"ended,omitempty"`
	Status uint32 `json:"status,omitempty"` // as wait tells it
}

// maxPacket bounds both, bytes.
const maxPacket = 128 << 10
