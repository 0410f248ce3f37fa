package link

import (
	"slices"
	"testing"

	"groupy/node/draw"
)

// fated is a message of which it is known how often it arrived; -1: it is not.
type fated struct {
	text
	copies int
}

func (m fated) Fate() (int, bool) { return max(0, m.copies), m.copies >= 0 }

// What is known of a message takes the place of chance, as far as a rule can have
// done it.
func TestWhatIsKnownTakesThePlaceOfChance(t *testing.T) {
	for name, c := range map[string]struct {
		rule  Rule
		known int
		comes int
	}{
		"dropped, and it came":                      {Rule{Drop: 1}, 1, 1},
		"dropped, and it did not come":              {Rule{Drop: 1}, 0, 0},
		"dropped, and nothing is known":             {Rule{Drop: 1}, -1, 0},
		"doubled, and it came once":                 {Rule{Duplicate: 1}, 1, 1},
		"doubled, and it came thrice":               {Rule{Duplicate: 1}, 3, 3},
		"doubled, and it came too often for a rule": {Rule{Duplicate: 1}, 9, maxCopies},
		"no rule, and it did not come":              {Rule{}, 0, 1},
		"no rule, and it came twice":                {Rule{}, 2, 1},
	} {
		table := NewTable(draw.New("fated"))
		if c.rule != (Rule{}) {
			table.SetRule("f1", "n1", "n2", c.rule)
		}
		s := table.Open("n1", "n2", nil)
		s.Send(fated{text("m"), c.known}, Whole, 0)
		s.Send(text("end"), Whole, 0)
		got := texts(flush(s, 0))
		if n := len(slices.DeleteFunc(got, func(m string) bool { return m != "m" })); n != c.comes {
			t.Errorf("%s: it comes %d times, want %d", name, n, c.comes)
		}
		s.Close()
	}
}
