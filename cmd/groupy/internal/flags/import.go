package flags

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/checker/history/foreign"
	"groupy/cmd/groupy/internal/exit"
	"groupy/cmd/groupy/internal/text"
)

// Import say how to read a history that may be none of ours.
type Import struct {
	format  string
	columns string
	pattern string
	tuple   bool
	errOut  func(string)
}

func (f *Import) Add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "", "format of the file: groupy, "+strings.Join(formatNames(), ", ")+" (default: recognised by its beginning)")
	flags.BoolVar(&f.tuple, "tuple", false, "Jepsen's formats: each value is [key value], of an object of its own")
	flags.StringVar(&f.columns, "columns", "", "csv, tsv, jsonl: where a delivery's parts are, as member=0,msg=3[,view=…,sender=…,state=…], by number or name")
	flags.StringVar(&f.pattern, "pattern", "", "lines: regular expression with groups named member, msg, view, …")
	_ = cmd.RegisterFlagCompletionFunc("format", CompleteList(text.Formats))
	f.errOut = func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), text) }
}

func formatNames() (names []string) {
	for _, f := range foreign.Formats {
		names = append(names, f.Name)
	}
	return names
}

// open gives the path of a history of ours with what the file at path holds: path
// itself, or a converted copy, which done takes away. Of a copy it fills in what o
// leaves open: the format's usual model, and the lines of the file itself.
func (f *Import) Open(path string, o *checker.Options) (ours string, done func(), err error) {
	switch info, err := os.Stat(path); {
	case path == "-": // standard input, also beside a file of that name
	case err == nil && info.IsDir():
		return path, func() {}, nil
	case err != nil || info.Mode().IsRegular():
		return f.openFile(path, o)
	}
	copied, err := spool(path)
	if err != nil {
		return "", func() {}, err
	}
	ours, converted, err := f.openFile(copied, o)
	done = func() {
		converted()
		_ = os.Remove(copied)
	}
	if err != nil {
		done()
		done = func() {}
	}
	return ours, done, err
}

// spool copies what comes once, a pipe or standard input (-), to a file that can be
// read again: its format is recognised by its beginning, and a suspicious history is
// read twice.
func spool(path string) (string, error) {
	if path == "-" {
		path = "/dev/stdin"
	}
	from, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("open history: %w", err)
	}
	defer from.Close()
	to, err := os.CreateTemp("", "groupy-input-*")
	if err != nil {
		return "", exit.Broken(err)
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		_ = os.Remove(to.Name())
		return "", exit.Broken(fmt.Errorf("copy %s: %w", path, err))
	}
	return to.Name(), nil
}

// openFile is open for a file.
func (f *Import) openFile(path string, o *checker.Options) (ours string, done func(), err error) {
	keep := func() {}
	name, err := f.choose(path)
	if err != nil || name == "groupy" {
		return path, keep, err
	}
	format, err := foreign.Find(name)
	if err != nil {
		return "", keep, err
	}
	var lines []int32 // by event
	how := foreign.Options{
		Name: filepath.Base(path), Tuple: f.tuple, Pattern: f.pattern,
		Line: func(line int) { lines = append(lines, int32(line)) },
	}
	if f.columns != "" {
		if how.Columns, err = foreign.ParseColumns(f.columns); err != nil {
			return "", keep, err
		}
	}
	file, err := os.CreateTemp("", "groupy-history-*.jsonl")
	if err != nil {
		return "", keep, exit.Broken(err)
	}
	done = func() { _ = os.Remove(file.Name()) }
	err = foreign.Convert(path, format, how, file)
	if shut := file.Close(); err == nil && shut != nil {
		err = exit.Broken(shut)
	}
	if err != nil {
		done()
		return "", keep, err
	}
	if o.Model == "" {
		o.Model = format.Model
	}
	o.Line = func(index int64) int { return int(lines[index]) }
	f.errOut(fmt.Sprintf("%s is read as %s", path, name))
	return file.Name(), done, nil
}

// choose gives the format's name: the one asked for, or the one that the file shows.
func (f *Import) choose(path string) (string, error) {
	switch {
	case f.format != "":
		return f.format, nil
	case f.pattern != "":
		return "lines", nil
	case f.columns != "":
		return byEnding(path), nil
	}
	name, err := foreign.Detect(path)
	if err != nil {
		return "", err
	}
	if name == "" && slices.Contains([]string{"csv", "tsv"}, ending(path)) {
		return "", fmt.Errorf("%s is a table of deliveries, it seems: say where their parts are, as --columns member=0,msg=1", path)
	}
	if name == "" { // our reader says best what is wrong with it
		return "groupy", nil
	}
	return name, nil
}

// byEnding is the format of a log by its file's name.
func byEnding(path string) string {
	if format := ending(path); format != "" {
		return format
	}
	return "csv"
}

// ending is the format that a file's name ends with, also where it is packed; "": none.
func ending(path string) string {
	for _, packed := range []string{".gz", ".zst"} {
		path = strings.TrimSuffix(path, packed)
	}
	switch filepath.Ext(path) {
	case ".csv":
		return "csv"
	case ".tsv", ".tab":
		return "tsv"
	case ".json", ".jsonl", ".ndjson":
		return "jsonl"
	}
	return ""
}
