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
	// A name space and a place in the page itself are not loaded.
	loads := strings.NewReplacer(`xmlns="http://www.w3.org/2000/svg"`, "", "url(#", "").Replace(page)
	for _, r := range []string{"src=", "@import", "url(", "http://", "https://"} {
		if contains(loads, r) {
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
	steps := page.Groups[0].Findings[0].Steps
	for _, s := range steps {
		switch {
		case s.Number == 0: // what ended between the events
		case s.Kind == history.Deliver: // gms2 logs no deliveries, and what it logged last is long ago
			if s.Log != nil {
				t.Errorf("%q: %+v does not tell of it", s.Text, s.Log)
			}
		case s.Log == nil:
			t.Errorf("%q has no line in the log", s.Text)
		case s.Kind == history.View && (!contains(s.Log.Text, "view "+s.View+" ") || s.Log.Before != ""):
			t.Errorf("%q is found in the log at %+v", s.Text, s.Log)
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
	if len(page.Groups) == 0 || page.Groups[0].Findings[0].Steps[0].Log == nil || page.Groups[0].Findings[0].Steps[0].Log.Line != 2 {
		t.Errorf("a member that is not in its view is found %d times, its log at %+v; want line 2", len(page.Groups), page.Groups[0].Findings[0].Steps[0].Log)
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

// TestTheWitnessShowsWhatIsMissing: who never delivered the message is marked, and the
// kill between the views stands between them; what the findings are about is said once.
func TestTheWitnessShowsWhatIsMissing(t *testing.T) {
	_, result := broken(t)
	page, err := report.Read(string(result.Folder), result.Judgement)
	if err != nil {
		t.Fatal(err)
	}
	group := page.Groups[0]
	if group.Focus == "" || len(group.Findings) < 4 {
		t.Fatalf("%d findings are about %q, want most of them together", len(group.Findings), group.Focus)
	}
	lost := group.Findings[0]
	if lost.Name != "virtual-synchrony" || !lost.First || len(lost.Never) != 1 || lost.Never[0].Msg != group.Focus {
		t.Fatalf("%s: never delivered by %+v", lost.Name, lost.Never)
	}
	if explained := lost.Never[0].Member + " went from view "; !strings.HasPrefix(lost.Explanation, explained) {
		t.Errorf("%s is marked, and the finding is %q", lost.Never[0].Member, lost.Explanation)
	}
	var between []string
	for i, s := range lost.Steps {
		if s.Number == 0 {
			between = append(between, s.Text)
			if s.Label() != "killed" || i == 0 || i == len(lost.Steps)-1 || s.Y == 0 {
				t.Errorf("%q is %q, step %d of %d, at %d", s.Text, s.Label(), i, len(lost.Steps), s.Y)
			}
		}
	}
	if len(between) != 1 || between[0] != "n1.1 is killed" {
		t.Errorf("between the events are %q", between)
	}

	// A message that all delivered lacks nobody.
	whole := written(t, 3, func(i int) string { return fmt.Sprint("m", i%2) }, -1)
	if page, err = report.Read(whole, nil); err != nil {
		t.Fatal(err)
	}
	for _, g := range page.Groups {
		for _, f := range g.Findings {
			if len(f.Never) > 0 {
				t.Errorf("%s: %+v never deliver what they delivered", f.Name, f.Never)
			}
		}
	}
	if len(page.Groups) == 0 {
		t.Error("messages that are delivered twice are not found")
	}
}

// TestTheStoryLeads: a run that breaks a promise is told in short, a shrunk one as it
// was told then, and a valid one not at all.
func TestTheStoryLeads(t *testing.T) {
	_, result := broken(t)
	story := func() string {
		page, err := report.Read(string(result.Folder), result.Judgement)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(page.Told)
	}
	if told := story(); !contains(told, "n1 is killed, having sent ") || !contains(told, "so virtual-synchrony is violated: ") || !contains(told, "false") {
		t.Errorf("it is told as %s", told)
	}
	if err := result.Folder.Write(store.StoryFile, []byte("    0.100 ms  n1 is killed\nso it ends\n")); err != nil {
		t.Fatal(err)
	}
	if told := story(); told != "{[{0.100 ms n1 is killed} { so it ends}] true}" {
		t.Errorf("a shrunk one is told as %s", told)
	}
	page, err := report.Read(written(t, 3, func(i int) string { return fmt.Sprint("m", i) }, -1), nil)
	if err != nil || len(page.Told.Lines) > 0 {
		t.Errorf("a history without a plan is told as %+v: %v", page.Told, err)
	}
}
