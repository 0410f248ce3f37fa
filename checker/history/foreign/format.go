package foreign

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/klauspost/compress/zstd"

	"groupy/checker/history"
)

// Format is one way in which others write histories.
type Format struct {
	Name     string
	Sentence string
	// Model is the usual model of linearizability of such histories, "" for none.
	Model string

	read func(*input) error
	// like reports whether a file that begins so may be of the format; nil if that
	// cannot be seen.
	like func(head []byte) bool
}

// Formats are the formats that Convert reads.
var Formats = []Format{
	porcupineKV,
	jepsenEDN,
	jepsenJSON,
	jepsenLog,
	delimited("csv", ',', "a log of deliveries as comma-separated values; --columns says which is which"),
	delimited("tsv", '\t', "a log of deliveries as tab-separated values; --columns says which is which"),
	jsonLines,
	lines,
}

// Find gives the format of that name.
func Find(name string) (Format, error) {
	var names []string
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("no format is called %q; there are groupy, %s", name, strings.Join(names, ", "))
}

// ourHeader matches a first line of ours.
var ourHeader = regexp.MustCompile(`^\{[^{}]*"type"\s*:\s*"header"`)

// headSize is by how much of a file its format is recognised.
const headSize = 64 << 10

// Detect names the format of a file by its beginning: "groupy" for ours, "" if it is
// none that can be recognised.
func Detect(path string) (string, error) {
	src, err := open(path)
	if err != nil {
		return "", err
	}
	defer src.Close()
	head, err := bufio.NewReaderSize(src, headSize).Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	head = bytes.TrimLeft(head, " \t\r\n\ufeff")
	if ourHeader.Match(head) {
		return "groupy", nil
	}
	for _, f := range Formats {
		if f.like != nil && f.like(head) {
			return f.Name, nil
		}
	}
	return "", nil
}

// Options are what a format cannot know of itself.
type Options struct {
	Name    string  // of the history, for its header
	Tuple   bool    // Jepsen's: values are pairs of a key and a value, one object for each key
	Columns Columns // logs: where each part of a delivery stands
	Pattern string  // lines: a regular expression with groups named member, msg, …
	// Line, if it is not nil, is told for each event, in their order, from which line
	// of the file it was taken.
	Line func(line int)
}

// Error is what keeps an input from being of its format.
type Error struct {
	File         string
	Line, Column int // 0: unknown
	Problem      string
}

// Error gives file:line:column: problem.
func (e *Error) Error() string {
	return history.Place(e.File, e.Line, e.Column) + ": " + e.Problem
}

// input is one conversion.
type input struct {
	Options
	path string
	src  io.Reader
	out  io.Writer
	w    *history.Writer // nil before the header
}

// Convert reads a file of the format, plain or compressed by gzip or zstd, and
// writes it to out as a history of ours. The error is an *Error, or of reading or
// writing.
func Convert(path string, f Format, o Options, out io.Writer) error {
	src, err := open(path)
	if err != nil {
		return err
	}
	defer src.Close()
	in := &input{Options: o, path: path, src: src, out: out}
	if err := f.read(in); err != nil {
		return err
	}
	if in.w == nil || in.w.Len() == 0 {
		return in.fail(0, 0, "nothing of a history of the format %s is in it; is this the right file, and the right --format?", f.Name)
	}
	return in.w.Flush()
}

func (in *input) fail(line, column int, format string, args ...any) error {
	return &Error{in.path, line, column, fmt.Sprintf(format, args...)}
}

// begin writes the header.
func (in *input) begin(h history.Header) (err error) {
	if h.Name == "" {
		h.Name = in.Name
	}
	in.w, err = history.NewWriter(in.out, h)
	return err
}

// append writes the next event, which was taken from a line of the file.
func (in *input) append(line int, e *history.Event) error {
	if err := in.w.Append(e); err != nil {
		return err
	}
	if in.Line != nil {
		in.Line(line)
	}
	return nil
}

// open opens a file, and unpacks it if its first bytes say that it is packed.
func open(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	buffered := bufio.NewReaderSize(file, 1<<16)
	magic, _ := buffered.Peek(4) // shorter ones are not packed; a failing read fails again
	var plain io.Reader = buffered
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		plain, err = gzip.NewReader(buffered)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		var unpack *zstd.Decoder
		unpack, err = zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1))
		if err == nil {
			return closing{unpack, func() error { unpack.Close(); return file.Close() }}, nil
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("unpack %s: %w", path, err)
	}
	return closing{plain, file.Close}, nil
}

type closing struct {
	io.Reader
	close func() error
}

func (c closing) Close() error { return c.close() }
