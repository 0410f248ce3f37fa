package trace

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"groupy/checker/history"
)

// End is the end of a member's process, or of the member itself where it cannot go on
// with what it had stored.
type End struct {
	At     int64
	Time   time.Duration // since the run began; for people
	Q      int32
	How    string // history.StopKill and so on
	Code   int    // by exit
	Reason string // of a signal its name, of damage what the member says of it
	Asked  string // what a process that exits had been asked before: kill, shutdown, leave
	Cause  string // what its log names as what ended it
	Log    []string
	Fault  string // of the plan: that damages what is stored, or has the disk refuse a process what it must keep
}

func endOf(e *history.Event, q int32) End {
	end := End{
		At: e.Index, Time: time.Duration(e.Time), Q: q, How: e.How, Reason: e.Reason,
		Asked: e.Asked, Cause: e.Cause, Log: slices.Clone(e.Log), Fault: e.Fault,
	}
	if e.Code != nil {
		end.Code = *e.Code
	}
	return end
}

// Unasked reports whether nobody asked for the end: the plan has no part in it, so it
// excuses nothing.
func (e *End) Unasked() bool {
	switch e.How {
	case history.StopExit, history.StopSignal:
		if e.How == history.StopExit && e.Fault != "" {
			return false
		}
		return e.Asked == "" || e.Asked == history.StopLeave && (e.How == history.StopSignal || e.Code != 0)
	case history.StopDamaged:
		return e.Fault == ""
	}
	return false
}

// Disorderly reports whether the process was asked to shut down, and then exited with
// another code than 0, or by a signal.
func (e *End) Disorderly() bool {
	return (e.How == history.StopExit || e.How == history.StopSignal) && e.Asked == history.StopShutdown
}

// Wrong reports whether the end should not have been, or not in this way.
func (e *End) Wrong() bool { return e.Unasked() || e.Disorderly() }

// Kind is how it ended and the place that it names, the same for the same end of
// another member in another run.
func (e *End) Kind() string {
	kind, place := "", e.Cause
	switch e.How {
	case history.StopExit:
		kind = "exit " + strconv.Itoa(e.Code)
	case history.StopSignal:
		kind = e.Reason
	case history.StopDamaged:
		kind, place = history.StopDamaged, e.Reason
	}
	if e.Disorderly() {
		kind = "shutdown by " + kind
	}
	if place = strings.TrimSpace(passing.ReplaceAllString(place, "·")); place != "" {
		kind += ": " + clip(place)
	}
	return kind
}

// passing are the parts of a line that another run writes otherwise: addresses and
// other long hexadecimal numbers, paths of the machine, names of a plan's nodes,
// members, clients, messages (n1, n1.2, c3, m41, b7), and numbers. A name like I3 or
// gms5 stays, since it belongs to the program.
var passing = regexp.MustCompile(`0x[0-9a-fA-F]+|\b[0-9a-f]{12,}\b|(?:/[^\s/:]+){2,}/?|\b[a-z]\d+(?:\.\d+)*\b|\b\d+(?:\.\d+)*\b`)

// clip keeps a kind short enough to stand in a line.
func clip(text string) string {
	const most = 100
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return text
}
