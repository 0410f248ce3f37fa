package serve

import (
	"bufio"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"groupy/checker/history"
	"groupy/harness/index"
	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/store"
	"groupy/harness/why"
)

// the pages

const reportFile = report.File

var (
	//go:embed assets/pages.html
	pagesText string
	//go:embed assets/store.js
	storeScript string
	//go:embed assets/live.js
	liveText string
)

func liveScript() string { return report.Parts() + "\n" + liveText }

// pages are parsed when the first is shown (see report's page).
var pages = sync.OnceValues(func() (*template.Template, error) {
	return template.New("pages").Funcs(template.FuncMap{
		"style":       func() template.CSS { return template.CSS(report.Style) },
		"storeScript": func() template.JS { return template.JS(storeScript) },
		"liveScript":  func() template.JS { return template.JS(liveScript()) },
		"link":        link,
		"inc":         func(i int) int { return i + 1 },
		"percent":     func(part float64) string { return fmt.Sprintf("%.3g%%", 100*part) },
	}).Parse(pagesText)
})

// link is the address of a run's page.
func link(folder string) string { return (&url.URL{Path: "/run/" + folder + "/"}).EscapedPath() }

// noScript is the script of pages without one.
const noScript = ""

// show sends a page.
func show(w http.ResponseWriter, name, script string, data any) {
	var buf bytes.Buffer
	all, err := pages()
	if err == nil {
		err = all.ExecuteTemplate(&buf, name, data)
	}
	if err != nil {
		http.Error(w, "draw the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", report.Policy(script)+"; connect-src 'self'")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = buf.WriteTo(w)
}

// pageSize is how many runs a list shows at a time.
const pageSize = 100

type storeData struct {
	Store     string
	Campaigns []index.Summary
	Failures  []failure
	Notes     []string
	Runs      []Run
	Total     int
	Page      int
	Next      int // 0: there is none
	Verdict   string
	Verdicts  []string
}

func (s *Server) storePage(w http.ResponseWriter, r *http.Request) {
	d := storeData{Store: filepath.Base(s.store), Verdicts: verdicts, Verdict: r.URL.Query().Get("verdict")}
	if d.Verdict != "" && !slices.Contains(verdicts, d.Verdict) {
		http.NotFound(w, r)
		return
	}
	if err := s.ask(func(db *index.DB) (err error) {
		if d.Campaigns, err = db.Campaigns(); err == nil {
			d.Failures, err = s.failures(db, "")
		}
		return err
	}); err != nil {
		d.Notes = append(d.Notes, err.Error())
	}
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	d.Page = page
	s.list(&d)
	show(w, "store", storeScript, d)
}

// list fills in one page of the runs.
func (s *Server) list(d *storeData) {
	first := (d.Page - 1) * pageSize
	for _, folder := range s.folders(0) {
		if d.Verdict == "" && (d.Total < first || d.Total >= first+pageSize) {
			d.Total++
			continue
		}
		run := s.describe(folder)
		if d.Verdict != "" && run.Verdict != d.Verdict {
			continue
		}
		if d.Total >= first && d.Total < first+pageSize {
			d.Runs = append(d.Runs, run)
		}
		d.Total++
	}
	if d.Total > first+pageSize {
		d.Next = d.Page + 1
	}
}

// ask asks the store's database, if there is one.
func (s *Server) ask(question func(*index.DB) error) error {
	if info, err := s.root.Lstat(index.DBFile); err != nil || !info.Mode().IsRegular() {
		return nil // no campaign ran yet; the walk over the folders shows what there is
	}
	db, err := index.ReadDB(s.store)
	if err != nil {
		return err
	}
	return errors.Join(question(db), db.Close())
}

type campaignData struct {
	index.Summary
	Cells    []index.CellSummary
	Failures []failure
	Coverage []index.Opportunities
	Moments  []string
	Kept     []index.Row
}

func (s *Server) campaignPage(w http.ResponseWriter, r *http.Request) {
	d := campaignData{Moments: plan.Moments}
	name := r.PathValue("name")
	err := s.ask(func(db *index.DB) error {
		all, err := db.Campaigns()
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(c index.Summary) bool { return c.Name == name })
		if at < 0 {
			return nil
		}
		d.Summary = all[at]
		if d.Failures, err = s.failures(db, name); err != nil {
			return err
		}
		if d.Cells, err = db.CellSummaries(name); err != nil {
			return err
		}
		if d.Coverage, err = db.Opportunities(name); err != nil {
			return err
		}
		d.Kept, err = db.Runs("campaign = '"+strings.ReplaceAll(name, "'", "''")+"' AND (verdict <> 'valid' OR broken <> '' OR folder <> '')", 500)
		return err
	})
	switch {
	case err != nil:
		s.fail(w, r, err)
	case d.Name == "":
		http.NotFound(w, r)
	default:
		show(w, "campaign", noScript, d)
	}
}

type runData struct {
	Run
	Told   why.Story
	Header history.Header
	Record store.Record
	Files  []string
	Logs   []string
}

func (s *Server) runPage(w http.ResponseWriter, _ *http.Request, folder string) {
	d := runData{Run: s.describe(folder), Told: s.story(folder), Header: s.header(folder), Record: s.record(folder)}
	entries, _ := fs.ReadDir(s.root.FS(), folder)
	for _, e := range entries {
		if e.Type().IsRegular() && e.Name() != reportFile {
			d.Files = append(d.Files, e.Name())
		}
	}
	logs, _ := fs.ReadDir(s.root.FS(), path.Join(folder, store.LogFolder))
	for _, e := range logs {
		d.Logs = append(d.Logs, e.Name())
	}
	show(w, "run", noScript, d)
}

func (s *Server) livePage(w http.ResponseWriter, folder string) {
	show(w, "live", liveScript(), runData{Run: s.describe(folder), Header: s.header(folder), Record: s.record(folder)})
}

type logData struct {
	Run
	File  string
	Lines []string
	More  bool
}

// maxLogLines is how much of a log its page shows; the rest is in the raw file.
const maxLogLines = 50_000

func (s *Server) logPage(w http.ResponseWriter, r *http.Request, folder, name string) {
	file, err := s.root.Open(path.Join(folder, name))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer file.Close()
	d := logData{Run: s.describe(folder), File: path.Base(name)}
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if d.More = len(d.Lines) == maxLogLines; d.More {
			break
		}
		d.Lines = append(d.Lines, scan.Text())
	}
	if err := scan.Err(); err != nil {
		d.Lines = append(d.Lines, fmt.Sprintf("(the rest cannot be shown: %v)", err))
	}
	show(w, "log", noScript, d)
}

// report sends a run's page: the one in its folder, or one that is drawn now.
func (s *Server) report(w http.ResponseWriter, r *http.Request, folder string) {
	if _, err := s.root.Stat(path.Join(folder, reportFile)); err == nil {
		s.file(w, r, path.Join(folder, reportFile))
		return
	}
	if s.links(folder) {
		http.NotFound(w, r) // what is drawn is read by name, and must not be led astray
		return
	}
	var buf bytes.Buffer
	if err := report.Write(&buf, filepath.Join(s.store, filepath.FromSlash(folder))); err != nil {
		http.Error(w, "draw the report: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", aPageOfAFolder)
	_, _ = buf.WriteTo(w)
}

// links reports whether anything on the way to a run's files is a link, or below
// its folder.
func (s *Server) links(folder string) bool {
	parts := strings.Split(folder, "/")
	for i := range parts {
		info, err := s.root.Lstat(strings.Join(parts[:i+1], "/"))
		if err != nil || !info.IsDir() {
			return true
		}
	}
	found := false
	_ = fs.WalkDir(s.root.FS(), folder, func(_ string, d fs.DirEntry, err error) error {
		found = found || err != nil || d.Type()&fs.ModeSymlink != 0
		return nil
	})
	return found
}
