package serve

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// campaigns is the folder of campaigns in a store.
const campaigns = "campaigns"

// running is how long a run's history may be silent before it no longer counts as
// running: longer than any phase waits for anything.
const running = 30 * time.Second

// Run is a run in the store, as lists show it.
type Run struct {
	Folder    string // below the store
	Name      string
	Stamp     string // <time>-<seed>
	Verdict   string // valid, invalid, unknown, running, or broken: no verdict
	Signature string
	// Explanation says in which way the signature's property is broken; "" if none is.
	Explanation string
}

// folders gives the run folders of the store, the newest first. Each bunch of the
// same name gives its newest few, where most is not 0.
func (s *Server) folders(most int) (list []string) {
	tops := s.children(".")
	for _, c := range s.children(campaigns) {
		for _, name := range s.children(path.Join(campaigns, c)) {
			tops = append(tops, path.Join(campaigns, c, name))
		}
	}
	for _, top := range tops {
		if top == campaigns || top == "latest" {
			continue
		}
		stamps := s.children(top)
		slices.Reverse(stamps)
		if most > 0 && len(stamps) > most {
			stamps = stamps[:most]
		}
		for _, stamp := range stamps {
			if folder := path.Join(top, stamp); s.isRun(folder) {
				list = append(list, folder)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(path.Base(b), path.Base(a)) })
	return list
}

// children are the folders in a folder, by name.
func (s *Server) children(folder string) (names []string) {
	entries, _ := fs.ReadDir(s.root.FS(), folder)
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// describe reads what lists show of a run.
func (s *Server) describe(folder string) Run {
	run := Run{Folder: folder, Name: path.Base(path.Dir(folder)), Stamp: path.Base(folder), Verdict: "broken"}
	var j verdict.Judgement
	switch data, err := s.root.ReadFile(path.Join(folder, store.VerdictFile)); {
	case err == nil && json.Unmarshal(data, &j) == nil:
		signature := verdict.SignatureOf(&j)
		run.Verdict, run.Signature = string(j.Verdict), string(signature)
		run.Explanation = j.Properties[signature.Property()].Explanation
	case s.runs(folder):
		run.Verdict = "running"
	}
	return run
}

// runs reports whether a run still goes on: it has no record yet, and its history
// grew not long ago.
func (s *Server) runs(folder string) bool {
	if _, err := s.root.Stat(path.Join(folder, store.RunFile)); err == nil {
		return false
	}
	info, err := s.root.Stat(path.Join(folder, store.HistoryFile))
	return err == nil && s.now().Sub(info.ModTime()) < running
}

// live gives the runs that go on now.
func (s *Server) live() (list []Run) {
	for _, folder := range s.folders(20) {
		if s.runs(folder) {
			list = append(list, s.describe(folder))
		}
	}
	return list
}

// record is a run's run.json, with nothing in it if there is none.
func (s *Server) record(folder string) (r store.Record) {
	if data, err := s.root.ReadFile(path.Join(folder, store.RunFile)); err == nil {
		_ = json.Unmarshal(data, &r)
	}
	return r
}

// header is the first line of a run's history.
func (s *Server) header(folder string) (h history.Header) {
	file, err := s.root.Open(path.Join(folder, store.HistoryFile))
	if err != nil {
		return h
	}
	defer file.Close()
	if r, err := history.NewReader(file, folder); err == nil {
		h = *r.Header()
	}
	return h
}

// verdicts is the order of lists' counts.
var verdicts = []string{string(checker.Invalid), string(checker.Unknown), "broken", "running", string(checker.Valid)}
