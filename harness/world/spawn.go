package world

import (
	"os/exec"
	"runtime"
	"sync"

	"groupy/node/draw"
)

// spawner starts processes from one OS thread that lives as long as the program.
// Linux sends Pdeathsig when the *thread* that started a child ends, so a child
// started from an ordinary goroutine could be killed whenever Go retires the
// thread it happened to run on.
var spawner = sync.OnceValue(func() chan<- spawnRequest {
	requests := make(chan spawnRequest)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the program
		for r := range requests {
			r.done <- r.cmd.Start()
		}
	}()
	return requests
})

type spawnRequest struct {
	cmd  *exec.Cmd
	done chan error
}

// spawn is cmd.Start on the spawner's thread.
func spawn(cmd *exec.Cmd) error {
	r := spawnRequest{cmd: cmd, done: make(chan error, 1)}
	spawner() <- r
	return <-r.done
}

// seedOf is the seed of one start of a node; exact in a JSON number.
func seedOf(seed, name string, incarnation int) uint64 {
	return draw.New(seed).With(name).At(uint64(incarnation)).Uint64() >> 12
}
