package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"time"

	"groupy/checker/history"
	"groupy/harness/report"
	"groupy/harness/store"
)

// tail reads a file that still grows: at its end it waits for more, until there
// is nothing more to come.
type tail struct {
	ctx  context.Context
	file *os.File
	tick time.Duration
	over func() bool // the file grows no more
}

func (t *tail) Read(p []byte) (int, error) {
	for {
		over := t.over() // before the read, so that what was written last is read
		n, err := t.file.Read(p)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if over {
			return 0, io.EOF
		}
		select {
		case <-t.ctx.Done():
			return 0, io.EOF
		case <-time.After(t.tick):
		}
	}
}

// events streams a run's history as server-sent events, from its beginning: each
// message is a report.Script, and the last, of type end, what became of the run.
func (s *Server) events(w http.ResponseWriter, r *http.Request, folder string) {
	select {
	case s.seats <- struct{}{}:
		defer func() { <-s.seats }()
	default:
		http.Error(w, fmt.Sprintf("%d live pages are open already; close one", maxLive), http.StatusServiceUnavailable)
		return
	}
	file, err := s.root.Open(path.Join(folder, store.HistoryFile))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer file.Close()
	stream := stream{w}
	stream.begin()
	ctx, stop := context.WithCancel(r.Context())
	events, done := make(chan history.Event, 1024), make(chan struct{})
	defer func() { stop(); <-done }()
	go func() {
		defer close(done)
		s.read(ctx, &tail{ctx, file, s.tick, func() bool { return s.ended(folder) }}, events)
	}()
	if pump(events, stream, s.tick) {
		_ = stream.send("end", map[string]string{"verdict": s.verdict(ctx, folder)})
	}
}

// ended reports whether a run's history grows no more.
func (s *Server) ended(folder string) bool {
	_, err := s.root.Stat(path.Join(folder, store.RunFile))
	return err == nil
}

// read gives the events of a history that still grows.
func (s *Server) read(ctx context.Context, from io.Reader, to chan<- history.Event) {
	defer close(to)
	r, err := history.NewReader(from, "the history")
	if err != nil {
		return
	}
	for e, err := range r.Events() {
		if err != nil {
			return
		}
		select {
		case to <- *e:
		case <-ctx.Done():
			return
		}
	}
}

// batch is how many numbers a message holds at most, about.
const batch = 100_000

// pump sends events in batches, and reports whether it sent them all.
func pump(events <-chan history.Event, to stream, tick time.Duration) bool {
	var rows report.Encoder
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	size := 0
	send := func() error {
		script := rows.Take()
		size = 0
		return to.send("", script)
	}
	for {
		select {
		case e, more := <-events:
			if !more {
				return send() == nil
			}
			rows.Add(&e)
			if size += 8; size > batch {
				if send() != nil {
					return false
				}
			}
		case <-ticker.C:
			if send() != nil { // also when there is nothing: it shows whether the reader is there
				return false
			}
		}
	}
}

// verdict waits a moment for a run's verdict, which comes after its record.
func (s *Server) verdict(ctx context.Context, folder string) string {
	for range 40 {
		if v := s.describe(folder).Verdict; v != "broken" && v != "running" {
			return v
		}
		select {
		case <-ctx.Done():
			return "broken"
		case <-time.After(s.tick):
		}
	}
	return "broken"
}

// stream is an answer of server-sent events.
type stream struct{ w http.ResponseWriter }

func (s stream) begin() {
	s.w.Header().Set("Content-Type", "text/event-stream")
	s.w.Header().Set("Cache-Control", "no-store")
	s.w.WriteHeader(http.StatusOK)
}

func (s stream) send(kind string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if kind != "" {
		fmt.Fprintf(s.w, "event: %s\n", kind)
	}
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", data); err != nil {
		return err
	}
	return http.NewResponseController(s.w).Flush()
}

// runningNow streams the list of the runs that go on, whenever it has changed.
func (s *Server) runningNow(w http.ResponseWriter, r *http.Request) {
	select {
	case s.seats <- struct{}{}:
		defer func() { <-s.seats }()
	default:
		http.Error(w, "too many live pages", http.StatusServiceUnavailable)
		return
	}
	to := stream{w}
	to.begin()
	for last := "none yet"; ; {
		list := s.live()
		text := fmt.Sprint(list)
		if text != last {
			if to.send("", list) != nil {
				return
			}
			last = text
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(4 * s.tick):
		}
	}
}
