package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files and the README's lists from the code")

const readme = "../../README.md"

// TestTheReadmeListsWhatThereIs holds the README's tables against the code, and
// writes them with -update.
func TestTheReadmeListsWhatThereIs(t *testing.T) {
	data, err := os.ReadFile(readme)
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
			t.Fatalf("the README's list of %s has no end", k.name)
		}
		want := markdown(k.entries())
		if table != want && !*update {
			t.Errorf("the README's list of %s is not the code's; rewrite it with -update. The code has:\n%s", k.name, want)
		}
		text = before + head + want + "<!-- end -->" + after
	}
	if tables < 3 {
		t.Errorf("the README lists %d kinds of things, want protocols, properties and faults", tables)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
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
