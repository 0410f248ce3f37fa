package history

// ahead reads blocks before they are asked for, on a goroutine that lives no longer
// than the walk over the events that began it.
type ahead struct {
	full chan *block // in order; closed after the last one
	free chan *block
	quit chan struct{}
}

const (
	// aheadBlocks is how many blocks there are: one is looked at, one is being
	// filled, and one waits so that neither side does.
	aheadBlocks = 3
	// aheadAfter is after how many events of a walk it is worth a goroutine.
	aheadAfter = 2 * blockEvents
)

// start begins to read what comes after the block that is being looked at.
func (p *parser) start() *ahead {
	a := &ahead{
		full: make(chan *block, aheadBlocks),
		free: make(chan *block, aheadBlocks),
		quit: make(chan struct{}),
	}
	for range aheadBlocks - 1 {
		a.free <- &block{}
	}
	go a.read(p)
	return a
}

func (a *ahead) read(p *parser) {
	defer close(a.full)
	for {
		select {
		case <-a.quit:
			return
		case b := <-a.free:
			p.fill(b)
			a.full <- b
			if b.err != nil {
				return
			}
		}
	}
}

// next gives the next block for one that has been looked at, whose error was nil.
func (a *ahead) next(done *block) *block {
	a.free <- done
	return <-a.full
}

// stop waits for the end of the reading, and gives what was read and not asked for.
func (a *ahead) stop() (left []*block) {
	close(a.quit)
	for b := range a.full {
		left = append(left, b)
	}
	return left
}
