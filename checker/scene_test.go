package checker_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/linear"
)

// drawn is the picture that a history gives.
func drawn(t *testing.T, text string) *linear.Picture {
	t.Helper()
	events, err := script(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := history.NewReader(bytes.NewReader(encode(t, history.Header{}, events)), "history")
	if err != nil {
		t.Fatal(err)
	}
	var picture *linear.Picture
	if _, err := checker.Check(r, checker.Options{Draw: func(p *linear.Picture) { picture = p }}); err != nil {
		t.Fatal(err)
	}
	return picture
}

func texts(p *linear.Picture) (list []string) {
	for _, l := range p.Labels {
		list = append(list, l.Text)
	}
	return list
}

// TestThePictureShowsTheViolation: of the key that has one, as far as it was known,
// with the fault; and of a long history the witness alone.
func TestThePictureShowsTheViolation(t *testing.T) {
	bad := "c1 asks write k 1\nc1 ok write\nfault kill\nc1 asks write k 2\nc1 ok write\nc3 asks write k 9\nc2 asks read k\nc2 ok read 1\nc3 ok write\n"
	p := drawn(t, "c0 asks write j 7\nc0 ok write\n"+bad)
	want := []string{"c1 writes 1 to k", "c1 writes 2 to k", "c3 begins to write 9 to k", "c2 reads 1 from k"}
	if !slices.Equal(texts(p), want) {
		t.Errorf("%q", texts(p))
	}
	if len(p.Windows) != 1 || p.Windows[0].Name != "kill" || p.Windows[0].From != 4 || p.Windows[0].To != 9 {
		t.Errorf("%+v", p.Windows)
	}
	if p.Problem.Decide() != linear.Illegal || !slices.Contains(p.Texts, "9") { // the values are those of its key
		t.Error("what is drawn is not illegal")
	}
	var long strings.Builder
	for i := range 400 {
		fmt.Fprintf(&long, "c1 asks write k %d\nc1 ok write\n", 100+i)
	}
	if p := drawn(t, long.String()+bad); !slices.Equal(texts(p), append(want[:2:2], want[3])) {
		t.Errorf("%q", texts(p))
	}
	if p := drawn(t, long.String()+"c1 asks read k\nc1 ok read 499\n"); len(p.Labels) != 300 || p.Problem.Decide() != linear.Legal {
		t.Errorf("%d operations", len(p.Labels))
	}
	if p := drawn(t, "n1.1 delivers m1"); p != nil {
		t.Error("a picture of nothing")
	}
}
