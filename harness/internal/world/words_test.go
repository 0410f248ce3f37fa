package world

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What ended a program is taken from its crash report, in the words of its language;
// a log without one names nothing.
func TestTheCauseIsTakenFromTheCrashReport(t *testing.T) {
	for _, c := range []struct{ name, log, cause string }{
		{"Go", "started\npanic: lost 3 of 4 [recovered]\n\tpanic: again\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:7 +0x1f\nexit status 2\n", "panic: lost 3 of 4 [recovered]"},
		{"Go, an address", "panic: at 0xc000012345: bad\n\ngoroutine 1 [running]:\npanic({0x45f2, 0x1})\n", "panic: at 0x·: bad"},
		{"Go's runtime", "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\n", "fatal error: all goroutines are asleep - deadlock!"},
		{"one that was survived before", "panic: first\n\ngoroutine 5 [running]:\nwent on\npanic: second\n", "panic: second"},
		{"Rust", "thread 'main' (4711) panicked at src/main.rs:3:5:\nindex out of bounds: the len is 3\nnote: run with `RUST_BACKTRACE=1`\n", "panicked at src/main.rs:3:5: index out of bounds: the len is 3"},
		{"Python", "Traceback (most recent call last):\n  File \"n.py\", line 3, in <module>\n    f()\nValueError: bad\n", "ValueError: bad"},
		{"Java", "Exception in thread \"main\" java.lang.IllegalStateException: lost\n\tat N.main(N.java:3)\n", "Exception in thread \"main\" java.lang.IllegalStateException: lost"},
		{"JavaScript", "/n.js:3\n  throw new Error('lost')\n  ^\n\nError: lost\n    at f (/n.js:3:9)\n", "Error: lost"},
		{"Elixir", "** (RuntimeError) lost\n    n.exs:3: (file)\n", "** (RuntimeError) lost"},
		{"C", "n: n.c:3: main: Assertion `x == 3' failed.\n", "n: n.c:3: main: Assertion `x == 3' failed."},
		{"none", "2026-11-26 [INFO] delivered m7\ndon't panic: it said\nno such option\n", ""},
		{"cut short", "panic: \xff\xfe", "panic: \ufffd"},
		{"long", "panic: " + strings.Repeat("ä", 500) + "\n", "panic: " + strings.Repeat("ä", 96) + "…"},
		{"a traceback without an end", "Traceback (most recent call last):\n  File", ""},
		{"nothing", "", ""},
	} {
		if got := WordsOf([]byte(c.log)).Cause; got != c.cause {
			t.Errorf("%s: %q, want %q", c.name, got, c.cause)
		}
	}
}

// Each start has its own words, though a member that is started again writes on in the
// same file.
func TestTheWordsAreThoseOfOneStart(t *testing.T) {
	dir := t.TempDir()
	words := func(say string, code int) Words {
		log, err := OpenLog(dir, "n1", 1)
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if _, err := log.WriteString(say); err != nil {
			t.Fatal(err)
		}
		return log.Words(code, "")
	}
	if w := words("1\n2\n3\n\n4\n5\n6\n7\npanic: lost\n", 2); w.Cause != "panic: lost" || !slices.Equal(w.Last, []string{"3", "4", "5", "6", "7", "panic: lost"}) {
		t.Errorf("the first start: %+v", w)
	}
	if w := words("8\n", 3); w.Cause != "" || !slices.Equal(w.Last, []string{"8"}) {
		t.Errorf("the second start: %+v", w)
	}
	log, err := OpenLog(dir, "n2", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if err := os.Remove(log.Name()); err != nil {
		t.Fatal(err)
	}
	if w := log.Words(3, ""); w.Cause != "" || w.Last != nil {
		t.Errorf("a log that is gone has words: %+v", w)
	}
}
