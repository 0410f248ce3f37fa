package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
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
	text := string(data)
	tables := 0
	for _, k := range kinds {
		head := fmt.Sprintf("<!-- list %s -->\n", k.name)
		before, rest, found := strings.Cut(text, head)
		if !found {
			continue
		}
		tables++
		table, after, found := strings.Cut(rest, "<!-- end -->")
		if !found {
			t.Fatalf("the reference's list of %s has no end", k.name)
		}
		want := markdown(k.entries())
		if table != want && !*update {
			t.Errorf("the reference's list of %s is not the code's; rewrite it with -update. The code has:\n%s", k.name, want)
		}
		text = before + head + want + "<!-- end -->" + after
	}
	if tables < 3 {
		t.Errorf("the reference lists %d kinds of things, want protocols, properties and faults", tables)
	}
	if *update {
		if err := os.WriteFile(reference, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func markdown(entries []entry) string {
	var b strings.Builder
	b.WriteString("| name | |\n| --- | --- |\n")
	for _, e := range entries {
		fmt.Fprintf(&b, "| `%s` | %s |\n", e.name, e.sentence)
	}
	return b.String()
}
