package ladder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"text/tabwriter"

	"groupy/checker"
	"groupy/harness/run"
)

// Cell is a level that was put under a class of faults.
type Cell struct {
	Level  string
	Class  string
	Found  map[string]Sign // by property: those that the ladder's tables are about
	Result *run.Result
	Err    error // the run could not be made, or a fault did not take hold
}

// Climb runs every level under every class, so many at a time, and gives the
// cells by level and class; each is shown to done as soon as it is there. The
// job says with what and where; its plan is each cell's own.
func Climb(ctx context.Context, job run.Job, levels []string, classes []Class, parallel int, done func(Cell)) []Cell {
	cells := make([]Cell, len(levels)*len(classes))
	turns := make(chan struct{}, max(parallel, 1))
	var wg sync.WaitGroup
	var showing sync.Mutex
	for i, level := range levels {
		for j, class := range classes {
			turns <- struct{}{}
			wg.Go(func() {
				defer func() { <-turns }()
				cell := runCell(ctx, job, level, class)
				cells[i*len(classes)+j] = cell
				showing.Lock()
				defer showing.Unlock()
				if done != nil {
					done(cell)
				}
			})
		}
	}
	wg.Wait()
	return cells
}

func runCell(ctx context.Context, job run.Job, level string, class Class) Cell {
	cell := Cell{Level: level, Class: class.Name, Found: map[string]Sign{}}
	if job.Plan, cell.Err = class.Plan(level, job.Where()); cell.Err != nil {
		return cell
	}
	job.Command = fmt.Sprintf("groupy ladder --protocol %s --class %s", level, class.Name)
	if cell.Result, cell.Err = job.Execute(ctx); cell.Err != nil {
		return cell
	}
	j := cell.Result.Judgement
	for _, p := range checker.Properties {
		if !p.Promised {
			continue
		}
		switch j.Properties[p.Name].Verdict {
		case checker.Invalid:
			cell.Found[p.Name] = Breaks
		case checker.Unknown:
			cell.Found[p.Name] = May
		default:
			cell.Found[p.Name] = Holds
		}
	}
	for _, name := range job.Plan.Requested {
		if j.Stats.Faults[name].Fail > 0 {
			cell.Err = errors.Join(cell.Err, fmt.Errorf("the fault %s did not take hold", name))
		}
	}
	return cell
}

// Wrong names what the cell shows other than the tables expect, in the order of
// checker.Properties; none if it is as expected.
func (c Cell) Wrong() []string {
	var wrong []string
	for _, p := range checker.Properties {
		found, ok := c.Found[p.Name]
		if expected := Expected(c.Level, c.Class, p.Name); ok && !fits(expected, found) {
			wrong = append(wrong, fmt.Sprintf("%s: expected %c, found %c: %s", p.Name, expected, found, c.explain(p.Name)))
		}
	}
	return wrong
}

// fits: what must hold must not be reported broken, and what must break must be
// found broken.
func fits(expected, found Sign) bool {
	return expected == May || expected == Holds && found != Breaks || expected == found
}

func (c Cell) explain(property string) string {
	r := c.Result.Judgement.Properties[property]
	switch {
	case r.Explanation != "":
		return r.Explanation
	case r.Reason != nil:
		return r.Reason.Text
	}
	return fmt.Sprintf("%d comparisons", r.Evidence)
}

// PrintCells shows one table per level: for each property and class the sign
// expected and the sign found, with ! where they do not fit.
func PrintCells(out io.Writer, cells []Cell) {
	for len(cells) > 0 {
		n := 1
		for n < len(cells) && cells[n].Level == cells[0].Level {
			n++
		}
		printLevel(out, cells[:n])
		cells = cells[n:]
	}
}

func printLevel(out io.Writer, cells []Cell) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := []string{cells[0].Level}
	for _, c := range cells {
		row = append(row, c.Class)
	}
	fmt.Fprintln(w, strings.Join(row, "\t"))
	for _, p := range checker.Properties {
		if !p.Promised {
			continue
		}
		row = []string{p.Name}
		for _, c := range cells {
			row = append(row, c.pair(p.Name))
		}
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush()
	for _, c := range cells {
		if c.Err != nil {
			fmt.Fprintf(out, "%s %s: %v\n", c.Level, c.Class, c.Err)
		}
		for _, wrong := range c.Wrong() {
			fmt.Fprintf(out, "%s %s: %s (%s)\n", c.Level, c.Class, wrong, c.Result.Folder)
		}
	}
	fmt.Fprintln(out)
}

// pair is a cell of the table: expected and found.
func (c Cell) pair(property string) string {
	expected := Expected(c.Level, c.Class, property)
	found, ok := c.Found[property]
	switch {
	case !ok:
		return string(rune(expected)) + " "
	case !fits(expected, found):
		return fmt.Sprintf("%c%c!", expected, found)
	}
	return fmt.Sprintf("%c%c", expected, found)
}
