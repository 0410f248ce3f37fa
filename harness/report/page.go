package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/harness/store"
	"groupy/harness/verdict"
	"groupy/harness/why"
)

// maxRows is how many deliveries, sends and operations a page holds; all else is
// always there, and so are the events of witnesses. A page of that size is some
// 30 MB.
const maxRows = 1_000_000

// Page is what a run's report shows.
type Page struct {
	Title     string
	Header    history.Header
	Record    *store.Record // nil: the folder has no run.json
	Verdict   checker.Verdict
	Lead      string // what is wrong, of an invalid run
	Because   string
	Done      string // what was done to the group
	Groups    []Group
	Rows      []Property
	Unknown   []checker.Reason
	Story     *verdict.Story
	Told      why.Story // what happened, in a few sentences
	Faults    []Fault
	Ops       []Op
	Gates     []verdict.Gate
	Notes     []string
	Stats     checker.Stats
	Logs      []string // names of files below logs/
	Files     []string // other files worth a link
	LeftOut   int      // rows that the page has no room for
	Colour    bool     // states are colours
	Script    template.JS
	Recovered string
}

// Property is one line of the table of properties.
type Property struct {
	Name, Statement, Note string
	checker.Result
}

// Badge is what a property came to, in a word. What is not promised is never called
// invalid, and what there was nothing of to compare is not called valid.
func (p Property) Badge() string {
	switch {
	case p.Verdict == checker.Valid && p.Evidence == 0:
		return "–"
	case p.Promised || p.Verdict == checker.Unknown:
		return string(p.Verdict)
	case p.Verdict == checker.Valid:
		return "held"
	}
	return "not so"
}

// Fault is one line of the table of faults. Times are as people read them.
type Fault struct {
	verdict.FaultStory
	At, Lasted, Target, Evidence string
	Together                     string // until all live nodes were in one view, from its end
	Answered                     string // until an operation that was asked after its end took effect
}

// Read gathers what a run's folder holds. With no judgement the one in the
// folder counts, and without that the history is judged. It only reads.
func Read(folder string, j *verdict.Judgement) (*Page, error) {
	f := store.Folder(folder)
	path, err := f.History()
	if err != nil {
		return nil, err
	}
	if j == nil {
		if j, err = judgement(folder); err != nil {
			return nil, err
		}
	}
	seen, err := look(path, j)
	if err != nil {
		return nil, err
	}
	p := &Page{
		Header: seen.header, Verdict: j.Verdict, Unknown: j.Unknown, Story: seen.story, Gates: j.Gates, Stats: j.Stats,
		Ops: seen.numbers(), LeftOut: seen.leftOut, Colour: seen.colour,
	}
	if p.Record, err = record(folder); err != nil {
		return nil, err
	}
	if p.Record != nil {
		p.Notes = p.Record.Told()
	}
	p.files(folder)
	p.properties(j)
	if p.Groups, err = findings(folder, p, j, seen); err != nil {
		return nil, err
	}
	if p.Told, err = why.Stored(f, j); err != nil {
		p.Notes = append(p.Notes, "no story: "+err.Error())
	}
	p.Faults = faults(seen)
	p.words()
	data, err := json.Marshal(seen.script)
	if err != nil {
		return nil, err
	}
	p.Script = template.JS(data) // json escapes <, > and &: no name can end the element
	return p, nil
}

// judgement is a run's verdict as it was written down, or as it is found now.
func judgement(folder string) (*verdict.Judgement, error) {
	j, err := store.Folder(folder).Judgement()
	if errors.Is(err, fs.ErrNotExist) {
		return store.Judge(folder, checker.Options{})
	}
	return j, err
}

// record is a run's run.json, nil if there is none: the run still goes on, or it
// is somebody's history.
func record(folder string) (*store.Record, error) {
	data, err := os.ReadFile(filepath.Join(folder, store.RunFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var r store.Record
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(folder, store.RunFile), err)
	}
	return &r, nil
}

// files lists what a page links to.
func (p *Page) files(folder string) {
	for _, name := range []string{"linearizability.html", store.PlanFile, store.HistoryFile, store.HistoryFile + ".zst", store.VerdictFile, store.RunFile} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			p.Files = append(p.Files, name)
		}
	}
	logs, _ := os.ReadDir(filepath.Join(folder, store.LogFolder))
	for _, l := range logs {
		p.Logs = append(p.Logs, l.Name())
	}
}

func (p *Page) properties(j *verdict.Judgement) {
	for _, known := range checker.Properties {
		r, ok := j.Properties[known.Name]
		if !ok {
			continue
		}
		note := fmt.Sprintf("%d comparisons", r.Evidence)
		switch {
		case r.Verdict == checker.Invalid:
			note = fmt.Sprintf("%d broken in %d comparisons", r.Count, r.Evidence)
		case r.Reason != nil:
			note = r.Reason.Text
		case r.Evidence == 0:
			note = "nothing to compare"
		}
		p.Rows = append(p.Rows, Property{known.Name, known.Statement, note, r})
	}
	slices.SortStableFunc(p.Rows, func(a, b Property) int { return rank(a.Result) - rank(b.Result) })
}

// rank puts first what readers look for.
func rank(r checker.Result) int {
	n := map[checker.Verdict]int{checker.Invalid: 0, checker.Unknown: 1, checker.Valid: 2}[r.Verdict]
	if !r.Promised {
		n += 3
	}
	return n
}

// words are the sentences of the page's head.
func (p *Page) words() {
	p.Title = strings.Join([]string{p.Header.Protocol, p.Header.Workload, p.Header.Seed}, " · ")
	switch p.Verdict {
	case checker.Valid:
		p.Because = "Every promised property held, and enough happened for that to mean something."
	case checker.Invalid:
		var names []string
		for _, r := range p.Rows {
			if r.Promised && r.Verdict == checker.Invalid {
				names = append(names, r.Name)
			}
		}
		p.Because = "Broken: " + strings.Join(names, ", ") + "."
		if len(p.Groups) > 0 {
			p.Lead = p.Groups[0].Findings[0].Explanation
		}
	default:
		p.Because = "Nothing was seen to break, but this run does not prove that it holds."
	}
	p.Done = done(p.Faults)
	switch s := p.Story; {
	case s.Healed && s.Recovered && s.Recovery == 0:
		p.Recovered = "When the run healed, all live nodes were in one view."
	case s.Healed && s.Recovered:
		p.Recovered = fmt.Sprintf("All live nodes were in one view %v after the run healed.", s.Recovery.Round(time.Millisecond))
	case s.Healed:
		p.Recovered = "The live nodes never came together in one view after the run healed."
	}
}

// done says in a sentence which faults took hold: the only one, or how many of each
// kind.
func done(faults []Fault) string {
	kinds, only := map[string]int{}, Fault{}
	for _, f := range faults {
		if f.Skipped == "" {
			kinds[f.Name]++
			only = f
		}
	}
	switch {
	case len(faults) == 0:
		return ""
	case len(kinds) == 0:
		return "No fault took hold."
	case len(kinds) == 1 && kinds[only.Name] == 1:
		return strings.TrimSpace(fmt.Sprintf("One fault took hold: %s at %s, %s", only.Name, only.At, only.Target)) + "."
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		parts = append(parts, fmt.Sprintf("%d %s", kinds[name], name))
	}
	return "Faults that took hold: " + strings.Join(parts, ", ") + "."
}

// faults are the lines of the table of faults.
func faults(seen *sight) (list []Fault) {
	s := seen.story
	for _, f := range s.Faults {
		row := Fault{FaultStory: f, At: fmt.Sprintf("%.1f s", f.Began.Seconds()), Target: TargetText(f.Value)}
		if f.Skipped != "" {
			row.Evidence = "skipped: " + f.Skipped
			list = append(list, row)
			continue
		}
		row.Evidence = EvidenceText(f.Proof)
		end := f.Began
		if f.Ended > 0 {
			end = f.Ended
			row.Lasted = span(f.Ended - f.Began)
		}
		row.Together, row.Answered = "never", "never"
		if took, ok := s.RecoveredAfter(end); ok {
			row.Together = span(took)
		}
		if took, ok := seen.answeredAfter(end); ok {
			row.Answered = span(took)
		}
		list = append(list, row)
	}
	return list
}

// span is a time for people.
func span(d time.Duration) string {
	switch {
	case d == 0:
		return "at once"
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < 10*time.Second:
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
