package link

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node/draw"
)

// On virtual time a message more or less changes no other's luck. A table that
// counts, as on sockets, shows that the test sees it: there luck moves along.
func TestAMessageMoreChangesNoOthersLuck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, more := draw.New(rapid.String().Draw(t, "seed")), rapid.IntRange(1, 49).Draw(t, "more")
		table := NewVirtualTable(seed)
		if diff := cmp.Diff(luck(table, 50, more), luck(NewVirtualTable(seed), 50, -1)); diff != "" {
			t.Fatalf("with a message more, others are lost:\n%s", diff)
		}
	})
	counts := draw.New("counts")
	if slices.Equal(luck(NewTable(counts), 50, 10), luck(NewTable(counts), 50, -1)) {
		t.Error("a table that counts gave the others the same luck; the test sees nothing")
	}
}

// luck tells which of n messages, one a millisecond, come through a line that
// loses half. One more goes between them, unless more is none of them.
func luck(table *Table, n, more int) []string {
	table.SetRule("d", "n1", "n2", Rule{Drop: 0.5})
	s := table.Open("n1", "n2", nil)
	for i := range n {
		at := time.Duration(i) * time.Millisecond
		if i == more {
			s.Send(text("one more"), Whole, at-time.Millisecond/2)
		}
		s.Send(text(fmt.Sprint(i)), Whole, at)
	}
	return slices.DeleteFunc(texts(flush(s, 0)), func(m string) bool { return m == "one more" })
}

func TestMessagesOfOneInstantHaveNamesOfTheirOwn(t *testing.T) {
	var m Moments
	seen := map[uint64]bool{}
	for i := range 1000 {
		seen[m.Of(time.Duration(i/10)*time.Microsecond)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("1000 messages have %d names", len(seen))
	}
}
