package text

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"groupy/checker"
	"groupy/harness/campaign"
)

// maxBars is how many cells have a bar of their own; beyond, one bar shows all.
const maxBars = 16

// plainly is how often a line is written where there is no terminal.
const plainly = 10 * time.Second

// Progress shows a campaign as it goes: a bar for each cell on a terminal, a
// plain line now and then elsewhere. Its methods are called one at a time.
type Progress struct {
	out      io.Writer
	campaign *campaign.Campaign
	bars     *mpb.Progress              // nil: no terminal
	of       map[campaign.Cell]*cellBar // the empty cell: all of them
	began    time.Time
	before   int // runs of earlier sessions
	told     time.Time
}

// cellBar is the bar of one cell with the failures that it tells; the bar is drawn
// beside the runs.
type cellBar struct {
	*mpb.Bar
	invalid atomic.Int64
}

func NewProgress(out io.Writer, c *campaign.Campaign) *Progress {
	p := &Progress{out: out, campaign: c, of: map[campaign.Cell]*cellBar{}, began: c.Job.Now(), told: c.Job.Now(), before: c.Tally.Total.Runs}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(30), mpb.WithAutoRefresh())
	cells := c.Spec.Matrix.Cells()
	if len(cells) > 1 && len(cells) <= maxBars {
		for i, cell := range cells {
			p.of[cell] = p.bar(cell.String(), c.Spec.Runs/len(cells)+btoi(i < c.Spec.Runs%len(cells)))
			if n := c.Tally.Cells[cell]; n != nil {
				p.of[cell].SetCurrent(int64(n.Runs))
				p.of[cell].invalid.Store(int64(n.Invalid))
			}
		}
	}
	p.of[campaign.Cell{}] = p.bar("all", c.Spec.Runs)
	p.of[campaign.Cell{}].SetCurrent(int64(p.before))
	p.of[campaign.Cell{}].invalid.Store(int64(c.Tally.Total.Invalid))
	return p
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bar adds a bar; a total of 0 is none.
func (p *Progress) bar(name string, total int) *cellBar {
	var counts decor.Decorator = decor.CountersNoUnit("%d of %d", decor.WCSyncSpace)
	if total == 0 {
		counts = decor.CurrentNoUnit("%d", decor.WCSyncSpace)
	}
	b := &cellBar{}
	invalid := func(decor.Statistics) string { return fmt.Sprint(b.invalid.Load(), " invalid") }
	b.Bar = p.bars.AddBar(int64(total),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR), counts),
		mpb.AppendDecorators(decor.Any(invalid, decor.WCSyncSpace), decor.Any(p.left(name), decor.WCSyncSpace)))
	return b
}

// left gives the words for the time left, on the bar of all.
func (p *Progress) left(name string) func(decor.Statistics) string {
	return func(s decor.Statistics) string {
		if name != "all" {
			return ""
		}
		return timeLeft(p.campaign.Spec, int(s.Current), int(s.Current)-p.before, p.campaign.Job.Now().Sub(p.began))
	}
}

// timeLeft says how long a campaign is likely to go on, from how long the runs of
// this session took.
func timeLeft(s *campaign.Spec, runs, now int, took time.Duration) string {
	left := time.Duration(-1)
	if s.For > 0 {
		left = s.For - took
	}
	if s.Runs > 0 && now > 0 {
		byRuns := took / time.Duration(now) * time.Duration(s.Runs-runs)
		if left < 0 || byRuns < left {
			left = byRuns
		}
	}
	if left < 0 {
		return ""
	}
	return max(0, left).Round(time.Second).String() + " left"
}

// Say writes a line above the bars.
func (p *Progress) Say(out io.Writer, text string) {
	if p.bars == nil || !isTerminal(out) {
		fmt.Fprintln(out, text)
		return
	}
	_, _ = fmt.Fprintln(p.bars, text)
}

// Show takes an event.
func (p *Progress) Show(e campaign.Event) {
	if e.Run == nil {
		return
	}
	if p.bars != nil {
		for _, cell := range []campaign.Cell{{}, e.Run.Cell} {
			if bar := p.of[cell]; bar != nil {
				bar.Increment()
				bar.invalid.Add(int64(btoi(e.Run.Verdict == checker.Invalid)))
			}
		}
		return
	}
	if now := p.campaign.Job.Now(); now.Sub(p.told) >= plainly {
		p.told = now
		t := p.campaign.Tally.Total
		line := fmt.Sprintf("%s: %d valid, %d invalid, %d unknown, %d broken", Count(t.Runs, "run"), t.Valid, t.Invalid, t.Unknown, t.Broken)
		if left := timeLeft(p.campaign.Spec, t.Runs, t.Runs-p.before, now.Sub(p.began)); left != "" {
			line += "; " + left
		}
		fmt.Fprintln(p.out, line)
	}
}

// End takes the bars away.
func (p *Progress) End() {
	if p.bars == nil {
		return
	}
	for _, bar := range p.of {
		bar.Abort(true)
	}
	p.bars.Wait()
}
