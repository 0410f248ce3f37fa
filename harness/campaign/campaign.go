package campaign

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/run"
	"groupy/harness/verdict"
)

// Campaign is one that is being carried on by this process. The exported fields
// from Job on are to be set before Carry.
type Campaign struct {
	Dir   string
	Spec  *Spec
	Tally *Tally // what counts so far; to be read in Show, or when nothing runs

	Job      run.Job // its Plan, World, Store and Command are made for each run
	Parallel int     // runs at a time, at most
	Virtual  int     // of them in virtual worlds, which need a processor each
	Command  func(c Cell, seed string) string
	Show     func(Event) // one at a time
	// Index makes what takes the lines that count, so that they are easy to ask; nil:
	// there is nothing. It brings itself up to the campaign's journal first.
	Index func(store, dir string, log hclog.Logger) Sink

	store   string
	cells   []Cell
	journal *Journal
	index   Sink
	folders map[string]bool // those that a line names

	mu       sync.Mutex
	changed  *sync.Cond
	next     int // number that is looked at next
	running  int
	virtual  int // of them
	limit    int // of running, at present
	over     bool
	fatal    error
	guide    guide
	shrinker *shrinker
}

// Sink takes a campaign's lines in its own time, and the campaign never waits for
// it. What it cannot take is no failure of the campaign: the journal has it.
type Sink interface {
	Add(l *Line)
	Close() // after what is left was taken
}

// Event is something that people watch: a run that counts now, a smallest plan,
// or another number of runs side by side.
type Event struct {
	Run    *Run
	Shrunk *Shrunk
	Limit  int   // the number from now on; 0: it is as it was
	LagUS  int64 // µs: why
}

// Begin makes a new campaign in a store.
func Begin(store string, s *Spec) (*Campaign, error) {
	dir, err := s.Create(store)
	if err != nil {
		return nil, err
	}
	return Resume(dir)
}

// Resume opens a campaign's folder to carry it on: what is in its journal counts,
// what is not is not there.
func Resume(dir string) (*Campaign, error) {
	dir = filepath.Clean(dir)
	spec, err := ReadSpec(dir)
	if err != nil {
		return nil, err
	}
	c := &Campaign{
		Dir: dir, Spec: spec, Tally: NewTally(), store: filepath.Dir(filepath.Dir(dir)),
		cells: spec.Matrix.Cells(), folders: map[string]bool{}, guide: newGuide(),
	}
	c.changed = sync.NewCond(&c.mu)
	if c.journal, err = OpenJournal(dir, c.take); err != nil {
		return nil, err
	}
	if err := c.clean(); err != nil {
		return nil, errors.Join(err, c.journal.Close())
	}
	return c, nil
}

// Close lets another process carry the campaign on.
func (c *Campaign) Close() error { return c.journal.Close() }

// take is a line that counts.
func (c *Campaign) take(l *Line) {
	c.Tally.Add(l)
	switch l.Kind {
	case KindRun:
		c.guide.met(l.Run)
		c.folders[l.Run.Folder] = true
	case KindShrunk:
		c.folders[l.Shrunk.Folder] = true
	}
}

// Real reports whether some runs are of the real world.
func (c *Campaign) Real() bool { return slices.Contains(c.Spec.Matrix.Worlds, run.WorldReal) }

// Carry carries the campaign on until it is over, and shrinks what failed. It
// returns ctx's error if that ends it early, and the harness's own where a line
// could not be kept. The database is brought up to the journal, but for a failure
// that is logged: it can be rebuilt.
func (c *Campaign) Carry(ctx context.Context) error {
	sum, err := run.ProgramSum(c.Job.Program.Path)
	if err != nil {
		return err
	}
	if err := c.keep(&Line{Kind: KindSession, Session: &Session{At: c.Job.Now(), Parallel: c.Parallel, SHA256: sum}}); err != nil {
		return err
	}
	if c.Index != nil {
		c.index = c.Index(c.store, c.Dir, c.Job.Log)
	}
	c.limit = max(1, c.Parallel)
	c.Job.Lag, c.Job.Aside = verdict.NewLagMeter(c.Job.Now), true
	c.shrinker = newShrinker(ctx, c)
	end := c.watch(ctx)
	c.feed(ctx)
	end()
	c.shrinker.wait()
	if c.index != nil {
		c.index.Close()
	}
	return errors.Join(c.fatal, ctx.Err(), c.clean())
}

// feed begins runs, as many at a time as may be, and waits for those that it
// began.
func (c *Campaign) feed(ctx context.Context) {
	var runs sync.WaitGroup
	c.mu.Lock()
	for {
		for c.Tally.Done(c.next) {
			c.next++
		}
		if c.ended(ctx) {
			break
		}
		cell := c.cells[c.next%len(c.cells)]
		if !c.mayBegin(cell) {
			c.changed.Wait()
			continue
		}
		number, met := c.next, c.guide.upTo(c.next-c.Spec.Behind, cell.Protocol)
		c.next++
		c.count(cell, 1)
		runs.Go(func() {
			run := c.one(ctx, number, cell, met)
			c.mu.Lock()
			defer c.mu.Unlock()
			c.count(cell, -1)
			if ctx.Err() == nil && c.fatal == nil { // else it was cut off: it counts as not run
				c.fatal = c.commit(run)
			}
			c.changed.Broadcast()
		})
	}
	c.mu.Unlock()
	runs.Wait()
}

func (c *Campaign) count(cell Cell, n int) {
	c.running += n
	if cell.World != run.WorldReal {
		c.virtual += n
	}
}

// ended reports whether no run is to begin any more.
func (c *Campaign) ended(ctx context.Context) bool {
	s, t := c.Spec, c.Tally.Total
	return ctx.Err() != nil || c.over || c.fatal != nil || s.Runs > 0 && c.next >= s.Runs ||
		s.StopAfter > 0 && t.Invalid+t.Broken >= s.StopAfter
}

// mayBegin reports whether the next run, of this cell, may begin now.
func (c *Campaign) mayBegin(cell Cell) bool {
	if c.running >= c.limit || cell.World != run.WorldReal && c.virtual >= max(1, c.Virtual) {
		return false
	}
	return !c.Spec.Guided() || c.guide.knows(c.next-c.Spec.Behind)
}

// commit has a run count.
func (c *Campaign) commit(run *Run) error {
	if err := c.keep(&Line{Kind: KindRun, Run: run}); err != nil {
		return err
	}
	c.show(Event{Run: run})
	if g := run.Group(); g != (Group{}) {
		c.shrinker.offer(run)
	}
	return nil
}

// keep appends a line to the journal, from which on it counts.
func (c *Campaign) keep(l *Line) error {
	if err := c.journal.Append(*l); err != nil {
		return err
	}
	c.take(l)
	if c.index != nil {
		c.index.Add(l)
	}
	return nil
}

func (c *Campaign) show(e Event) {
	if c.Show != nil {
		c.Show(e)
	}
}

// watch ends the campaign when its time is over, and fits the number of runs side
// by side to the machine.
func (c *Campaign) watch(ctx context.Context) (end func()) {
	stops := []func() bool{context.AfterFunc(ctx, c.changed.Broadcast)}
	if c.Spec.For > 0 {
		stops = append(stops, time.AfterFunc(max(0, c.Spec.For-c.Tally.Worked), func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.over = true
			c.changed.Broadcast()
		}).Stop)
	}
	if c.Real() {
		stops = append(stops, c.govern())
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}
