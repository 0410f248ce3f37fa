package history

import "fmt"

// Malformed is the error for input that is no history of this format. It names
// the place and says what is wrong there and what to do.
type Malformed struct {
	Name    string // of the input, usually a path
	Line    int    // header = 1; 0 where no line is to blame
	Column  int    // in bytes, first = 1; 0 where the whole line is to blame
	Problem string
}

// Error gives name:line:column: problem, without the parts that are unknown.
func (m *Malformed) Error() string {
	place := m.Name
	if m.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, m.Line)
	}
	if m.Column > 0 {
		place = fmt.Sprintf("%s:%d", place, m.Column)
	}
	return place + ": malformed history: " + m.Problem
}
