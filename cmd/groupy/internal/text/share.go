package text

import (
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Share is how much of the processors' time this process, and the processes that
// it started and that are over, have used since it was begun.
type Share struct {
	began          time.Time
	self, children time.Duration
}

func BeginShare(now time.Time) Share {
	self, children := used()
	return Share{now, self, children}
}

// Text tells the shares up to now; "" where the system does not count them.
func (s Share) Text(now time.Time) string {
	all := now.Sub(s.began) * time.Duration(runtime.NumCPU())
	self, children := used()
	if all <= 0 || self == 0 {
		return ""
	}
	percent := func(d time.Duration) float64 { return 100 * float64(d) / float64(all) }
	return fmt.Sprintf("the harness used %.1f%% of the processors' time, the nodes %.1f%%", percent(self-s.self), percent(children-s.children))
}

// used is the processor time of this process and of its dead children with
// theirs; 0 where it is not known.
func used() (self, children time.Duration) {
	var usage unix.Rusage
	for who, sum := range map[int]*time.Duration{unix.RUSAGE_SELF: &self, unix.RUSAGE_CHILDREN: &children} {
		if unix.Getrusage(who, &usage) == nil {
			*sum = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
		}
	}
	return self, children
}
