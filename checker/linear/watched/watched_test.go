package watched

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"groupy/checker/linear"
)

const asChild = "GROUPY_TEST_SEARCHES"

func TestMain(m *testing.M) {
	if os.Getenv(asChild) != "" {
		if err := Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// here is this test program as the child.
func here(t *testing.T, limit time.Duration, memory int64) Config {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Config{Command: []string{"env", asChild + "=1", self}, Time: limit, Memory: memory}
}

// hopeless is a history of which a search would have to try nearly every order:
// many writes at the same time, and two reads after them that differ.
func hopeless(writes int) *linear.Problem {
	p := &linear.Problem{Object: linear.Register}
	for i := range writes {
		p.Ops = append(p.Ops, linear.Op{Kind: linear.Write, Value: int32(1 + i%3), Call: int64(i), Return: int64(1000 + i)})
	}
	for i := range 2 {
		p.Ops = append(p.Ops, linear.Op{Kind: linear.Read, Value: int32(1 + i), Call: int64(2000 + 2*i), Return: int64(2001 + 2*i)})
	}
	return p
}

func TestAnswers(t *testing.T) {
	c := here(t, time.Minute, 1<<30)
	a := c.search(hopeless(3), c.Time)
	if a.Outcome != linear.Illegal || len(a.Witness.Ops) != 4 { // the reads, and a write of each value
		t.Errorf("%+v", a)
	}
	legal := hopeless(6)
	legal.Ops[7].Value = 1
	if a := c.search(legal, c.Time); a.Outcome != linear.Legal || a.Longest != 8 {
		t.Errorf("%+v", a)
	}
}

// TestBounds: past a bound the answer says which, and how far it got.
func TestBounds(t *testing.T) {
	for _, b := range []struct {
		name, stopped string
		time          time.Duration
		memory        int64
	}{
		{"time", "after 1s", time.Second, 1 << 40},
		{"memory", "when it held more than 40 MB of memory", 10 * time.Minute, 40 << 20},
	} {
		t.Run(b.name, func(t *testing.T) {
			a := here(t, b.time, b.memory).search(hopeless(60), b.time)
			if a.Outcome != linear.Undecided || !strings.Contains(a.Stopped, b.stopped) || a.Longest < 60 || a.Longest > 61 {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestNoChild(t *testing.T) {
	if a := (Config{Command: []string{"/no/such/program"}, Time: time.Second}).search(hopeless(2), time.Second); a.Outcome != linear.Undecided || !strings.Contains(a.Stopped, "before it began") {
		t.Errorf("%+v", a)
	}
	if a := (Config{Command: []string{"false"}, Time: time.Second}).search(hopeless(2), time.Second); a.Outcome != linear.Undecided || !strings.Contains(a.Stopped, "exit status 1") {
		t.Errorf("%+v", a)
	}
	if _, err := (Config{Command: []string{"false"}, Time: time.Second}).Page(&linear.Picture{}); err == nil {
		t.Error("drawn by nobody")
	}
}

// TestEndsWithItsParent: when the pipe closes, a child that searches is gone.
func TestEndsWithItsParent(t *testing.T) {
	c := here(t, time.Hour, 0)
	cmd := exec.Command(c.Command[0], c.Command[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := encode(in, request{Problem: hopeless(20), Time: time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 10)); err != nil { // it is under way
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if err := cmd.Process.Signal(syscall.Signal(0)); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("it lives: %v", err)
	}
}

// TestPageIsHarmless: nothing that a client wrote is HTML in the page.
func TestPageIsHarmless(t *testing.T) {
	evil := `</script><img src=x onerror="alert('1')">&lt;`
	p := &linear.Picture{Problem: *hopeless(3), Texts: []string{evil, evil, evil, evil}, Windows: []linear.Window{{Name: evil, From: 3, To: 1 << 62}}}
	for range p.Problem.Ops {
		p.Labels = append(p.Labels, linear.Label{Client: evil, Text: "reads " + evil})
	}
	page, err := here(t, time.Minute, 1<<30).Page(p)
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	if !strings.Contains(text, "‹img") || !strings.Contains(text, `"Tag":"‹/script`) {
		t.Error("the operations or the fault are not in the page")
	}
	for _, bad := range []string{"<img", "u003cimg", "onerror=\\\"", "&lt;", "u0026lt"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}
