package checker_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/report"
)

// What the words of --promise come to, and which are none.
func TestWordsChangeWhatIsPromised(t *testing.T) {
	from := []string{"integrity", "total-order", "virtual-synchrony"}
	for words, want := range map[string]string{
		"":                          "integrity virtual-synchrony total-order",
		"no-loss":                   "no-loss",
		"no-loss,integrity":         "integrity no-loss",
		"+no-loss":                  "integrity virtual-synchrony total-order no-loss",
		"-total-order":              "integrity virtual-synchrony",
		"-total-order,+no-loss":     "integrity virtual-synchrony no-loss",
		"none,+virtual-synchrony":   "virtual-synchrony",
		"no-loss,-no-loss,+join":    "join",
		"fifo,-agreement, -no-loss": "no-unasked-end integrity sender-integrity no-duplication fifo-order recovery self-delivery probe-delivery",
		"-fifo":                     "virtual-synchrony total-order",
		"none":                      "error: nothing is promised by none",
		"fairness":                  "error: no promise is called \"fairness\"; there are the sets fifo, causal",
		"+":                         "error: no promise is called \"\"",
	} {
		list := strings.Split(words, ",")
		if words == "" {
			list = nil
		}
		got, err := checker.Promised(list, from)
		text := strings.Join(got, " ")
		if err != nil {
			text = "error: " + err.Error()
		}
		if text != want && (err == nil || !strings.HasPrefix(text, want)) {
			t.Errorf("%q: %s, want %s", words, text, want)
		}
	}
	if set, err := checker.Promised([]string{"virtual-synchrony"}, from); err != nil || len(set) < 10 {
		t.Errorf("the set is taken for the property: %v, %v", set, err)
	}
}

// The words count for what the header promises, and decide the verdict.
func TestWordsDecideTheVerdict(t *testing.T) {
	events, err := script("n1.1 starts\nn1.1 installs 1 {n1.1 n2.1}\nn2.1 starts\nn2.1 installs 1 {n1.1 n2.1}\nask n1.1 m1\nn1.1 delivers m1\nn2.1 delivers m1\nn2.1 exits 3")
	if err != nil {
		t.Fatal(err)
	}
	file := encode(t, history.Header{Promises: []string{"no-unasked-end", "integrity"}}, events)
	for words, want := range map[string]report.Verdict{"": report.Invalid, "-no-unasked-end": report.Valid, "total-order": report.Valid, "total": report.Invalid} {
		var o checker.Options
		if words != "" {
			o.Words = []string{words}
		}
		if rep, err := judge(t, file, o); err != nil || rep.Verdict != want {
			t.Errorf("%q: %s, %v; want %s", words, rep.Verdict, err, want)
		}
	}
	if _, err := judge(t, file, checker.Options{Words: []string{"fairness"}}); err == nil {
		t.Error("a word that is no promise was taken")
	}
}

// TestTheSetsAreDocumented holds the table of docs/properties.md against the code.
func TestTheSetsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../docs/properties.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| [a-z-]+ \| .* \|$`).FindAllString(string(doc), -1)
	var want []string
	for _, s := range checker.Sets {
		for _, p := range s.Properties {
			if !slices.ContainsFunc(checker.Properties, func(o checker.Property) bool { return o.Name == p }) {
				t.Errorf("%s names %s, which is no property", s.Name, p)
			}
		}
		text := strings.Join(s.Properties, ", ")
		if s.Name == "uniform" {
			text = "all that are promised by default"
		}
		if text == "" {
			text = "-"
		}
		want = append(want, fmt.Sprintf("| %s | %s | %s |", s.Name, s.Sentence, text))
	}
	for _, row := range want {
		if !slices.Contains(rows, row) {
			t.Errorf("docs/properties.md lacks this row:\n%s", row)
		}
	}
}
