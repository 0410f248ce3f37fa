package runtime

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sequencer gives the command line of the node in Python, or skips.
func sequencer(t *testing.T) []string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs python3")
	}
	return []string{python, filepath.Join("..", "..", "harness", "testdata", "sequencer.py")}
}

// TestANodeInAnotherLanguage drives the Python node by the contract alone, with
// the very helpers that drive the built-in one.
func TestANodeInAnotherLanguage(t *testing.T) {
	c := newCluster(t, 3, nil)
	c.argv = sequencer(t)
	ps := c.group()
	const each = 50
	for i := range each {
		for _, p := range ps {
			p.ask(body{"type": "multicast", "msg": fmt.Sprintf("%s-%d", p.name, i), "payload": i})
		}
	}
	for _, p := range ps {
		p.awaitCount("deliver", 3*each)
		p.awaitCount("multicast_ok", each)
		if !slices.Equal(p.delivered(), ps[0].delivered()) {
			t.Errorf("%s delivers %v, n1 %v", p.name, p.delivered(), ps[0].delivered())
		}
	}

	ps[2].must(body{"type": "leave"})
	ps[0].awaitView("n1.1", "n2.1")
	if got := ps[2].call(body{"type": "multicast", "msg": "late"}); got["code"] != 11.0 {
		t.Errorf("a multicast after leave is answered with %v", got)
	}
	if err := ps[1].cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ps[1].awaitEnd()
	again := c.Start("n2", 2)
	again.must(body{"type": "join", "contacts": []string{"n1"}})
	ps[0].awaitView("n1.1", "n2.2")
	again.must(body{"type": "multicast", "msg": "back"})
	ps[0].awaitDelivery("back")

	if got := again.call(body{"type": "read", "key": "k"}); got["code"] != 10.0 {
		t.Errorf("read is answered with %v", got)
	}
	again.must(body{"type": "shutdown"})
	if code := again.awaitEnd(); code != 0 {
		t.Errorf("exit %d after shutdown", code)
	}
	_ = ps[0].stdin.Close()
	if code := ps[0].awaitEnd(); code != 0 {
		t.Errorf("exit %d after the end of stdin", code)
	}
}

func TestANodeInAnotherLanguageInVirtualTime(t *testing.T) {
	argv := sequencer(t)
	said := func(lines ...string) string {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = os.Environ()
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	entry := func(number int, rest string) string {
		return fmt.Sprintf(`{"src":"n1","dest":"n2","now":%d,"body":{"type":"seq","from":"n1.1","to":"n2.1","m":{"kind":"entry","number":%d,%s}}}`,
			number, number, rest)
	}
	lines := []string{
		`{"src":"harness","dest":"n2","now":0,"body":{"type":"init","msg_id":1,"node_id":"n2","incarnation":1,"node_ids":["n1","n2"],"transport":"stdio","clock":"virtual"}}`,
		`{"src":"harness","dest":"n2","now":0,"body":{"type":"join","msg_id":2,"contacts":["n1"]}}`,
		entry(4, `"view":"4","members":["n1.1","n2.1"],"admits":"n2.1"`),
		entry(6, `"msg":"m6","sender":"n1.1","own":1`), // before its turn: asked for, and kept
		entry(6, `"msg":"m6","sender":"n1.1","own":1`),
		entry(5, `"msg":"m5","sender":"n1.1","own":0`),
		`rubbish`,
	}
	first := said(lines...)
	if second := said(lines...); first != second {
		t.Errorf("the same lines give\n%s\nand\n%s", first, second)
	}
	if n := strings.Count(first, `"idle"`); n != len(lines) {
		t.Errorf("%d times idle after %d lines:\n%s", n, len(lines), first)
	}
	m5, m6 := strings.Index(first, `"deliver","msg":"m5"`), strings.Index(first, `"deliver","msg":"m6"`)
	if m5 < 0 || m6 < m5 || strings.Count(first, `"m6"`) != 1 || !bytes.Contains([]byte(first), []byte(`"kind":"want","number":5`)) {
		t.Errorf("wrong deliveries:\n%s", first)
	}
}
