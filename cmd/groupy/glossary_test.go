package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"groupy/checker/history"
	"groupy/harness/index"
	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/store"
	"groupy/harness/verdict"
	"groupy/node"
)

// events are the values of a history that are words of their own.
var events = []string{
	string(history.View), string(history.Deliver), string(history.Evict), string(history.Block), string(history.Unblock),
	string(history.Invoke), string(history.OK), string(history.Fail), string(history.Info),
	history.PhaseBootstrap, history.PhaseFinal, node.TypeMulticast, node.TypeJoin,
}

// TestTheGlossary holds each term against what it says it is met as: a flag, a key or a
// value of a JSON file, or a heading of a report.
func TestTheGlossary(t *testing.T) {
	text, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../harness/report/assets/page.html")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, e := range events {
		keys[e] = true
	}
	for _, v := range []any{history.Event{}, history.Header{}, verdict.Judgement{}, store.Record{}, plan.Plan{}, index.Summary{}} {
		keysOf(reflect.TypeOf(v), keys)
	}
	flags := map[string]bool{}
	eachCommand(rootCommand(), func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
	})
	var terms []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 || !strings.HasPrefix(line, "| ") || strings.Contains(line, "---") || strings.HasPrefix(line, "| term") {
			continue
		}
		term := strings.TrimSpace(cells[0])
		terms = append(terms, term)
		for as := range strings.SplitSeq(strings.TrimSpace(cells[2]), ", ") {
			word := strings.Trim(as, "`")
			switch name, isFlag := strings.CutPrefix(word, "--"); {
			case isFlag && flags[name], !isFlag && word[0] == '"' && keys[strings.Trim(word, `"`)]:
			case as == word && regexp.MustCompile(`>`+regexp.QuoteMeta(word)+`</(h2|h3|label)>`).Match(page):
			default:
				t.Errorf("%s is not met as %s: there is no such flag, key or heading", term, as)
			}
		}
	}
	if len(terms) < 30 || len(terms) > 40 {
		t.Errorf("%d terms, want 30 to 40", len(terms))
	}
	for i, term := range terms {
		if slices.Contains(terms[:i], term) {
			t.Errorf("%s is there twice", term)
		}
	}
}

func eachCommand(c *cobra.Command, do func(*cobra.Command)) {
	do(c)
	for _, sub := range c.Commands() {
		eachCommand(sub, do)
	}
}

// keysOf collects the names that values of a type have in JSON.
func keysOf(t reflect.Type, keys map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		keysOf(t.Elem(), keys)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" || !f.IsExported() {
				continue
			}
			if name != "" {
				if keys[name] && f.Type.Kind() != reflect.Struct {
					continue
				}
				keys[name] = true
			}
			keysOf(f.Type, keys)
		}
	}
}

// TestTheDocumentSaysHowAReportIsRead: the ten lines and the picture are those of the
// reports.
func TestTheDocumentSaysHowAReportIsRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Reading) != 10 {
		t.Errorf("%d lines", len(report.Reading))
	}
	for i, line := range report.Reading {
		if !strings.Contains(string(text), fmt.Sprintf("\n%d. %s\n", i+1, line)) {
			t.Errorf("docs/reading.md lacks line %d: %s", i+1, line)
		}
	}
	if _, err := os.Stat("../../docs/../harness/report/assets/reading.svg"); err != nil || !strings.Contains(string(text), "(../harness/report/assets/reading.svg)") {
		t.Errorf("docs/reading.md has no picture: %v", err)
	}
}
