package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"groupy/cmd/groupy/internal/text"
)

var update = flag.Bool("update", false, "rewrite golden files and the lists of docs/reference.md from the code")

const reference = "../../docs/reference.md"

// TestTheReferenceListsWhatThereIs holds the tables of docs/reference.md against the code, and
// writes them with -update.
func TestTheReferenceListsWhatThereIs(t *testing.T) {
	data, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	tables := 0
	for _, k := range text.Kinds {
		head := fmt.Sprintf("<!-- list %s -->\n", k.Name)
		before, rest, found := strings.Cut(page, head)
		if !found {
			continue
		}
		tables++
		table, after, found := strings.Cut(rest, "<!-- end -->")
		if !found {
			t.Fatalf("the reference's list of %s has no end", k.Name)
		}
		want := markdown(k.Entries())
		if table != want && !*update {
			t.Errorf("the reference's list of %s is not the code's; rewrite it with -update. The code has:\n%s", k.Name, want)
		}
		page = before + head + want + "<!-- end -->" + after
	}
	if tables < 3 {
		t.Errorf("the reference lists %d text.Kinds of things, want protocols, properties and faults", tables)
	}
	if *update {
		if err := os.WriteFile(reference, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func markdown(entries []text.Entry) string {
	var b strings.Builder
	b.WriteString("| name | |\n| --- | --- |\n")
	for _, e := range entries {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e.Name, e.Sentence)
	}
	return b.String()
}
