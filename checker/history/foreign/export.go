package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"groupy/checker/history"
	"groupy/checker/history/edn"
)

// Notations are the forms in which Export writes: Jepsen's, in which Knossos and
// Elle read, and ours.
var Notations = []string{"jepsen-edn", "jepsen-json", "groupy"}

// Export writes a history in another notation, an operation a line. Hashes over the
// history's own lines are left out: they would be of other lines.
func Export(r *history.Reader, notation string, out io.Writer) error {
	if !slices.Contains(Notations, notation) {
		return fmt.Errorf("histories are not written as %q; there are %s", notation, strings.Join(Notations, ", "))
	}
	if notation == "groupy" {
		return rewrite(r, out)
	}
	x := exporter{edn: notation == "jepsen-edn", numbers: map[string]int64{}, next: unnumbered}
	header, err := json.Marshal(r.Header())
	if err != nil {
		return fmt.Errorf("encode the history's header: %w", err)
	}
	x.line([]pair{{"type", "info"}, {"process", ourProcess}, {"f", headerF}, {"value", json.RawMessage(header)}})
	for e, err := range r.Events() {
		if err != nil {
			return err
		}
		if e.Type == history.Hash {
			continue
		}
		if err := x.event(e); err != nil {
			return err
		}
		if len(x.buf) > 1<<16 {
			if _, err := out.Write(x.buf); err != nil {
				return fmt.Errorf("write: %w", err)
			}
			x.buf = x.buf[:0]
		}
	}
	if _, err := out.Write(x.buf); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func rewrite(r *history.Reader, out io.Writer) error {
	w, err := history.NewWriter(out, *r.Header())
	if err != nil {
		return err
	}
	for e, err := range r.Events() {
		if err != nil {
			return err
		}
		if e.Type == history.Hash {
			continue
		}
		if err := w.Append(e); err != nil {
			return err
		}
	}
	return w.Flush()
}

// unnumbered is where the numbers of processes begin that have none of their own.
const unnumbered = 1_000_000

type exporter struct {
	edn     bool
	buf     []byte
	numbers map[string]int64 // of processes
	next    int64
}

// pair is a key with its value: a string that is a name, an int64, or JSON.
type pair struct {
	key   string
	value any
}

func (x *exporter) event(e *history.Event) error {
	switch e.Type {
	case history.Invoke, history.OK, history.Fail, history.Info:
		return x.operation(e)
	}
	rest := *e
	rest.Type, rest.Index, rest.Time, rest.Extra = "", 0, 0, nil
	value, err := json.Marshal(rest)
	if err != nil {
		return fmt.Errorf("encode event %d: %w", e.Index, err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(value, &keys); err != nil {
		return fmt.Errorf("encode event %d: %w", e.Index, err)
	}
	delete(keys, "index")
	delete(keys, "time")
	delete(keys, "type")
	maps.Copy(keys, e.Extra)
	if value, err = json.Marshal(keys); err != nil {
		return fmt.Errorf("encode event %d: %w", e.Index, err)
	}
	x.line([]pair{
		{"type", "info"},
		{"process", ourProcess},
		{"f", string(e.Type)},
		{"value", json.RawMessage(value)},
		{"time", e.Time},
		{"index", e.Index},
	})
	return nil
}

func (x *exporter) operation(e *history.Event) error {
	value, keyed := e.Value, false
	if value == nil {
		value = json.RawMessage("null")
	} else {
		value, keyed = tuple(value)
	}
	number, own := x.number(e.Process)
	line := []pair{
		{"type", string(e.Type)},
		{"process", number},
		{"f", e.F},
		{"value", value},
		{"time", e.Time},
		{"index", e.Index},
	}
	for _, p := range []pair{{"error", e.Error}, {"node", e.Node}, {"member", e.Member}, {"msg", e.Msg}} {
		if p.value != "" {
			line = append(line, pair{p.key, quoted(p.value.(string))})
		}
	}
	if e.Value == nil {
		line = append(line, pair{"unsaid", json.RawMessage("true")})
	}
	if keyed {
		line = append(line, pair{"keyed", json.RawMessage("true")})
	}
	if !own {
		line = append(line, pair{"name", quoted(e.Process)})
	}
	for _, key := range slices.Sorted(maps.Keys(e.Extra)) {
		line = append(line, pair{key, e.Extra[key]})
	}
	x.line(line)
	return nil
}

// number is a process's number; own is false if its name does not say it.
func (x *exporter) number(process string) (n int64, own bool) {
	if digits, found := strings.CutPrefix(process, "c"); found {
		if n, err := strconv.ParseInt(digits, 10, 32); err == nil && n < unnumbered && strconv.FormatInt(n, 10) == digits {
			return n, true
		}
	}
	n, known := x.numbers[process]
	if !known {
		n, x.next = x.next, x.next+1
		x.numbers[process] = n
	}
	return n, false
}

// tuple says {"key":k,"value":v} as [k v] and {"key":k,"from":a,"to":b} as
// [k [a b]], as Jepsen has it for independent objects.
func tuple(raw json.RawMessage) (_ json.RawMessage, keyed bool) {
	var v map[string]json.RawMessage
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &v) != nil || len(v["key"]) == 0 || v["key"][0] != '"' {
		return raw, false
	}
	switch {
	case len(v) == 2 && v["value"] != nil:
		return fmt.Appendf(nil, "[%s,%s]", v["key"], v["value"]), true
	case len(v) == 3 && v["from"] != nil && v["to"] != nil:
		return fmt.Appendf(nil, "[%s,[%s,%s]]", v["key"], v["from"], v["to"]), true
	}
	return raw, false
}

// line appends one operation.
func (x *exporter) line(pairs []pair) {
	if !x.edn {
		x.jsonLine(pairs)
		return
	}
	v := edn.Value{Kind: edn.Map}
	for _, p := range pairs {
		v.Items = append(v.Items, edn.Name(p.key))
		switch value := p.value.(type) {
		case string:
			v.Items = append(v.Items, edn.Name(value))
		case int64:
			v.Items = append(v.Items, edn.Int(value))
		case json.RawMessage:
			v.Items = append(v.Items, edn.FromJSON(value))
		}
	}
	x.buf = append(v.Append(x.buf), '\n')
}

func (x *exporter) jsonLine(pairs []pair) {
	x.buf = append(x.buf, '{')
	for i, p := range pairs {
		if i > 0 {
			x.buf = append(x.buf, ',')
		}
		x.buf = append(append(x.buf, quoted(p.key)...), ':')
		switch value := p.value.(type) {
		case string:
			x.buf = append(x.buf, quoted(value)...)
		case int64:
			x.buf = strconv.AppendInt(x.buf, value, 10)
		case json.RawMessage:
			var flat bytes.Buffer
			_ = json.Compact(&flat, value) // a reader's value is JSON
			x.buf = append(x.buf, flat.Bytes()...)
		}
	}
	x.buf = append(x.buf, '}', '\n')
}
