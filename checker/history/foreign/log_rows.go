package foreign

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// has reports whether the log has a part of deliveries.
func (in *input) has(part string) bool {
	if in.Columns[part] != "" {
		return true
	}
	return in.Pattern != "" && strings.Contains(in.Pattern, "<"+part+">")
}

// delimited is the format of tables whose columns are divided by comma.
func delimited(name string, comma rune, sentence string) Format {
	return log(name, sentence, func(in *input, f func(delivery) error) error {
		if err := in.Columns.complete(); err != nil {
			return err
		}
		r := csv.NewReader(in.src)
		r.Comma, r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = comma, -1, true, comma == '\t'
		at, numbered := in.Columns.numbers()
		for first := true; ; first = false {
			row, err := r.Read()
			var bad *csv.ParseError
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case errors.As(err, &bad):
				return in.fail(bad.Line, bad.Column, "%v", bad.Err)
			case err != nil:
				return fmt.Errorf("read %s: %w", in.path, err)
			}
			line, _ := r.FieldPos(0)
			if first && !numbered {
				if at, err = in.Columns.named(slices.Clone(row)); err != nil {
					return in.fail(line, 0, "%v", err)
				}
				continue
			}
			d := delivery{line, map[string]string{}}
			for part, column := range at {
				if column >= len(row) {
					return in.fail(line, 0, "the row has %d columns, and %s is to be column %d, counted from 0", len(row), part, column)
				}
				d.part[part] = row[column]
			}
			if err := f(d); err != nil {
				return err
			}
		}
	})
}

// jsonLines is the format of logs with one JSON object a line.
var jsonLines = log("jsonl", "a log of deliveries with one JSON object a line; --columns says which key is which", func(in *input, f func(delivery) error) error {
	if err := in.Columns.complete(); err != nil {
		return err
	}
	return eachLine(in, func(line []byte, number int) error {
		if len(strings.TrimSpace(string(line))) == 0 {
			return nil
		}
		d := delivery{number, map[string]string{}}
		for part, path := range in.Columns {
			raw := json.RawMessage(line)
			for key := range strings.SplitSeq(path, ".") {
				var object map[string]json.RawMessage
				if err := json.Unmarshal(raw, &object); err != nil {
					return in.fail(number, 0, "no JSON object with a key %s: %v", path, err)
				}
				raw = object[key]
				if raw == nil {
					break
				}
			}
			if raw != nil && string(raw) != "null" {
				d.part[part] = plain(raw)
			}
		}
		return f(d)
	})
})

// lines is the format of logs of any kind, of which a pattern tells the deliveries.
var lines = log("lines", "a log among whose lines --pattern finds deliveries, by groups named member, msg, view, sender and state", func(in *input, f func(delivery) error) error {
	if in.Pattern == "" {
		return errors.New(`the format lines needs a --pattern, as in '(?P<member>\w+) delivers (?P<msg>\w+)'`)
	}
	pattern, err := regexp.Compile(in.Pattern)
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	for _, part := range parts[:2] {
		if pattern.SubexpIndex(part) < 0 {
			return fmt.Errorf("the pattern has no group (?P<%s>…)", part)
		}
	}
	return eachLine(in, func(line []byte, number int) error {
		found := pattern.FindSubmatch(line)
		if found == nil {
			return nil
		}
		d := delivery{number, map[string]string{}}
		for _, part := range parts {
			if at := pattern.SubexpIndex(part); at >= 0 {
				d.part[part] = string(found[at])
			}
		}
		return f(d)
	})
})
