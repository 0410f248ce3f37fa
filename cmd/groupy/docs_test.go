package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

var (
	linkTarget  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingLine = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// TestDocumentsLeadSomewhere follows every link between the documents, to the heading
// that it names.
func TestDocumentsLeadSomewhere(t *testing.T) {
	links := 0
	for _, file := range documents(t) {
		for _, m := range linkTarget.FindAllStringSubmatch(read(t, file), -1) {
			to, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			links++
			target := file
			if to != "" {
				target = filepath.Join(filepath.Dir(file), to)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s, which is not there", file, m[1])
				continue
			}
			if heading != "" && !slices.Contains(anchors(read(t, target)), heading) {
				t.Errorf("%s leads to %s: %s has no such heading", file, m[1], target)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links: the test does not see them", links)
	}
}

// TestTheMapIsWhole: each document is on the map, and the README is short.
func TestTheMapIsWhole(t *testing.T) {
	plan := read(t, filepath.Join(root, "docs", "README.md"))
	for _, file := range documents(t) {
		if name := filepath.Base(file); name != "README.md" && !strings.Contains(plan, "("+name) {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
	for file, most := range map[string]int{"README.md": 170, "docs/contributing.md": 120} {
		if n := strings.Count(read(t, filepath.Join(root, file)), "\n"); n > most {
			t.Errorf("%s has %d lines, at most %d are read", file, n, most)
		}
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(list) < 10 {
		t.Fatalf("%d documents: %v", len(list), err)
	}
	return append(list, filepath.Join(root, "README.md"))
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// anchors gives the names by which a page's headings are led to.
func anchors(page string) []string {
	var list []string
	for _, m := range headingLine.FindAllStringSubmatch(page, -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 127:
				return r
			}
			return -1
		}, strings.ToLower(m[1]))
		list = append(list, name)
	}
	return list
}
