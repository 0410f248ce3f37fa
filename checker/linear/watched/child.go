package watched

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"
	"syscall"
	"time"

	"groupy/checker/linear"
)

// request is what the child is asked, as one line of JSON: to search, or to draw.
type request struct {
	Problem *linear.Problem `json:"problem,omitempty"`
	Picture *linear.Picture `json:"picture,omitempty"`
	Time    time.Duration   `json:"time"`
	Memory  int64           `json:"memory"` // bytes
}

// reply is a line of the child's answer. The last one counts.
type reply struct {
	linear.Answer
	Page  []byte `json:"page,omitempty"`
	Error string `json:"error,omitempty"`
	Final bool   `json:"final,omitempty"`
}

// tick is how often the child tells how far it got, and the parent looks at it.
const tick = 50 * time.Millisecond

// Serve is the child: it reads a request, tells how far it got, and in the end the
// answer. It returns then, or when its input ends, which is its parent's end; the
// program must end with it, since a search cannot be stopped.
func Serve(in io.Reader, out io.Writer) error {
	dec := json.NewDecoder(in)
	var q request
	if err := dec.Decode(&q); err != nil {
		return fmt.Errorf("read the question: %w", err)
	}
	limitMemory(q.Memory)
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, in)
		close(gone)
	}()
	replies := make(chan reply)
	var progress linear.Progress
	go q.answer(&progress, replies)
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	enc := json.NewEncoder(out)
	var last reply
	for {
		select {
		case <-gone:
			return nil
		case last = <-replies:
		case <-ticks.C:
			if last.Outcome != linear.Undecided {
				continue // that has been told
			}
			last.Longest = max(last.Longest, progress.Longest())
		}
		if err := enc.Encode(last); err != nil || last.Final {
			return err
		}
	}
}

func (q *request) answer(progress *linear.Progress, replies chan<- reply) {
	switch {
	case q.Problem != nil:
		a := q.Problem.Answer(q.Time, progress, func(a linear.Answer) { replies <- reply{Answer: a} })
		replies <- reply{Answer: a, Final: true}
	case q.Picture != nil:
		var page bytes.Buffer
		r := reply{Final: true}
		if err := q.Picture.Draw(&page, q.Time); err != nil {
			r.Error = err.Error()
		} else {
			r.Page = page.Bytes()
		}
		replies <- r
	default:
		replies <- reply{Error: "nothing was asked", Final: true}
	}
}

// runtimeMaps is what Go's runtime may map beside what the program holds, in bytes.
const runtimeMaps = 512 << 20

// limitMemory has the runtime collect garbage before it asks for more, and the
// kernel refuse what is far beyond.
func limitMemory(bytes int64) {
	if bytes <= 0 {
		return
	}
	debug.SetMemoryLimit(bytes - bytes/8)
	most := uint64(bytes) + runtimeMaps
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most})
}
