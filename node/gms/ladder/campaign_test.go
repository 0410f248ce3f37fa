package ladder_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
	"groupy/node/gms/protocols"
)

var (
	seedFlag   = flag.Int("ladder.seeds", 6, "seeds that every cell of the ladder's tables is run with at least")
	figureFlag = flag.Bool("ladder.figures", false, "print how many seeds broke each cell")
)

// mostSeeds is how long a campaign looks for what must break.
const mostSeeds = 80

// The ladder's signs: what each level keeps (+) and what it breaks (-) under
// each fault class, and what may go either way (?): it is rare, or depends on
// when the members join. A + is broken by no seed, a - by at least one. The
// properties that are not named hold everywhere.
var ladder = map[string]string{
	"gms1": `
                       F0 F1 F2 F2v FL F3 F4 F6 F7 F8 F9 F10 F11 F12
no-duplication          +  +  +  +   +  +  +  +  +  +  +  +   -   +
view-agreement          +  +  +  +   ?  +  +  +  +  +  +  +   +   +
view-monotonicity       +  +  +  +   ?  +  +  +  +  +  +  +   -   ?
primary-chain           +  +  +  +   ?  +  +  +  +  ?  ?  ?   ?   ?
same-view-delivery      +  +  +  +   ?  +  +  +  +  -  -  -   ?   -
virtual-synchrony       +  +  +  +   ?  +  +  +  +  -  ?  -   ?   -
total-order             +  +  +  +   +  +  +  +  +  +  +  +   -   -
gap-freedom             +  +  +  +   ?  +  +  +  +  -  -  -   ?   -
fifo-order              +  +  +  +   +  +  +  +  +  +  +  +   -   -
agreement               +  +  -  ?   ?  -  -  +  +  -  -  -   ?   -
uniform-agreement       +  +  -  ?   ?  -  -  +  +  -  -  -   ?   -
membership-precision    +  -  -  -   ?  -  -  +  +  ?  ?  ?   ?   ?
self-delivery           +  +  -  -   ?  -  -  +  +  -  -  -   +   +
probe-delivery          +  +  -  -   ?  -  -  +  +  +  ?  +   +   +`,
	"gms2": `
                       F0 F1 F2 F2v FL F3 F4 F6 F7 F8 F9 F10 F11 F12
no-duplication          +  +  +  +   +  +  +  +  +  +  +  +   -   +
view-agreement          +  +  +  +   ?  ?  ?  -  -  -  -  ?   ?   ?
view-monotonicity       +  +  +  +   ?  ?  ?  ?  ?  ?  ?  ?   -   ?
primary-chain           +  +  +  -   ?  ?  ?  ?  ?  ?  ?  ?   ?   ?
same-view-delivery      +  +  +  ?   ?  ?  -  -  -  -  -  -   ?   -
virtual-synchrony       +  +  -  ?   ?  -  -  -  -  -  -  -   ?   -
total-order             +  +  +  +   +  ?  ?  -  -  -  -  +   -   -
gap-freedom             +  +  -  ?   ?  -  -  -  -  -  -  -   ?   -
fifo-order              +  +  +  +   +  ?  +  -  ?  ?  ?  +   -   -
agreement               +  +  -  ?   ?  -  -  -  -  -  -  -   ?   -
uniform-agreement       +  +  -  ?   ?  -  -  -  -  -  -  -   ?   -
membership-precision    +  -  +  +   ?  ?  ?  -  -  -  -  ?   ?   ?
self-delivery           +  +  -  -   ?  -  -  -  -  -  -  -   +   +
probe-delivery          +  +  +  +   ?  ?  ?  -  -  -  -  ?   ?   ?`,
	"gms3": `
                       F0 F1 F2 F2v FL F3 F4 F6 F7 F8 F9 F10 F11 F12
no-duplication          +  +  +  +   +  +  +  +  +  +  +  +   -   +
view-agreement          +  +  +  +   +  ?  ?  -  -  -  -  +   +   +
view-monotonicity       +  +  +  +   +  +  +  +  +  +  +  +   +   +
primary-chain           +  +  +  +   +  -  ?  ?  ?  ?  ?  +   +   +
same-view-delivery      +  +  +  +   +  -  ?  -  ?  ?  -  +   ?   +
virtual-synchrony       +  +  +  +   +  ?  ?  -  -  -  -  +   +   +
total-order             +  +  +  +   +  +  +  +  +  +  +  +   -   +
gap-freedom             +  +  +  +   +  -  ?  -  ?  ?  -  +   ?   +
fifo-order              +  +  +  +   +  ?  +  -  ?  ?  ?  +   -   -
agreement               +  +  +  +   +  -  ?  -  -  -  -  -   +   +
uniform-agreement       +  +  +  +   +  -  -  -  -  -  -  -   +   +
membership-precision    +  -  +  +   -  -  +  -  -  -  -  -   +   +
self-delivery           +  +  -  -   -  -  -  -  -  -  -  -   +   +
probe-delivery          +  +  +  +   +  -  +  -  -  -  -  -   +   +`,
	"gms4": `
                       F0 F1 F2 F2v FL F3 F4 F6 F7 F8 F9 F10 F11 F12
no-duplication          +  +  +  +   +  +  +  +  +  +  +  +   -   +
view-agreement          +  +  +  +   +  ?  ?  -  -  -  -  +   +   +
view-monotonicity       +  +  +  +   +  +  +  +  +  +  +  +   +   +
primary-chain           +  +  +  +   +  -  ?  ?  ?  ?  ?  +   +   +
same-view-delivery      +  +  +  +   +  -  ?  -  ?  ?  -  +   ?   +
virtual-synchrony       +  +  +  +   +  ?  ?  -  -  -  -  +   +   +
total-order             +  +  +  +   +  +  +  +  +  +  +  +   -   +
gap-freedom             +  +  +  +   +  -  ?  -  ?  ?  -  +   ?   +
fifo-order              +  +  +  +   +  ?  +  -  ?  ?  ?  +   -   -
agreement               +  +  +  +   +  -  ?  -  -  -  -  ?   +   +
uniform-agreement       +  +  +  +   +  -  -  -  -  -  -  ?   +   +
membership-precision    +  -  +  +   -  ?  +  -  -  -  -  ?   +   +
self-delivery           +  +  -  -   -  -  -  -  -  -  -  -   +   +
probe-delivery          +  +  +  +   +  ?  +  -  -  -  -  ?   +   +`,
}

func TestLadderCampaign(t *testing.T) {
	for _, level := range []string{"gms1", "gms2", "gms3", "gms4"} {
		p, err := protocols.Find(level)
		if err != nil {
			t.Fatal(err)
		}
		signs := readSigns(t, ladder[level])
		for _, sc := range scenarios {
			t.Run(level+"/"+sc.name, func(t *testing.T) { runCell(t, p, sc, signs) })
		}
	}
}

// runCell plays a scenario until everything that must break did, and for the
// given number of seeds at least.
func runCell(t *testing.T, p gms.Protocol, sc scenario, signs map[[2]string]string) {
	sign := func(property string) string {
		if s := signs[[2]string{property, sc.name}]; s != "" {
			return s
		}
		return "+"
	}
	broken, unbroken := map[string]int{}, map[string]bool{}
	props := slices.Concat(gmstest.Safety, gmstest.Liveness)
	for _, pr := range props {
		if sign(pr.Name) == "-" {
			unbroken[pr.Name] = true
		}
	}
	seed := 0
	for ; seed < *seedFlag || (len(unbroken) > 0 && seed < mostSeeds); seed++ {
		r := campaign(p, sc, uint64(seed)).Record()
		for _, pr := range props {
			what := pr.Check(r)
			if what == "" {
				continue
			}
			broken[pr.Name]++
			delete(unbroken, pr.Name)
			if sign(pr.Name) == "+" {
				t.Errorf("%s, %s: seed %d breaks %s, which must hold: %s", sc.name, sc.about, seed, pr.Name, what)
			}
		}
	}
	for name := range unbroken {
		t.Errorf("%s, %s: none of %d seeds breaks %s", sc.name, sc.about, seed, name)
	}
	if *figureFlag {
		var line []string
		for _, pr := range props {
			if n := broken[pr.Name]; n > 0 {
				line = append(line, fmt.Sprintf("%s %d", pr.Name, n))
			}
		}
		t.Logf("of %d seeds: %s", seed, strings.Join(line, ", "))
	}
}

// readSigns takes a table apart, by property and scenario.
func readSigns(t *testing.T, table string) map[[2]string]string {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	names := strings.Fields(lines[0])
	signs := map[[2]string]string{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) != len(names)+1 {
			t.Fatalf("%d cells for %d scenarios: %s", len(cells)-1, len(names), line)
		}
		for i, name := range names {
			signs[[2]string{cells[0], name}] = cells[i+1]
		}
	}
	return signs
}

// The same seed gives the same run, event by event.
func TestLadderCampaignsRepeat(t *testing.T) {
	p, err := protocols.Find("gms4")
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range scenarios {
		once, again := campaign(p, sc, 7).Events, campaign(p, sc, 7).Events
		if diff := cmp.Diff(once, again); diff != "" {
			t.Errorf("%s: two runs of one seed differ:\n%s", sc.name, diff)
		}
	}
}
