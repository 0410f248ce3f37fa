package campaign

import (
	"context"
	"path/filepath"
	"sync"

	"groupy/harness/replay"
	"groupy/harness/shrink"
)

// attempts is how many failures of a group are tried, of which the first that can
// be shrunk will do.
const attempts = 3

// shrinker finds the smallest plan of each group, one after the other, beside the
// runs.
type shrinker struct {
	ctx      context.Context
	campaign *Campaign
	budget   func() bool // whether there is any
	queue    []*Run
	tried    map[Group]int
	found    map[Group]bool
	last     bool // nothing is offered any more
	wake     *sync.Cond
	done     chan struct{}
}

// newShrinker begins with the groups that an earlier session left unshrunk.
func newShrinker(ctx context.Context, c *Campaign) *shrinker {
	s := &shrinker{
		ctx: ctx, campaign: c, tried: map[Group]int{}, found: map[Group]bool{}, done: make(chan struct{}), wake: sync.NewCond(&c.mu),
		budget: func() bool { return c.Spec.Shrink > 0 && ctx.Err() == nil },
	}
	for _, f := range c.Tally.Failures() {
		if f.Shrunk != nil {
			s.found[f.Group] = true
		} else if f.First != nil {
			s.offer(f.First)
		}
	}
	stop := context.AfterFunc(ctx, s.wake.Broadcast)
	go func() {
		defer close(s.done)
		defer stop()
		s.run()
	}()
	return s
}

// offer puts a failure in line, if its group still needs one. The campaign's
// lock is held.
func (s *shrinker) offer(r *Run) {
	g := r.Group()
	if s.found[g] || s.tried[g] >= attempts || r.Folder == "" {
		return
	}
	s.tried[g]++
	s.queue = append(s.queue, r)
	s.wake.Broadcast()
}

// wait ends when all that was offered is done.
func (s *shrinker) wait() {
	s.campaign.mu.Lock()
	s.last = true
	s.wake.Broadcast()
	s.campaign.mu.Unlock()
	<-s.done
}

func (s *shrinker) run() {
	c := s.campaign
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		for len(s.queue) == 0 && !s.last && s.budget() {
			s.wake.Wait()
		}
		if len(s.queue) == 0 || !s.budget() {
			return
		}
		r := s.queue[0]
		s.queue = s.queue[1:]
		if s.found[r.Group()] {
			continue
		}
		c.mu.Unlock()
		shrunk := s.shrink(r)
		c.mu.Lock()
		if s.ctx.Err() != nil {
			return // cut off: the next session begins it anew
		}
		s.found[r.Group()] = shrunk.Failed == "" || s.tried[r.Group()] >= attempts
		if err := c.keep(&Line{Kind: KindShrunk, Shrunk: shrunk}); err != nil {
			c.fatal = err
			return
		}
		c.show(Event{Shrunk: shrunk})
	}
}

// shrink finds one failure's smallest plan, which is kept in the campaign's
// folder.
func (s *shrinker) shrink(r *Run) *Shrunk {
	c := s.campaign
	out := &Shrunk{Group: r.Group(), From: r.Number}
	original, err := replay.OpenOriginal(filepath.Join(c.Dir, r.Folder))
	if err != nil {
		out.Failed = err.Error()
		return out
	}
	job := c.Job
	job.World = "" // the first that shows it, a virtual one if possible: the real one takes long
	job.Store, job.Command = c.Dir, "groupy shrink "+filepath.Join(c.Dir, r.Folder)
	found, err := shrink.Shrink(s.ctx, job, original, shrink.ShrinkOptions{Workers: 1, Budget: c.Spec.Shrink})
	if err != nil {
		out.Failed = err.Error()
		return out
	}
	out.Before, out.After, out.Nodes = found.Before.Units(), found.After.Units(), found.After.Nodes
	out.Tried, out.Stopped, out.World = found.Tried, found.Stopped, found.Run.Record.World
	if out.Folder, err = filepath.Rel(c.Dir, string(found.Run.Folder)); err != nil {
		out.Failed = err.Error()
	}
	return out
}
