package harness

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"groupy/checker"
	"groupy/node/gms"
)

// specimen says in what fault model a mutant is hunted: faults that its level
// survives, so that what is found is the mutant's doing.
type specimen struct {
	nemesis []string
	config  string // further options of the node, a JSON object
	found   string // targeted: a seed and strategies that show it (zoo_found_test.go)
}

// habitats is where each mutant of gms.Mutants is hunted.
var habitats = map[string]specimen{
	"own-at-once":    {nemesis: []string{"pause"}},
	"ask-again":      {nemesis: []string{"kill"}},
	"dead-head":      {nemesis: []string{"kill"}},
	"swallow-early":  {nemesis: []string{"kill"}},
	"last-to-self":   {nemesis: []string{"kill"}},
	"no-advance":     {nemesis: []string{"kill"}},
	"joiner-at-n":    {nemesis: []string{"kill"}},
	"no-resend":      {nemesis: []string{"kill"}},
	"resend-to-one":  {nemesis: []string{"kill"}},
	"forget-view":    {nemesis: []string{"kill"}},
	"fresh-resend":   {nemesis: []string{"kill"}},
	"deliver-twice":  {nemesis: []string{"kill", "drop"}},
	"skip-holes":     {nemesis: []string{"kill", "drop"}},
	"nack-once":      {nemesis: []string{"kill", "drop"}},
	"short-history":  {nemesis: []string{"kill", "drop"}},
	"forget-history": {nemesis: []string{"kill", "drop"}},
	"obey-deposed":   {nemesis: []string{"kill", "pause", "isolate-leader"}},
	"no-fence":       {nemesis: []string{"all"}},
	"no-adopt":       {nemesis: []string{"all"}},
	"own-log":        {nemesis: []string{"all"}},
	"no-quorum":      {nemesis: []string{"all"}},
	"no-dedupe":      {nemesis: []string{"all"}},
	"early-delivery": {nemesis: []string{"all"}},
	"adopt-oldest":   {nemesis: []string{"all"}},
	"any-ballot":     {nemesis: []string{"all"}},
	"half-quorum":    {nemesis: []string{"all"}},
	"few-acks":       {nemesis: []string{"all"}},
}

// hunting is the n-th plan of a hunt: small and short, since a plan twice as
// long is no better than two plans, and differs in size from the next.
func hunting(m gms.Mutant, strategies []string, hunt, n int) Options {
	h := habitats[m.Name]
	return Options{
		Seed: fmt.Sprintf("zoo/%d/%d", hunt, n), Protocol: m.Protocol, Mutant: m.Name, Nemesis: h.nemesis, Explore: strategies,
		Nodes: 3 + n%3, TimeLimit: time.Duration(3+n%2) * time.Second, Rate: 30, ClientsEach: 2,
		Timeout: 250 * time.Millisecond, Heartbeat: 50 * time.Millisecond, Config: h.config,
	}
}

// caught tries a plan with its mutant. What it breaks counts only if the level
// without the mutant keeps it under the same plan.
func caught(t testing.TB, o Options) (fallen []string) {
	t.Helper()
	with := broken(t, o)
	if len(with) == 0 {
		return nil
	}
	o.Mutant = ""
	without := broken(t, o)
	return slices.DeleteFunc(with, func(p string) bool { return slices.Contains(without, p) })
}

// broken gives the promised properties that a plan violates.
func broken(t testing.TB, o Options) (names []string) {
	t.Helper()
	trial, err := Try(context.Background(), mustPlan(t, o))
	if err != nil {
		t.Fatalf("%s %s, seed %s: %v", o.Protocol, o.Mutant, o.Seed, err)
	}
	for _, p := range checker.Properties {
		if r := trial.Judgement.Properties[p.Name]; r.Promised && r.Verdict == checker.Invalid {
			names = append(names, p.Name)
		}
	}
	return names
}

// hunt is how many runs it takes until the mutant is caught, or most and false.
func hunt(t testing.TB, m gms.Mutant, strategies []string, number, most int) (runs int, found bool, fallen []string) {
	t.Helper()
	for n := range most {
		if fallen := caught(t, hunting(m, strategies, number, n)); len(fallen) > 0 {
			return n + 1, true, fallen
		}
	}
	return most, false, nil
}

func TestEveryMutantHasAHabitat(t *testing.T) {
	for _, m := range gms.Mutants {
		if _, ok := habitats[m.Name]; !ok {
			t.Errorf("nobody hunts %s", m.Name)
		}
		if len(habitats) != len(gms.Mutants) {
			t.Errorf("%d habitats of %d mutants", len(habitats), len(gms.Mutants))
		}
	}
}
