package harness

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

// specimen says in what fault model a mutant is hunted: faults that its level
// survives, so that what is found is the mutant's doing.
type specimen struct {
	nemesis []string
	durable bool   // it is one of durable mode
	disk    string // its disks
}

// habitats is where each mutant of protocols.Mutants is hunted.
var habitats = map[string]specimen{
	"own-at-once":         {nemesis: []string{"pause"}},
	"ask-again":           {nemesis: []string{"kill"}},
	"dead-head":           {nemesis: []string{"kill"}},
	"swallow-early":       {nemesis: []string{"kill"}},
	"last-to-self":        {nemesis: []string{"kill"}},
	"no-advance":          {nemesis: []string{"kill"}},
	"joiner-at-n":         {nemesis: []string{"kill"}},
	"no-resend":           {nemesis: []string{"kill"}},
	"resend-to-one":       {nemesis: []string{"kill"}},
	"forget-view":         {nemesis: []string{"kill"}},
	"fresh-resend":        {nemesis: []string{"kill"}},
	"deliver-twice":       {nemesis: []string{"kill", "drop"}},
	"skip-holes":          {nemesis: []string{"kill", "drop"}},
	"nack-once":           {nemesis: []string{"kill", "drop"}},
	"short-history":       {nemesis: []string{"kill", "drop"}},
	"forget-history":      {nemesis: []string{"kill", "drop"}},
	"obey-deposed":        {nemesis: []string{"kill", "pause", "isolate-leader"}},
	"no-fence":            {nemesis: []string{"all"}},
	"no-adopt":            {nemesis: []string{"all"}},
	"own-log":             {nemesis: []string{"all"}},
	"no-quorum":           {nemesis: []string{"all"}},
	"no-dedupe":           {nemesis: []string{"all"}},
	"early-delivery":      {nemesis: []string{"all"}},
	"adopt-oldest":        {nemesis: []string{"all"}},
	"any-ballot":          {nemesis: []string{"all"}},
	"half-quorum":         {nemesis: []string{"all"}},
	"few-acks":            {nemesis: []string{"all"}},
	"no-fsync":            {nemesis: []string{"restart", "restart-all"}, durable: true},
	"never-fsync":         {nemesis: []string{"power-loss"}, durable: true, disk: "faulty"},
	"no-folder-fsync":     {nemesis: []string{"power-loss"}, durable: true, disk: "faulty-posix"},
	"torn-tail":           {nemesis: []string{"power-loss"}, durable: true, disk: "faulty"},
	"snapshot-before-log": {nemesis: []string{"power-loss"}, durable: true, disk: "faulty"},
	"late-fsync":          {nemesis: []string{"power-loss"}, durable: true, disk: "faulty"},
	"forget-promise":      {nemesis: []string{"all"}, durable: true},
	"leader-forgets":      {nemesis: []string{"all"}},
	"stale-leader":        {nemesis: []string{"all"}},
}

// mutings are the two ways in which a mutant is hunted: as shipped, where the core's
// own invariants end its process as they do for users, and muted, where nothing but
// the harness looks. A protocol without invariants has one.
func mutings(m gms.Mutant) []bool {
	if m.Protocol == "gms5" {
		return []bool{false, true}
	}
	return []bool{false}
}

// manner names a muting.
func manner(muted bool) string {
	if muted {
		return "muted"
	}
	return "as-shipped"
}

// hunting is the n-th plan of a hunt: small and short, since a plan twice as
// long is no better than two plans, and differs in size from the next.
func hunting(m gms.Mutant, muted bool, strategies []string, hunt, n int) plan.Options {
	h := habitats[m.Name]
	return plan.Options{
		Seed: fmt.Sprintf("zoo/%d/%d", hunt, n), Protocol: m.Protocol, Mutant: m.Name, Muted: muted, Durable: h.durable, Disk: h.disk, Nemesis: h.nemesis, Explore: strategies,
		Nodes: 3 + n%3, TimeLimit: time.Duration(3+n%2) * time.Second, Rate: 30, ClientsEach: 2,
		Timeout: 250 * time.Millisecond, Heartbeat: 50 * time.Millisecond,
	}
}

// caught tries a plan with its mutant. What it breaks counts only if the level
// without the mutant keeps it under the same plan.
func caught(t testing.TB, o plan.Options) (fallen []string, met plan.Coverage) {
	t.Helper()
	with, met := brokenBy(t, mustPlan(t, o))
	if len(with) == 0 {
		return nil, met
	}
	o.Mutant, o.Muted = "", false
	without, _ := brokenBy(t, mustPlan(t, o))
	return slices.DeleteFunc(with, func(p string) bool { return slices.Contains(without, p) }), met
}

// brokenBy gives the promised properties that a plan violates, and what its
// faults met.
func brokenBy(t testing.TB, plan *plan.Plan) (names []string, met plan.Coverage) {
	t.Helper()
	trial, err := run.Try(context.Background(), plan)
	if err != nil {
		t.Fatalf("%s, seed %s: %v", plan.Protocol, plan.Seed, err)
	}
	for _, p := range checker.Properties {
		if r := trial.Judgement.Properties[p.Name]; r.Promised && r.Verdict == checker.Invalid {
			names = append(names, p.Name)
		}
	}
	return names, trial.Judgement.Coverage
}

// hunt is how many runs it takes until the mutant is caught, or most and false.
// Each run knows what those before it met, for strategies that ask; with
// GROUPY_ZOO_BLIND none does, which tells guidance from mere aim.
func hunt(t testing.TB, m gms.Mutant, muted bool, strategies []string, number, most int) (runs int, found bool, fallen []string) {
	t.Helper()
	met := plan.Coverage{}
	for n := range most {
		o := hunting(m, muted, strategies, number, n)
		o.Met = met
		fallen, its := caught(t, o)
		if len(fallen) > 0 {
			return n + 1, true, fallen
		}
		if os.Getenv("GROUPY_ZOO_BLIND") == "" {
			met.Merge(its)
		}
	}
	return most, false, nil
}

func TestEveryMutantHasAHabitat(t *testing.T) {
	for _, m := range protocols.Mutants {
		if _, ok := habitats[m.Name]; !ok {
			t.Errorf("nobody hunts %s", m.Name)
		}
		if len(habitats) != len(protocols.Mutants) {
			t.Errorf("%d habitats of %d mutants", len(habitats), len(protocols.Mutants))
		}
	}
}

// Every mutant is caught by a short hunt with the winning strategies, as shipped and
// muted. hunt and caught hold the unmutated level to the same plans.
func TestEveryMutantIsCaught(t *testing.T) {
	const most = 400 // runs; medians are in the zoo's table
	winners := plan.AllExplore()
	for _, m := range protocols.Mutants {
		for _, muted := range mutings(m) {
			t.Run(m.Protocol+"/"+m.Name+"/"+manner(muted), func(t *testing.T) {
				t.Parallel()
				runs, found, fallen := hunt(t, m, muted, winners, 0, most)
				if !found {
					t.Fatalf("not caught in %d runs", most)
				}
				t.Logf("run %d breaks %v", runs, fallen)
			})
		}
	}
}
