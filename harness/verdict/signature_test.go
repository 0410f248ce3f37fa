package verdict

import (
	"testing"

	"groupy/checker"
)

// The form tells two ways to violate a property apart, and not the names in it.
func TestFormLeavesNamesOut(t *testing.T) {
	form := func(explanation string) string {
		j := &Judgement{}
		j.Properties = map[string]checker.Result{"p": {Explanation: explanation}}
		return Signature("p").form(j)
	}
	same := [][2]string{
		{"n3.1 went from view 3 to view 4 without m1, which n2.1 delivered in view 3", "n1.2 went from view 13 to view 7 without m44, which n5.1 delivered in view 13"},
		{"view 4 is {n2.1 n3.1} for n2.1 and {n3.1} for n3.1", "view 6 is {n3.1} for n3.1 and {n1.1 n2.1} for n1.1"},
		{"n1.1 delivers m1 before m2; n2.1 delivers m2 before m1", "n1.1 delivers m1 before m2; n2.1 delivers m2 before m3; n3.1 delivers m3 before m1"},
		{"n2.1 survives that view (it lives to the end) and", "n2.1 survives that view (it goes on to view 4) and"},
	}
	for _, c := range same {
		if a, b := form(c[0]), form(c[1]); a != b || a == "" {
			t.Errorf("%q and %q", a, b)
		}
	}
	if form("n1.1 ends in view 3 {n1.1}, but {n1.1 n2.1} live") == form("n1.1 lives and has never installed a view") {
		t.Error("two ways have one form")
	}
}
