package serve

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"groupy/harness/store"
)

// Config is what a server is made of.
type Config struct {
	Store string           // folder
	Now   func() time.Time // tells which runs still go on
	// Tick is how often a live page learns what is new; 0: 150 ms.
	Tick time.Duration
}

// Server shows one store. It is an http.Handler.
type Server struct {
	store string
	root  *os.Root // all that a request names is opened below it
	now   func() time.Time
	tick  time.Duration
	seats chan struct{} // live pages at a time
	http.Handler
}

// maxLive is how many live pages a server feeds at a time.
const maxLive = 32

// New opens a store. An error says that it cannot be opened.
func New(c Config) (*Server, error) {
	root, err := os.OpenRoot(c.Store)
	if err != nil {
		return nil, err
	}
	s := &Server{store: c.Store, root: root, now: c.Now, tick: c.Tick, seats: make(chan struct{}, maxLive)}
	if s.tick <= 0 {
		s.tick = 150 * time.Millisecond
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.storePage)
	mux.HandleFunc("GET /now", s.runningNow)
	mux.HandleFunc("GET /campaign/{name}", s.campaignPage)
	mux.HandleFunc("GET /run/{path...}", s.run)
	s.Handler = guard(mux)
	return s, nil
}

// Close closes the store.
func (s *Server) Close() error { return s.root.Close() }

// run finds the run that a path begins with, and gives the page of what follows.
func (s *Server) run(w http.ResponseWriter, r *http.Request) {
	folder, rest, ok := s.split(r.PathValue("path"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	if to, err := s.root.Readlink(folder); err == nil { // store/latest: links on its page must not move on
		http.Redirect(w, r, link(path.Join(path.Dir(folder), to))+rest, http.StatusFound)
		return
	}
	if rest == "" && !strings.HasSuffix(r.URL.Path, "/") {
		http.Redirect(w, r, link(folder), http.StatusFound)
		return
	}
	switch {
	case rest == "":
		s.runPage(w, r, folder)
	case rest == "live":
		s.livePage(w, folder)
	case rest == "events":
		s.events(w, r, folder)
	case rest == "archive.tar.gz":
		s.archive(w, folder)
	case rest == reportFile:
		s.report(w, r, folder)
	case path.Dir(rest) == store.LogFolder && r.URL.RawQuery != "raw":
		s.logPage(w, r, folder, rest)
	default:
		s.file(w, r, path.Join(folder, rest))
	}
}

// split divides a path into a run's folder and what follows.
func (s *Server) split(name string) (folder, rest string, ok bool) {
	name = strings.TrimSuffix(name, "/")
	if !fs.ValidPath(name) || name == "." {
		return "", "", false
	}
	parts := strings.Split(name, "/")
	for i := 1; i <= len(parts); i++ {
		folder = strings.Join(parts[:i], "/")
		if s.isRun(folder) {
			return folder, strings.Join(parts[i:], "/"), true
		}
	}
	return "", "", false
}

// isRun reports whether a folder is a run's.
func (s *Server) isRun(folder string) bool {
	for _, name := range []string{store.PlanFile, store.HistoryFile, store.HistoryFile + ".zst"} {
		if info, err := s.root.Stat(path.Join(folder, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// contents gives the types that files are sent as: a browser may show none but
// pages as anything that runs.
var contents = map[string]string{
	".html": "text/html; charset=utf-8", ".json": "application/json", ".jsonl": "text/plain; charset=utf-8",
	".log": "text/plain; charset=utf-8",
}

// aPageOfAFolder is what a page that lies in a run's folder may do: run its own
// script, with the rights of no site.
const aPageOfAFolder = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; sandbox allow-scripts"

// file sends a file of the store as it is.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	file, err := s.root.Open(name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	kind := contents[path.Ext(name)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	if path.Ext(name) == ".html" {
		w.Header().Set("Content-Security-Policy", aPageOfAFolder)
	}
	http.ServeContent(w, r, "", info.ModTime(), file)
}

// fail answers with what went wrong: what is missing, and what leads out of the
// store, is not found.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "path escapes") {
		http.NotFound(w, r)
		return
	}
	http.Error(w, err.Error(), http.StatusInternalServerError)
}
