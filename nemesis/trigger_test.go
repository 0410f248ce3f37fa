package nemesis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/nemesis"
)

func TestTriggersGiveRoles(t *testing.T) {
	planned := nemesis.Step{
		Target: "sender,passed,leader",
		Groups: [][]string{{nemesis.Sender}, {nemesis.Missed, "leader"}},
	}
	got := planned.Sprung("n2", []string{"n1"}, []string{"n1", "n2", "n3", "n4"})
	want := nemesis.Step{
		Target: "n2,n1,leader",
		Groups: [][]string{{"n2"}, {"n3", "n4", "leader"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if planned.Target != "sender,passed,leader" || planned.Groups[0][0] != nemesis.Sender {
		t.Errorf("the plan's step has become %+v", planned)
	}
}
