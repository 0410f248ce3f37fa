package foreign

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"groupy/checker"
	"groupy/checker/history"
)

// Each hand-made file of testdata, with its quirks, and what becomes of it.
func TestConversions(t *testing.T) {
	datadriven.RunTest(t, "testdata/conversions", func(t *testing.T, d *datadriven.TestData) string {
		o := Options{Name: "test", Tuple: d.HasArg("tuple")}
		var file, model string
		d.ScanArgs(t, "file", &file)
		d.MaybeScanArgs(t, "pattern", &o.Pattern)
		if d.HasArg("model") {
			d.ScanArgs(t, "model", &model)
		}
		var columns []string
		for _, arg := range d.CmdArgs {
			if arg.Key == "columns" {
				columns = arg.Vals
			}
		}
		if columns != nil {
			var err error
			if o.Columns, err = ParseColumns(strings.Join(columns, ",")); err != nil {
				return err.Error() + "\n"
			}
		}
		f, err := Find(d.Cmd)
		if err != nil {
			return err.Error() + "\n"
		}
		var out bytes.Buffer
		var lines []int
		o.Line = func(line int) { lines = append(lines, line) }
		if err := Convert(filepath.Join("testdata", file), f, o, &out); err != nil {
			return strings.TrimPrefix(err.Error(), "testdata/") + "\n"
		}
		_, events, _ := strings.Cut(out.String(), "\n")
		if n := strings.Count(events, "\n"); n != len(lines) {
			t.Errorf("%s: %d events are taken from %d lines", file, n, len(lines))
		}
		return events + fmt.Sprintf("of lines %d\n", lines) + verdict(t, out.Bytes(), f, model)
	})
}

func verdict(t *testing.T, text []byte, f Format, model string) string {
	t.Helper()
	r, err := history.NewReader(bytes.NewReader(text), "converted")
	if err != nil {
		t.Fatal(err)
	}
	if model == "" {
		model = f.Model
	}
	rep, err := checker.Check(r, checker.Options{Model: model})
	if err != nil {
		t.Fatalf("what was converted is no history of ours: %v\n%s", err, text)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s:", rep.Verdict)
	for _, p := range checker.Properties {
		if res, judged := rep.Properties[p.Name]; judged {
			fmt.Fprintf(&b, " %s %s;", res.Verdict, p.Name)
		}
	}
	for _, why := range rep.Unknown {
		fmt.Fprintf(&b, " %s: %s", why.Code, why.Text)
	}
	return b.String() + "\n"
}

func TestRecognises(t *testing.T) {
	for file, want := range map[string]string{
		"register.edn": "jepsen-edn", "stale.edn": "jepsen-edn", "results.edn": "jepsen-edn",
		"register.json": "jepsen-json", "register-array.json": "jepsen-json",
		"old.log": "jepsen-log", "new.log": "jepsen-log", "kv.txt": "porcupine-kv",
		"deliveries.csv": "", "swapped.tsv": "", "deliveries.jsonl": "", "deliveries.txt": "",
	} {
		if got, err := Detect(filepath.Join("testdata", file)); err != nil || got != want {
			t.Errorf("%s is taken for %q (%v), want %q", file, got, err, want)
		}
	}
	goldens, _ := filepath.Glob("../../testdata/golden/*")
	if len(goldens) == 0 {
		t.Fatal("no golden histories")
	}
}

func TestBadInput(t *testing.T) {
	long := strings.Repeat("x", maxLogLine+10)
	for _, c := range []struct{ format, input, want string }{
		{"jepsen-edn", "", "nothing of a history"},
		{"jepsen-edn", "{:type :invoke", "1:15: the input ends in the middle of a value"},
		{"jepsen-edn", "\x00\x01\x02", "1:1: binary data"},
		{"jepsen-edn", "42", "an operation is a map"},
		{"jepsen-edn", "{:type :invoke :f :read :value nil}", "without :process"},
		{"jepsen-edn", "{:type :begin :process 0 :f :read}", "and not \"begin\""},
		{"jepsen-edn", "{:type :ok :process 0 :f :read :value 1}", "without an open invocation"},
		{"jepsen-edn", "{:type :invoke :process 0 :f :read}\n{:type :invoke :process 0 :f :read}", ":2:1: process 0 invokes read while its read of line 1 is open"},
		{"jepsen-edn", "{:type :info :process :groupy :f :deliver :value {}}", "before its header"},
		{"jepsen-json", "", "nothing of a history"},
		{"jepsen-json", "[{\"type\":\"invoke\"", "middle of a value"},
		{"jepsen-json", "[1,2]", "an operation is an object"},
		{"jepsen-json", "{\"type\":}", "invalid character"},
		{"jepsen-log", "nothing here", "nothing of a history"},
		{"jepsen-log", "jepsen.util - 0 :invoke :read [1", "the value of an operation: the input ends"},
		{"jepsen-log", long, "longer than"},
		{"porcupine-kv", "{:process 0, :type :invoke, :f :get, :value nil}", "without :key"},
		{"csv", "a,b\n", "needs to be told where member is"},
		{"lines", "a b", "needs a --pattern"},
	} {
		f, err := Find(c.format)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "input")
		if err := os.WriteFile(path, []byte(c.input), 0o600); err != nil {
			t.Fatal(err)
		}
		err = Convert(path, f, Options{}, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %.40q: %v, want %s", c.format, c.input, err, c.want)
		}
	}
}

// Whatever is read, each property is promised or left out with its reason: none is
// judged by accident when the checker learns a new one.
func TestEveryPropertyIsPromisedOrLeftOut(t *testing.T) {
	plain := &input{}
	full := &input{Options: Options{Columns: Columns{"member": "0", "msg": "1", "view": "2", "state": "3", "sender": "4"}}}
	for _, h := range []history.Header{
		{Promises: []string{"linearizability"}, LeftOut: onlyAnswers}, plain.logHeader(), full.logHeader(),
	} {
		for _, p := range checker.Properties {
			if left := h.LeftOut[p.Name] != ""; left == slices.Contains(h.Promises, p.Name) {
				t.Errorf("%s is promised and left out, or neither: %v", p.Name, h.Promises)
			}
		}
	}
}
