package report

import "slices"

// Verdict is the outcome of a property or of a whole history.
type Verdict string

// The verdicts. In a composition invalid outweighs unknown, and unknown valid.
const (
	Valid   Verdict = "valid"
	Invalid Verdict = "invalid"
	Unknown Verdict = "unknown"
)

// ExitCode is the process exit code of a verdict, as Jepsen's: 0, 1, 2. Bad
// arguments or unreadable input are 254, a harness that broke is 255.
func (v Verdict) ExitCode() int {
	switch v {
	case Valid:
		return 0
	case Invalid:
		return 1
	default:
		return 2
	}
}

// Report is what `groupy check --json` prints and verdict.json holds.
type Report struct {
	Verdict    Verdict           `json:"verdict"`
	Properties map[string]Result `json:"properties"`
	Stats      Stats             `json:"stats"`
	// LeftOut names the properties that were not judged, since the history's source
	// says too little about them, each with the reason.
	LeftOut map[string]string `json:"left_out,omitempty"`
	// Unknown says, for people and programs, why the history proves less than it
	// should. It is empty where nothing is missing.
	Unknown []Reason `json:"unknown,omitempty"`
}

// Result is one property's outcome. Only promised properties decide the report's
// verdict; the others are observed.
type Result struct {
	Verdict     Verdict `json:"verdict"`
	Promised    bool    `json:"promised"`
	Evidence    int64   `json:"evidence"` // comparisons made
	Count       int64   `json:"count,omitempty"`
	Explanation string  `json:"explanation,omitempty"`
	// Kinds are the ways in which the property is broken, the first one's first, where
	// it tells several apart: failures of one kind are taken for one bug.
	Kinds   []string  `json:"kinds,omitempty"`
	Witness []Witness `json:"witness,omitempty"` // minimal: together impossible
	Reason  *Reason   `json:"reason,omitempty"`  // of unknown
}

// Witness is one event of a witness, by its index in the history.
type Witness struct {
	Index int64 `json:"index"`
	// Line is the event's line in the file, header = 1.
	Line int `json:"line"`
	// Text is the event in words, for people.
	Text string `json:"text,omitempty"`
}

// Reason is why something is unknown: a stable code for programs and a sentence
// for people.
type Reason struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Stats counts what a history holds.
type Stats struct {
	Events     int64            `json:"events"`
	Members    int64            `json:"members"`
	Views      int64            `json:"views"`      // distinct view names installed
	Installs   int64            `json:"installs"`   // view events
	Messages   int64            `json:"messages"`   // distinct messages multicast
	Deliveries int64            `json:"deliveries"` // deliver events
	Shared     int64            `json:"shared"`     // messages delivered by two members or more
	Operations map[string]Count `json:"operations"` // by f
	Faults     map[string]Count `json:"faults"`     // by fault: OK = begun, Fail = skipped
	Truncated  bool             `json:"truncated,omitempty"`
}

// Count counts operations by outcome.
type Count struct {
	Invoke int64 `json:"invoke,omitempty"`
	OK     int64 `json:"ok"`
	Fail   int64 `json:"fail"`
	Info   int64 `json:"info"`
}

// Leave takes note of a property that is not judged.
func (rep *Report) Leave(name, why string) {
	if rep.LeftOut == nil {
		rep.LeftOut = map[string]string{}
	}
	rep.LeftOut[name] = why
}

// Add takes one property's result into the report.
func (rep *Report) Add(name string, res Result) {
	rep.Properties[name] = res
	if !res.Promised {
		return
	}
	switch res.Verdict {
	case Invalid:
		rep.Verdict = Invalid
	case Unknown:
		rep.Lack(*res.Reason)
	}
}

// Lack takes a reason into the report, each once.
func (rep *Report) Lack(why Reason) {
	if rep.Verdict == Valid {
		rep.Verdict = Unknown
	}
	if !slices.Contains(rep.Unknown, why) {
		rep.Unknown = append(rep.Unknown, why)
	}
}
