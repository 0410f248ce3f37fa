package world

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"

	"groupy/node"
)

// Bounds of what is taken of a dead process's log.
const (
	reportBytes = 1 << 20 // that are looked at after a crash
	tailBytes   = 8 << 10 // and after any other end
	lastLines   = 6       // that are kept
	lineBytes   = 200     // of each
)

// Words are what a process has left in its log.
type Words struct {
	Cause string   // the line that names what ended it, without addresses; "": none does
	Last  []string // the last lines
}

// Log is the log of one start of a node, open for the process to write.
type Log struct {
	*os.File
	from int64 // where this start's part begins
}

// OpenLog opens the log of one start of a node, n1.1.log. A member that is started
// again goes on in its file.
func OpenLog(dir, name string, incarnation int) (Log, error) {
	path := filepath.Join(dir, node.MemberName(name, incarnation)+".log")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return Log{}, fmt.Errorf("open %s's log: %w", name, err)
	}
	info, err := file.Stat()
	if err != nil {
		return Log{}, errors.Join(err, file.Close())
	}
	return Log{file, info.Size()}, nil
}

// Words are those of a process that ended so, also when the log is closed here. A log
// that cannot be read has none: the end is told all the same. Only of a crash much is
// read, since its report may be long.
func (l Log) Words(code int, signal string) Words {
	most := int64(tailBytes)
	if code > 0 || signal != "" && signal != syscall.SIGKILL.String() {
		most = reportBytes
	}
	log, err := os.Open(l.Name())
	if err != nil {
		return Words{}
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return Words{}
	}
	from := max(l.from, info.Size()-most)
	text := make([]byte, max(0, info.Size()-from))
	n, err := log.ReadAt(text, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return Words{}
	}
	return WordsOf(text[:n])
}

// WordsOf finds the words in the end of a log.
func WordsOf(log []byte) Words {
	var lines []string
	for line := range bytes.Lines(log) {
		lines = append(lines, string(bytes.TrimRight(line, "\r\n")))
	}
	w := Words{Cause: cause(lines)}
	for i := len(lines) - 1; i >= 0 && len(w.Last) < lastLines; i-- {
		if line := cut(lines[i]); line != "" {
			w.Last = append([]string{line}, w.Last...)
		}
	}
	return w
}

// Repeatable is what the same run leaves each time, on each machine and in each of
// the virtual worlds: the cause. Other lines tell times and addresses.
func (w Words) Repeatable() Words { return Words{Cause: w.Cause} }

// crash is how a language's crash report begins. head gives the line that names the
// cause, of the report's lines, or "".
type crash struct {
	begins *regexp.Regexp
	head   func(report []string) string
}

// crashes is the visible list.
var crashes = []crash{
	{regexp.MustCompile(`^(panic|fatal error): `), itself},                                         // Go
	{regexp.MustCompile(`^thread '.*' (\(\d+\) )?panicked at `), twoLines},                         // Rust
	{regexp.MustCompile(`^Traceback \(most recent call last\):`), unindented},                      // Python
	{regexp.MustCompile(`^Exception in thread `), itself},                                          // Java
	{regexp.MustCompile(`^(Uncaught )?([A-Z]\w*)?Error: `), itself},                                // JavaScript
	{regexp.MustCompile(`^\*\* \(\w`), itself},                                                     // Elixir
	{regexp.MustCompile(`^terminate called |: Assertion .* failed\.?$|^Assertion failed`), itself}, // C and C++
}

// cause looks for the last crash report. A program may have reported others before
// and gone on.
func cause(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		for _, c := range crashes {
			if !c.begins.MatchString(lines[i]) {
				continue
			}
			if head := c.head(lines[i:]); head != "" {
				return cut(addresses.ReplaceAllString(head, "0x·"))
			}
		}
	}
	return ""
}

var addresses = regexp.MustCompile(`0x[0-9a-fA-F]+`)

func itself(report []string) string { return report[0] }

// twoLines: the place, and on the next line what happened there. The thread's number
// is another one each time.
func twoLines(report []string) string {
	_, place, _ := strings.Cut(report[0], " panicked at ")
	if len(report) > 1 && strings.HasSuffix(place, ":") {
		place += " " + report[1]
	}
	return "panicked at " + place
}

// unindented is the first line that is no part of the traceback.
func unindented(report []string) string {
	for _, line := range report[1:] {
		if line != "" && line[0] != ' ' {
			return line
		}
	}
	return ""
}

// cut bounds a line, between two characters.
func cut(line string) string {
	line = strings.ToValidUTF8(strings.TrimRight(line, " \t"), "\ufffd")
	if len(line) <= lineBytes {
		return line
	}
	n := lineBytes
	for !utf8.RuneStart(line[n]) {
		n--
	}
	return line[:n] + "…"
}
