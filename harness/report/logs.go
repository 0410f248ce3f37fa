package report

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"

	"groupy/checker/history"
	"groupy/harness/store"
)

// LogLine is a line of a node's log.
type LogLine struct {
	File string // its name below logs/
	Line int    // from 1
	Text string
	// Before is by how much it is older than the event; "": it tells of its moment.
	Before string
}

// logs finds what a node logged about the time of an event.
type logs struct {
	folder string
	began  time.Time // of the run, where logs tell the time of day
	has    map[string]bool
	read   map[string][]stamped
}

// stamped is a line of a log with its time since the run began.
type stamped struct {
	at time.Duration
	LogLine
}

func openLogs(folder string, p *Page) *logs {
	l := &logs{folder: folder, has: map[string]bool{}, read: map[string][]stamped{}}
	for _, name := range p.Logs {
		l.has[name] = true
	}
	if p.Record != nil {
		l.began = p.Record.Began
	}
	return l
}

// near is the line of a member's log that tells of an event: of those of its
// moment one that names its view or message, else the last one up to then, or the
// first one after it. It is nil if there is none nearby whose time can be read.
func (l *logs) near(e history.Event) *LogLine {
	name := e.Member + ".log"
	if e.Member == "" || !l.has[name] {
		return nil
	}
	lines, ok := l.read[name]
	if !ok {
		lines = l.load(name)
		l.read[name] = lines
	}
	if len(lines) == 0 {
		return nil
	}
	at := time.Duration(e.Time)
	after := sort.Search(len(lines), func(i int) bool { return lines[i].at > at+slack })
	found := lines[max(0, after-1)]
	if named := naming(e); named != nil {
		for i := after - 1; i >= 0 && lines[i].at >= at-slack; i-- {
			if named.MatchString(lines[i].Text) {
				found = lines[i]
				break
			}
		}
	}
	line := found.LogLine
	switch apart := at - found.at; {
	case max(apart, -apart) > nearby:
		return nil // it tells of something else
	case apart > slack:
		line.Before = span(apart)
	}
	return &line
}

// slack is how far a log's time may be from the history's: real logs count whole
// milliseconds.
const slack = 2 * time.Millisecond

// nearby is how far a line of a log may be from an event that it is shown beside.
const nearby = 100 * time.Millisecond

// naming matches a line that names what an event is about; nil: it is about
// nothing.
func naming(e history.Event) *regexp.Regexp {
	switch {
	case e.Type == history.View:
		return regexp.MustCompile(`\bview ` + regexp.QuoteMeta(e.View) + `(\W|$)`)
	case e.Msg != "":
		return regexp.MustCompile(`(^|\W)` + regexp.QuoteMeta(e.Msg) + `(\W|$)`)
	}
	return nil
}

// virtualTime is how a node in a virtual world logs its time.
var virtualTime = regexp.MustCompile(`\bat="?([0-9.]+[a-zµ]+)"?$`)

func (l *logs) load(name string) (list []stamped) {
	file, err := os.Open(filepath.Join(l.folder, store.LogFolder, name))
	if err != nil {
		return nil
	}
	defer file.Close()
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan(); n++ {
		text := scan.Text()
		first, _, _ := strings.Cut(text, " ")
		if at, err := time.Parse("2006-01-02T15:04:05.000Z0700", first); err == nil {
			list = append(list, stamped{at.Sub(l.began), LogLine{File: name, Line: n, Text: text}})
		} else if m := virtualTime.FindStringSubmatch(text); m != nil {
			if at, err := time.ParseDuration(m[1]); err == nil {
				list = append(list, stamped{at, LogLine{File: name, Line: n, Text: text}})
			}
		}
	}
	return list
}
