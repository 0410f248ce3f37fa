package report_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"groupy/checker/history"
	"groupy/harness/report"
	"groupy/harness/store"
)

// hostile is a name that is a piece of a page.
const hostile = `<img src=x onerror="window.hit=1">`

// TestNamesAreText: what a node wrote into names, messages and its log is text on
// the page, and no element. (What scripts do with it, a browser shows.)
func TestNamesAreText(t *testing.T) {
	folder := t.TempDir()
	file, err := os.Create(filepath.Join(folder, store.HistoryFile))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	member := hostile + ".1"
	out, err := history.NewWriter(file, history.Header{Name: hostile, Seed: hostile, Protocol: hostile, Workload: hostile, Nodes: []string{hostile}})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range []history.Event{
		{Type: history.Start, Node: hostile, Member: member},
		{Type: history.View, Member: member, View: hostile, Members: []string{member}},
		{Type: history.Fault, Fault: hostile, ID: "f1", Phase: history.FaultBegin, Value: []byte(`{"target":"` + strings.ReplaceAll(hostile, `"`, `'`) + `"}`), Evidence: []byte(`{"<img src=x>":1}`)},
		{Type: history.Deliver, Member: member, Msg: hostile, Sender: hostile, View: hostile}, // nobody multicast it
	} {
		e.Time = int64(i) * 1e6
		if err := out.Append(&e); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, store.LogFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf("[INFO]  node: %s at=3ms\n", hostile)
	if err := os.WriteFile(filepath.Join(folder, store.LogFolder, member+".log"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	drawn(t, folder)
	data, err := os.ReadFile(filepath.Join(folder, report.File))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	for _, shown := range []string{`<p class="lead">&lt;img`, `<text class="name" x="0" y="30" dy="4">&lt;img`, "</b> [INFO]  node: &lt;img", `\u003cimg src=x onerror`} {
		if !strings.Contains(page, shown) {
			t.Errorf("the page lacks %q: the test shows nothing", shown)
		}
	}
	if at := strings.Index(page, "<img"); at >= 0 {
		t.Errorf("a name is an element: …%s", page[max(0, at-80):at+60])
	}
}

// TestScriptsMakeNoElementsOfText: the pages' scripts put text into pages as text
// alone, and never have a browser read it as something else.
func TestScriptsMakeNoElementsOfText(t *testing.T) {
	readers := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTMLUnsafe|\beval\b|new Function|setTimeout\(["'` + "`" + `]`)
	for _, pattern := range []string{"assets/*.js", "../serve/assets/*.js"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if found := readers.FindString(string(text)); found != "" {
				t.Errorf("%s uses %s", name, found)
			}
		}
	}
}
