package verdict

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"groupy/checker"
	"groupy/harness/plan"
	"groupy/harness/system"
)

// Lag is how far the machine kept the harness from its own pace while a run
// lasted. The nodes share the machine, so what held up the harness may have held
// up them.
type Lag struct {
	WorstMicros int64 `json:"worst_us"` // how late a timer of the harness fired at worst
	Late        int   `json:"late"`     // timers that fired more than one beat late
	Timers      int   `json:"timers"`
	// StalledMicros is for how long some process waited for a processor, by the
	// kernel's pressure stall information; -1 where there is none.
	StalledMicros int64   `json:"stalled_us"`
	Load          float64 `json:"load"` // one-minute average at the end; -1 where there is none
}

// beat is the time between two timers of a lag meter.
const beat = 10 * time.Millisecond

// LagMeter measures, for as long as somebody asks, how late timers fire. One
// meter serves all runs of a process.
type LagMeter struct {
	now func() time.Time

	mu    sync.Mutex
	open  map[*Lag]int64 // to the stalled time at its begin
	quiet func()         // stops the timers; nil: there are none
}

// NewLagMeter makes a meter that reads the time from now.
func NewLagMeter(now func() time.Time) *LagMeter {
	return &LagMeter{now: now, open: map[*Lag]int64{}}
}

// Begin measures from now on, until the function that it gives is called, which
// gives what was measured.
func (m *LagMeter) Begin() (end func() *Lag) {
	l := &Lag{}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open[l] = stalled()
	if m.quiet == nil {
		m.start()
	}
	return func() *Lag {
		m.mu.Lock()
		defer m.mu.Unlock()
		l.StalledMicros, l.Load = -1, load()
		if now := stalled(); now >= 0 && m.open[l] >= 0 {
			l.StalledMicros = now - m.open[l]
		}
		delete(m.open, l)
		if len(m.open) == 0 && m.quiet != nil {
			m.quiet()
			m.quiet = nil
		}
		return l
	}
}

func (m *LagMeter) start() {
	stop := make(chan struct{})
	m.quiet = func() { close(stop) }
	go func() {
		timer := time.NewTimer(beat)
		defer timer.Stop()
		for due := m.now().Add(beat); ; {
			select {
			case <-stop:
				return
			case <-timer.C:
			}
			now := m.now()
			m.fired(now.Sub(due))
			due = now.Add(beat)
			timer.Reset(beat)
		}
	}()
}

// fired takes how late one timer was.
func (m *LagMeter) fired(late time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for l := range m.open {
		l.Timers++
		l.WorstMicros = max(l.WorstMicros, late.Microseconds())
		if late > beat {
			l.Late++
		}
	}
}

// stalled is the kernel's count of µs in which some process waited for a
// processor; -1 where it does not count.
func stalled() int64 {
	data, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return -1
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	_, total, found := strings.Cut(string(line), "total=")
	n, err := strconv.ParseInt(total, 10, 64)
	if !found || err != nil {
		return -1
	}
	return n
}

// load is the one-minute load average; -1 where there is none.
func load() float64 {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(data), " ")
	x, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return x
}

// ReasonLag is the code of a verdict that is unknown since the machine lagged.
const ReasonLag = "machine-lag"

// tolerable is the lag, in µs, from which on a node of this plan may have been
// held up for so long that others rightly took it for dead: half of the
// detector's timeout.
func tolerable(p *plan.Plan) int64 { return p.Limits.SettleMicros }

// excuse takes back what a run of the real world is blamed for and the machine may
// have done: that something did not come in time; and, where a protocol's promises
// rest on nobody being suspected who lives and the history shows that somebody
// was, all of them. That a process ended unasked is its own doing on any machine.
func (j *Judgement) excuse(p *plan.Plan, lag *Lag) {
	if lag == nil || lag.WorstMicros < tolerable(p) || j.Verdict != checker.Invalid {
		return
	}
	sensitive := presumesDetector(p.Protocol) && j.leftOut
	var excused []string
	blamed := false
	for _, property := range checker.Properties {
		r := j.Properties[property.Name]
		if !r.Promised || r.Verdict != checker.Invalid {
			continue
		}
		if property.Name == "no-unasked-end" || !sensitive && property.Kind != checker.Liveness {
			blamed = true
			continue
		}
		excused = append(excused, property.Name)
	}
	if len(excused) == 0 {
		return
	}
	reason := checker.Reason{Code: ReasonLag, Text: fmt.Sprintf(
		"the machine held the harness up for %d ms, which a detector timeout of %d ms does not bear: %s may be its doing; run it with fewer side by side, or with a longer --timeout",
		lag.WorstMicros/1000, 2*tolerable(p)/1000, strings.Join(excused, ", "))}
	for _, name := range excused {
		r := j.Properties[name]
		r.Verdict, r.Reason = checker.Unknown, &reason
		j.Properties[name] = r
	}
	j.Unknown = append(j.Unknown, reason)
	if !blamed {
		j.Verdict = checker.Unknown
	}
}

// presumesDetector reports whether a protocol's promises presume that nobody is
// suspected who lives.
func presumesDetector(protocol string) bool {
	for _, l := range system.Levels {
		if l.Name == protocol {
			return l.TrustsDetector
		}
	}
	return false
}
