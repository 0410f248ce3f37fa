package checker_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/objects"
)

// odd are values of kinds that no model expects everywhere.
var odd = []string{
	"null", "1", "-0", "1e400", "0.5", `"x"`, `""`, "[]", "[null]", "[1,[1]]", `{"key":"k"}`, `{"key":null,"value":1}`,
	`{"key":{"a":[1]},"value":[1,2,3]}`, `{"value":{"value":1}}`, `{"position":-1}`, `{"position":"1"}`, "[1,2,3]",
	"99999999999999999999999999", "-9223372036854775808", "2147483647", "2147483648", "true", `{"from":1}`, `{"from":[],"to":{}}`,
}

// FuzzModels judges operations with arbitrary values by every model: none may
// panic, and every result must carry what it owes.
func FuzzModels(f *testing.F) {
	for _, v := range odd {
		f.Add("", v, v, v)
		f.Add("initial=[1],nil=any", "1", v, "1")
		f.Add("initial=5", v, "[1]", v)
	}
	f.Fuzz(func(t *testing.T, settings, asked, answered, asked2 string) {
		for _, m := range objects.Models {
			judgeOdd(t, m, settings, asked, answered, asked2)
		}
	})
}

func judgeOdd(t *testing.T, m objects.Model, settings, asked, answered, asked2 string) {
	var events []history.Event
	for i, op := range m.Operations {
		for j, value := range []string{asked, asked2} {
			process := strings.Repeat("c", 1+2*i+j)
			events = append(events, history.Event{Type: history.Invoke, Process: process, F: op.F, Value: json.RawMessage(value)})
			if j == 0 {
				events = append(events, history.Event{Type: history.OK, Process: process, F: op.F, Value: json.RawMessage(answered)})
			}
		}
	}
	for i := range events {
		if !json.Valid(events[i].Value) {
			return
		}
		events[i].Index = int64(i)
	}
	r, err := history.NewReader(bytes.NewReader(encode(t, history.Header{}, events)), "fuzz")
	if err != nil {
		t.Fatal(err)
	}
	rep, err := checker.Check(r, checker.Options{
		Promises: []string{"linearizability"}, Model: m.Name + ":" + settings,
		Search: linear.Searcher{Time: 50 * time.Millisecond, Search: func(p *linear.Problem, limit time.Duration) linear.Answer {
			return p.Answer(limit, new(linear.Progress), func(linear.Answer) {})
		}},
		Draw: func(p *linear.Picture) {
			var page bytes.Buffer
			if err := p.Draw(&page, 50*time.Millisecond); err != nil {
				t.Errorf("model %s: %v", m.Name, err)
			}
		},
	})
	if err != nil {
		return // the settings are none
	}
	if problem := malformedResult(rep.Properties["linearizability"], int(rep.Stats.Events)); problem != "" {
		t.Errorf("model %s: %s", m.Name, problem)
	}
}
