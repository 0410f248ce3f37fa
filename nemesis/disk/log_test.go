package disk

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"groupy/node/draw"
)

// after plays a script up to a cut and then loses power.
func after(model Model, script []op, c Choice) (string, Loss) {
	m := NewMemory(model)
	for i, o := range script {
		play(m, i, o)
	}
	loss := m.Lose(c)
	return show(m.paths()), loss
}

// whatIsAllowed gives what the naive model allows after a script.
func whatIsAllowed(model Model, script []op) map[string]bool {
	m, ahead, v := NewMemory(model), NewMemory(model), naive{model: model}
	for i, o := range script {
		if play(ahead, i, o) {
			v.take(m, i, o)
			play(m, i, o)
		}
	}
	return v.allowed(true)
}

// careful is a program that keeps a log and a snapshot as one should, and some of
// the mistakes beside it.
var careful = []op{
	{do: "mkdir", name: "d"},
	{do: "create", name: "d/a"},
	{do: "write", name: "d/a", n: 700},
	{do: "sync", name: "d/a"},
	{do: "syncfolder", name: "d"},
	{do: "syncfolder"},
	{do: "write", name: "d/a", at: 700, n: 600},
	{do: "write", name: "d/a", at: 400, n: 200},
	{do: "create", name: "d/b"},
	{do: "write", name: "d/b", n: 30},
	{do: "rename", name: "d/b", to: "d/a"},
	{do: "truncate", name: "d/a", at: 10},
	{do: "syncfolder", name: "d"},
	{do: "write", name: "d/a", at: 20, n: 10},
	{do: "sync", name: "d/a"},
	{do: "link", name: "d/a", to: "c"},
	{do: "remove", name: "d/a"},
	{do: "remove", name: "d"},
	{do: "syncfolder"},
}

// TestEachCut cuts a script at every operation, by every choice and by many seeds:
// what is left is always a state that the model allows, and each of these comes.
func TestEachCut(t *testing.T) {
	for _, model := range []Model{Ext4, POSIX} {
		for cut := range len(careful) + 1 {
			script := careful[:cut]
			allowed, got, drawn := whatIsAllowed(model, script), map[string]bool{}, map[string]bool{}
			choices(func(c Choice) {
				state, _ := after(model, script, c)
				got[state] = true
			})
			same(t, model, script, allowed, got)
			for seed := 0; seed < 300_000 && len(drawn) < len(allowed); seed++ {
				state, _ := after(model, script, Draw(draw.New(fmt.Sprint(seed)), Ways[seed%len(Ways)]))
				drawn[state] = true
			}
			same(t, model, script, allowed, drawn)
		}
	}
}

// TestEachCutOfRandomScripts is the same by choice alone, for scripts by chance.
func TestEachCutOfRandomScripts(t *testing.T) {
	cuts, states := 0, 0
	for n := range 120 {
		script := randomScript(draw.New("script").At(uint64(n)), 9)
		for _, model := range []Model{Ext4, POSIX} {
			for cut := range len(script) + 1 {
				allowed, got := whatIsAllowed(model, script[:cut]), map[string]bool{}
				choices(func(c Choice) {
					state, _ := after(model, script[:cut], c)
					got[state] = true
				})
				same(t, model, script[:cut], allowed, got)
				cuts, states = cuts+1, states+len(allowed)
			}
		}
	}
	t.Logf("%d cuts, %d states", cuts, states)
}

func same(t *testing.T, model Model, script []op, allowed, got map[string]bool) {
	t.Helper()
	for _, state := range slices.Sorted(maps.Keys(got)) {
		if !allowed[state] {
			t.Fatalf("%s: after %v\nthere is   %q,\nwhich is none of %q", model, script, state, slices.Sorted(maps.Keys(allowed)))
		}
	}
	for _, state := range slices.Sorted(maps.Keys(allowed)) {
		if !got[state] {
			t.Fatalf("%s: after %v\nthere never is %q,\nbut %q", model, script, state, slices.Sorted(maps.Keys(got)))
		}
	}
}
