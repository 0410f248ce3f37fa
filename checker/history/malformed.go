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
	return Place(m.Name, m.Line, m.Column) + ": malformed history: " + m.Problem
}

// Place says where in an input something is: name:line:column, without what is 0.
func Place(name string, line, column int) string {
	if line > 0 {
		name = fmt.Sprintf("%s:%d", name, line)
	}
	if column > 0 {
		name = fmt.Sprintf("%s:%d", name, column)
	}
	return name
}
