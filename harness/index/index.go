package index

import (
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/campaign"
)

// writer writes a campaign's lines into the store's database, in its own time:
// many at once, and nobody waits for it. What it cannot write is logged and can
// be had by rebuilding.
type writer struct {
	log  hclog.Logger
	mu   sync.Mutex
	todo []*campaign.Line
	stop chan struct{}
	done chan struct{}
}

// indexing is how often lines are written.
const indexing = time.Second

// NewWriter begins to write the lines of the campaign in dir into the database of
// its store, what its journal holds already first.
func NewWriter(store, dir string, log hclog.Logger) campaign.Sink {
	x := &writer{log: log, stop: make(chan struct{}), done: make(chan struct{})}
	go x.run(store, dir)
	return x
}

func (x *writer) Add(l *campaign.Line) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.todo = append(x.todo, l)
}

// Close writes what is left.
func (x *writer) Close() {
	close(x.stop)
	<-x.done
}

func (x *writer) run(store, dir string) {
	defer close(x.done)
	err := x.write(store, dir)
	if err != nil {
		x.log.Warn("the database lacks runs of this campaign; groupy store rebuild brings it up to the journals", "error", err)
	}
}

func (x *writer) write(store, dir string) (err error) {
	lock, err := holdShared(store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	db, err := OpenDB(store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Sync(dir); err != nil {
		return err
	}
	tick := time.NewTicker(indexing)
	defer tick.Stop()
	for last := false; ; {
		x.mu.Lock()
		lines := x.todo
		x.todo = nil
		x.mu.Unlock()
		if err := db.add(dir, lines); err != nil || last {
			return err
		}
		select {
		case <-tick.C:
		case <-x.stop:
			last = true
		}
	}
}
