package ladder

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/run/runtest"
	"groupy/harness/system"
)

// climb runs the whole ladder in a world and compares.
func climb(t *testing.T, world string, parallel int) {
	job := runtest.JobFor(t, nil)
	job.World = world
	cells := Climb(context.Background(), job, system.LevelNames(), Classes, parallel, nil)
	if len(cells) != len(system.Levels)*len(Classes) {
		t.Fatalf("%d cells of %d levels and %d classes", len(cells), len(system.Levels), len(Classes))
	}
	for _, c := range cells {
		c = onceMore(t, job, c)
		if c.Err != nil {
			t.Errorf("%s %s: %v", c.Level, c.Class, c.Err)
		}
		for _, wrong := range c.Wrong() {
			t.Errorf("%s %s: %s", c.Level, c.Class, wrong)
		}
	}
	if t.Failed() {
		var table bytes.Buffer
		PrintCells(&table, cells)
		t.Logf("expected and found:\n%s", table.String())
	}
}

// onceMore climbs a cell again, alone, that did not come out as it must in the
// real world: a machine that stood still for longer than a detector's timeout
// has made a fault of its own, and does not do it twice. What is really wrong is
// wrong again.
func onceMore(t *testing.T, job run.Job, c Cell) Cell {
	if job.World != run.WorldReal || c.Err == nil && len(c.Wrong()) == 0 {
		return c
	}
	t.Logf("%s %s: %v %s; again", c.Level, c.Class, c.Err, c.Wrong())
	class, err := FindClass(c.Class)
	if err != nil {
		t.Fatal(err)
	}
	return Climb(context.Background(), job, []string{c.Level}, []Class{class}, 1, nil)[0]
}

// TestLadder is the harness's proof of itself: each level, in real processes,
// keeps what it must keep and breaks what it must break.
func TestLadder(t *testing.T) {
	if testing.Short() {
		t.Skip("runs 65 groups of real processes")
	}
	climb(t, run.WorldReal, 6)
}

// The simulated world runs the same plans on the same cores, and must come to
// the same signs.
func TestLadderSimulated(t *testing.T) { climb(t, run.WorldSim, 2) }

// The comparison can fail: what one level shows does not fit the table of the
// level above or below.
func TestLadderTellsLevelsApart(t *testing.T) {
	job := runtest.JobFor(t, nil)
	job.World = run.WorldSim
	for _, c := range []struct{ level, class, taken, wrong string }{
		{"gms1", "F2", "gms2", "probe-delivery"}, // it has no election
		{"gms2", "F2", "gms3", "agreement"},      // it resends nothing
		{"gms3", "F2", "gms2", "agreement"},
		{"gms3", "F10", "gms5", "probe-delivery"}, // it repairs nothing
		{"gms4", "F6", "gms5", "gap-freedom"},     // it believes its detector
		{"gms5", "F6", "gms4", "gap-freedom"},
	} {
		class, err := FindClass(c.class)
		if err != nil {
			t.Fatal(err)
		}
		cell := runCell(context.Background(), job, c.level, class)
		if cell.Err != nil {
			t.Fatal(cell.Err)
		}
		if wrong := cell.Wrong(); len(wrong) > 0 {
			t.Errorf("%s %s: %v", c.level, c.class, wrong)
		}
		cell.Level = c.taken
		if !slices.ContainsFunc(cell.Wrong(), func(text string) bool { return strings.HasPrefix(text, c.wrong+":") }) {
			t.Errorf("%s under %s passes for %s: want %s to be wrong, have %v", c.level, c.class, c.taken, c.wrong, cell.Wrong())
		}
	}
}

func TestLadderPlans(t *testing.T) {
	for _, level := range system.LevelNames() {
		for _, class := range Classes {
			var encoded [2][]byte
			for i := range encoded {
				p, err := class.Plan(level, run.WorldReal)
				if err != nil {
					t.Fatal(err)
				}
				encoded[i] = p.Encode()
			}
			if !bytes.Equal(encoded[0], encoded[1]) {
				t.Errorf("%s %s: two plans differ", level, class.Name)
			}
			if _, err := plan.ReadPlan(bytes.NewReader(encoded[0])); err != nil {
				t.Errorf("%s %s: %v", level, class.Name, err)
			}
		}
	}
}

// Every row and column of the tables stands for something, and each sign is one.
func TestLadderSigns(t *testing.T) {
	for at, sign := range signs() {
		_, err := FindClass(at[1])
		known := slices.ContainsFunc(checker.Properties, func(p checker.Property) bool { return p.Name == at[2] && p.Promised })
		if err != nil || !known || !slices.Contains(system.LevelNames(), at[0]) || !slices.Contains([]Sign{Holds, Breaks, May}, sign) {
			t.Errorf("%q: sign %q", at, sign)
		}
	}
	for _, level := range []string{"gms1", "gms2", "gms3", "gms4"} {
		for _, class := range Classes {
			if _, ok := signs()[[3]string{level, class.Name, "agreement"}]; !ok {
				t.Errorf("%s has no column %s", level, class.Name)
			}
		}
	}
}
