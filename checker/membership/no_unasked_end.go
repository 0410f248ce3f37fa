package membership

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"groupy/checker/history"
	"groupy/checker/report"
	"groupy/checker/trace"
)

// NoUnaskedEnd is asked of everybody: a process that panics, exits or is killed by the
// kernel has failed, whatever the others make of it.
var NoUnaskedEnd = trace.Property{
	Name: "no-unasked-end", Kind: trace.Safety, Promised: true, Lasting: true,
	Statement: "no member ends unasked: its process does not exit by itself, nor by a signal that nobody sent, nor with another code than 0 when asked to shut down; and it does not find what it stored damaged where no fault damages it",
	Check:     checkNoUnaskedEnd,
}

func checkNoUnaskedEnd(t *trace.Trace) report.Result {
	var f report.Finding
	var kinds []string
	for i := range t.Ends {
		e := &t.Ends[i]
		f.Evidence++
		if !e.Wrong() {
			continue
		}
		if kind := e.Kind(); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		f.Broken(e.At, func() (string, []report.Witness) {
			return ended(t, e), []report.Witness{t.Witness(e.At, "%s", lastWords(t, e))}
		})
	}
	r := f.Done()
	r.Kinds = kinds
	return r
}

// ended tells how a member ended, and what it says of it.
func ended(t *trace.Trace, e *trace.End) string {
	text, said := t.Name(int(e.Q)), e.Cause
	switch {
	case e.How == history.StopDamaged:
		text, said = text+" finds what it stored damaged, and no fault damages it", e.Reason
	case e.Disorderly():
		text += " was asked to shut down, and ends with " + with(e)
	case e.How == history.StopSignal:
		text += " is ended by a signal that nobody sent, " + e.Reason
	default:
		text += fmt.Sprintf(" exits by itself with code %d", e.Code)
	}
	if said != "" {
		text += ": " + said
	}
	return text
}

func with(e *trace.End) string {
	if e.How == history.StopSignal {
		return "a signal, " + e.Reason
	}
	return fmt.Sprintf("code %d", e.Code)
}

// lastWords is the event of an end, with its time and what the log ends with.
func lastWords(t *trace.Trace, e *trace.End) string {
	text := fmt.Sprintf("%s ends with %s after %v", t.Name(int(e.Q)), with(e), e.Time.Round(time.Millisecond))
	if e.How == history.StopDamaged {
		text = fmt.Sprintf("%s gives up what it stored after %v", t.Name(int(e.Q)), e.Time.Round(time.Millisecond))
	}
	switch {
	case len(e.Log) > 0:
		text += "; its log ends with: " + strings.Join(e.Log, " | ")
	case e.Cause != "":
		text += "; its log says: " + e.Cause
	}
	return text
}
