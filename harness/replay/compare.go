package replay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Difference is where two histories part.
type Difference struct {
	Line int    // number of the first line that differs, the header's is 1
	A, B string // the two lines; "" where a history has ended
}

// String says it for people.
func (d *Difference) String() string {
	show := func(line string) string {
		if line == "" {
			return "(the history ends)"
		}
		return line
	}
	return fmt.Sprintf("line %d differs:\n  %s\n  %s", d.Line, show(d.A), show(d.B))
}

// Compare gives the first difference of two histories; nil if they are the same,
// byte for byte.
func Compare(a, b io.Reader) (*Difference, error) {
	ra, rb := bufio.NewReaderSize(a, 1<<16), bufio.NewReaderSize(b, 1<<16)
	for n := 1; ; n++ {
		la, errA := ra.ReadBytes('\n')
		lb, errB := rb.ReadBytes('\n')
		for _, err := range []error{errA, errB} {
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
		}
		if !bytes.Equal(la, lb) {
			return &Difference{Line: n, A: string(bytes.TrimSpace(la)), B: string(bytes.TrimSpace(lb))}, nil
		}
		if errA != nil {
			return nil, nil
		}
	}
}
