package foreign

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parts are what a log may say of a delivery.
var parts = []string{"member", "msg", "view", "sender", "state"}

// Columns says where a log has each part of a delivery: by part the name or the
// number of a column, or the path of a key.
type Columns map[string]string

// ParseColumns reads the form member=0,msg=3,view=2. It checks the parts' names, and
// that member and msg are there.
func ParseColumns(text string) (Columns, error) {
	c := Columns{}
	for pair := range strings.SplitSeq(text, ",") {
		part, where, found := strings.Cut(strings.TrimSpace(pair), "=")
		switch {
		case !found || where == "":
			return nil, fmt.Errorf("columns: %q is not PART=COLUMN, as in member=0,msg=3", pair)
		case !slices.Contains(parts, part):
			return nil, fmt.Errorf("columns: a delivery has no %q; it has %s", part, strings.Join(parts, ", "))
		case c[part] != "":
			return nil, fmt.Errorf("columns: %s is given twice", part)
		}
		c[part] = where
	}
	return c, c.complete()
}

func (c Columns) complete() error {
	for _, part := range parts[:2] {
		if c[part] == "" {
			return fmt.Errorf("a log of deliveries needs to be told where %s is, as in --columns member=0,msg=3", part)
		}
	}
	return nil
}

// numbers gives the columns by number, and reports false if one is a name.
func (c Columns) numbers() (byPart map[string]int, ok bool) {
	byPart = map[string]int{}
	for part, where := range c {
		n, err := strconv.Atoi(where)
		if err != nil || n < 0 {
			return nil, false
		}
		byPart[part] = n
	}
	return byPart, true
}

// named finds the columns in a first row of names.
func (c Columns) named(row []string) (map[string]int, error) {
	byPart := map[string]int{}
	for part, where := range c {
		at := slices.Index(row, where)
		if at < 0 {
			return nil, fmt.Errorf("the first row has no column %q for %s; it has %s", where, part, strings.Join(row, ", "))
		}
		byPart[part] = at
	}
	return byPart, nil
}
