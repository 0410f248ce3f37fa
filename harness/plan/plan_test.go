package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"groupy/harness/system"
	"groupy/nemesis"
	"groupy/nemesis/link"
)

// variedOptions are the options of the i-th plan of a test: every protocol,
// workload and several fault sets come up.
func variedOptions(i int) Options {
	sets := [][]string{nil, {}, {"all"}, {"kill", "pause"}, {"partition-halves", "drop"}}
	return Options{
		Seed:      fmt.Sprintf("seed-%d", i),
		Nodes:     3 + i%6,
		Protocol:  system.Levels[i%len(system.Levels)].Name,
		Workload:  []string{"multicast", "colour"}[i%2],
		Nemesis:   sets[i%len(sets)],
		Rate:      20 + float64(i%50),
		TimeLimit: time.Duration(1+i%20) * time.Second,
	}
}

func TestSameSeedSamePlan(t *testing.T) {
	distinct := map[string]bool{}
	for i := range 200 {
		var encoded [2][]byte
		for turn := range encoded {
			p, err := NewPlan(variedOptions(i))
			if err != nil {
				t.Fatal(err)
			}
			encoded[turn] = p.Encode()
		}
		if !bytes.Equal(encoded[0], encoded[1]) {
			t.Fatalf("seed %d: two plans differ:\n%s", i, cmp.Diff(string(encoded[0]), string(encoded[1])))
		}
		distinct[string(encoded[0])] = true
	}
	if len(distinct) != 200 {
		t.Errorf("200 seeds gave %d different plans", len(distinct))
	}
}

func TestSeedDecides(t *testing.T) {
	o := Options{Seed: "a", Nemesis: []string{"kill", "pause"}}
	a, err := NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Seed = "b"
	b, err := NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(a.Ops, b.Ops) || cmp.Equal(a.Faults, b.Faults) {
		t.Error("another seed gave the same operations or the same faults")
	}
}

func TestPlanReadsBack(t *testing.T) {
	for i := range 50 {
		p, err := NewPlan(variedOptions(i))
		if err != nil {
			t.Fatal(err)
		}
		back, err := ReadPlan(bytes.NewReader(p.Encode()))
		if err != nil {
			t.Fatalf("seed %d: %v", i, err)
		}
		if !bytes.Equal(back.Encode(), p.Encode()) {
			t.Fatalf("seed %d: the plan changed on its way through its file", i)
		}
	}
}

// Taking a fault out of what is asked for must not be able to change what the
// clients do: shrinking depends on it.
func TestFaultsDoNotDisturbOperations(t *testing.T) {
	o := Options{Seed: "x", Nemesis: []string{"kill", "pause", "drop"}}
	with, err := NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Nemesis = []string{}
	without, err := NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(with.Ops, without.Ops); d != "" {
		t.Errorf("operations differ: %s", d)
	}
}

func TestEveryRequestedFaultIsPlanned(t *testing.T) {
	for i := range 100 {
		wanted := []string{nemesis.Faults[i%len(nemesis.Faults)].Name, nemesis.Faults[(i*7+3)%len(nemesis.Faults)].Name}
		p, err := NewPlan(Options{Seed: fmt.Sprint(i), Nemesis: wanted, TimeLimit: 10 * time.Second, Disk: "faulty"})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range wanted {
			if !slices.ContainsFunc(p.Faults, func(s nemesis.Step) bool { return s.Fault == name }) {
				t.Errorf("seed %d: %s was asked for and is not planned", i, name)
			}
		}
		for _, s := range p.Faults {
			if s.AtMicros < 0 || s.AtMicros >= p.Limits.MainMicros {
				t.Errorf("seed %d: %s begins at %d µs of %d", i, s.ID, s.AtMicros, p.Limits.MainMicros)
			}
		}
	}
}

func TestBadOptionsAreNamed(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{}, "--seed"},
		{Options{Seed: "s", Nodes: -1}, "--nodes -1"},
		{Options{Seed: "s", Nodes: 1000}, "--nodes 1000"},
		{Options{Seed: "s", Protocol: "gms9"}, "gms1"},
		{Options{Seed: "s", Workload: "w"}, "multicast"},
		{Options{Seed: "s", Nemesis: []string{"flood"}}, "kill"},
		{Options{Seed: "s", Rate: -2}, "--rate"},
		{Options{Seed: "s", ClientsEach: 1_000_000_000}, "--clients 1000000000"},
		{Options{Seed: "s", TimeLimit: -time.Second}, "--time-limit"},
		{Options{Seed: "s", Rate: 1e6, TimeLimit: time.Hour}, "10000000"},
		{Options{Seed: "s", Timeout: time.Millisecond}, "timeout"},
		{Options{Seed: "s", Config: "[]"}, "--config"},
	} {
		_, err := NewPlan(c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one that names %s", c.o, err, c.want)
		}
	}
}

func TestBadPlansAreRefused(t *testing.T) {
	p, err := NewPlan(Options{Seed: "s", TimeLimit: time.Second, Nemesis: []string{"kill"}})
	if err != nil {
		t.Fatal(err)
	}
	p.Faults[0].Rule = &link.Rule{Drop: 0.25}
	good := string(p.Encode())
	for name, c := range map[string][3]string{
		"not JSON":       {good, "{", "not a plan"},
		"other version":  {PlanFormat, "groupy-plan/9", "groupy-plan/9"},
		"unknown node":   {`"node": "n1"`, `"node": "n77"`, "n77"},
		"unknown fault":  {`"fault": "kill"`, `"fault": "flood"`, "flood"},
		"unknown field":  {`"seed"`, `"sead"`, "sead"},
		"a path as name": {`"n5"`, `"../../../../x"`, `"../../../../x"`},
		"node twice":     {`"n5"`, `"n4"`, `"n4" is there twice`},
		"name too long":  {`"n5"`, `"` + strings.Repeat("x", 65) + `"`, "64 at most"},
		"many nodes":     {`"n5"`, `"n5"` + strings.Repeat(`, "x"`, 2000), "2005 nodes"},
		"client below 0": {`"client": 0`, `"client": -1`, "client -1"},
		"client too far": {`"client": 0`, `"client": 1000000000`, "client 1000000000"},
		"no probability": {`"drop": 0.25`, `"drop": 1.25`, "drop is 1.25"},
		"negative time":  {`"main_us": 1000000`, `"main_us": -1`, "main_us is -1"},
		"other workload": {`"workload": "multicast"`, `"workload": "x"`, `"x"`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		_, err := ReadPlan(strings.NewReader(bad))
		if err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: error %v, want one that names %s", name, err, c[2])
		}
	}
}

// What a workload is made of has its turn before what the run asks for, also
// where that is everything and the run is short.
func TestAWorkloadsOwnFaultsAreInItsPlans(t *testing.T) {
	for i := range 100 {
		o := Options{
			Seed: fmt.Sprint("own-", i), Workload: "churn", Nemesis: []string{"all"}, TimeLimit: 10 * time.Second,
			Explore: []string{Strategies[i%len(Strategies)].Name},
		}
		p, err := NewPlan(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"leave", "restart", "join-storm"} {
			if !slices.ContainsFunc(p.Faults, func(s nemesis.Step) bool { return s.Fault == name }) {
				t.Errorf("seed %s, %v: no %s", o.Seed, o.Explore, name)
			}
		}
	}
}
