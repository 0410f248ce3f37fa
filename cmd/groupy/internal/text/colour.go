package text

import (
	"io"
	"os"

	"golang.org/x/term"

	"groupy/checker"
)

// colours of verdicts, as ANSI's terminals have them.
var colours = map[checker.Verdict]string{checker.Valid: "32", checker.Invalid: "31", checker.Unknown: "33"}

// painted is a verdict in its colour where out is a terminal that shows colours:
// NO_COLOR (no-color.org) and a dumb terminal want none.
func painted(out io.Writer, v checker.Verdict) string {
	if !isTerminal(out) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return string(v)
	}
	return "\x1b[1;" + colours[v] + "m" + string(v) + "\x1b[0m"
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
