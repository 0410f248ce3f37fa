package report_test

import (
	"fmt"
	"html"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"groupy/checker/history"
	"groupy/harness/report"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// TestAReportSaysWhatTheRunWas holds the page's text against the run.
func TestAReportSaysWhatTheRunWas(t *testing.T) {
	url, result := broken(t)
	data, err := os.ReadFile(strings.TrimPrefix(url, "file://"))
	if err != nil {
		t.Fatal(err)
	}
	page := html.UnescapeString(string(data))
	for _, want := range []string{
		">invalid</p>", "groupy run --seed=1", "kill-mid-multicast", `href="logs/n1.1.log"`, "history.jsonl",
		`<p class="lead">` + result.Judgement.Properties["virtual-synchrony"].Explanation, "One fault took hold: kill-mid-multicast at ", "gone: n1.1", result.Judgement.Gates[0].Need,
	} {
		if !contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, r := range []string{"src=", "@import", "url(", "http://", "https://"} {
		if contains(page, r) {
			t.Errorf("the page has %q: it must load nothing", r)
		}
	}
}

// TestTheLogLineOfAWitness wants the line of the node's log that the event is in.
func TestTheLogLineOfAWitness(t *testing.T) {
	_, result := broken(t)
	page, err := report.Read(string(result.Folder), result.Judgement)
	if err != nil {
		t.Fatal(err)
	}
	steps := page.Findings[0].Steps
	for _, s := range steps {
		switch {
		case s.Log == nil:
			t.Errorf("%q has no line in the log", s.Text)
		case s.Kind == history.View && (!contains(s.Log.Text, "view "+s.View+" ") || s.Log.Before != ""):
			t.Errorf("%q is found in the log at %+v", s.Text, s.Log)
		case s.Kind == history.Deliver && s.Log.Before == "": // gms2 logs no deliveries
			t.Errorf("%q: the line %+v does not say that it is older", s.Text, s.Log)
		}
	}
	last := steps[len(steps)-1]
	log, err := os.ReadFile(filepath.Join(string(result.Folder), "logs", last.Log.File))
	if err != nil {
		t.Fatal(err)
	}
	if line := strings.Split(string(log), "\n")[last.Log.Line-1]; line != last.Log.Text {
		t.Errorf("line %d of %s is %q, the page says %q", last.Log.Line, last.Log.File, line, last.Log.Text)
	}
}

// TestTheLogLineNamesTheView: of two views that a member logs in one moment, the
// line is that of the witness's.
func TestTheLogLineNamesTheView(t *testing.T) {
	folder := t.TempDir()
	lines := `{"type":"header","format":"groupy-history/1","nodes":["n1"]}
{"index":0,"time":0,"type":"start","node":"n1","member":"n1.1"}
{"index":1,"time":2502000000,"type":"view","member":"n1.1","view":"6","members":["n2.1"]}
`
	log := "node: view 5 [n1.1]: at=1s\nnode: view 6 [n2.1]: at=2.502s\nnode: view 66 [n2.1]: at=2.5021s\n"
	if err := os.WriteFile(filepath.Join(folder, store.HistoryFile), []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, store.LogFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, store.LogFolder, "n1.1.log"), []byte(log), 0o644); err != nil {
		t.Fatal(err)
	}
	page, err := report.Read(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Findings) == 0 || page.Findings[0].Steps[0].Log == nil || page.Findings[0].Steps[0].Log.Line != 2 {
		t.Errorf("a member that is not in its view is found %d times, its log at %+v; want line 2", len(page.Findings), page.Findings[0].Steps[0].Log)
	}
}

// TestAPageThatCannotBeDrawn breaks the template in all ways: an error comes back,
// and the report that was there stays.
func TestAPageThatCannotBeDrawn(t *testing.T) {
	folder := written(t, 3, func(i int) string { return fmt.Sprint("m", i) }, -1)
	drawn(t, folder)
	path := filepath.Join(folder, report.File)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	boom := template.FuncMap{"boom": func() string { panic("boom") }}
	for _, text := range []string{"{{.NoSuchField}}", "{{boom}}", "{{index .Rows 1000}}"} {
		if err := report.DrawWith(template.Must(template.New("").Funcs(boom).Parse(text)), folder, nil); err == nil {
			t.Errorf("%s is drawn", text)
		}
	}
	if err := report.DrawWith(nil, folder, nil); err == nil {
		t.Error("no template is drawn")
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the report that was there is gone: %v", err)
	}
	if _, err := os.Stat(path + ".part"); err == nil {
		t.Error("half a page is left")
	}
}

func TestRecoveryAfterAFault(t *testing.T) {
	s := verdict.Story{Together: []verdict.Span{{From: 10, To: 20}, {From: 50}}}
	for at, want := range map[time.Duration]time.Duration{5: 5, 10: 0, 19: 0, 20: 30, 60: 0} {
		if got, ok := s.RecoveredAfter(at); !ok || got != want {
			t.Errorf("after %d: %d, %v; want %d", at, got, ok, want)
		}
	}
	s.Together = s.Together[:1]
	if _, ok := s.RecoveredAfter(20); ok {
		t.Error("it recovers, and never was whole again")
	}
}
