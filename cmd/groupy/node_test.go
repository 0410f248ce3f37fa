package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"groupy/cmd/groupy/internal/exit"
)

// TestTheNodesHelpCanBeTyped types the example of the help text.
func TestTheNodesHelpCanBeTyped(t *testing.T) {
	var typed []string
	for _, line := range strings.Split(nodeLong, "\n") {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "{") {
			typed = append(typed, line)
		}
	}
	var out bytes.Buffer
	code := execute(context.Background(), []string{"node"}, strings.NewReader(strings.Join(typed, "\n")), &out, io.Discard)
	if code != 0 {
		t.Errorf("exit %d, want 0", code)
	}
	rest := out.String()
	for _, want := range []string{
		`"init_ok"`, `"members":["n1.1"]`, `"join_ok"`, `"deliver","msg":"m1"`, `"state":"#00002a"`, `"multicast_ok"`, `"shutdown_ok"`,
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("no %s in its turn; the node said\n%s", want, out.String())
		}
		rest = after
	}
}

func TestANodeRefusesAnUnknownLogLevel(t *testing.T) {
	var errOut bytes.Buffer
	code := execute(context.Background(), []string{"node", "--log-level", "loud"}, strings.NewReader(""), io.Discard, &errOut)
	if code != exit.BadInput || !strings.Contains(errOut.String(), "debug") {
		t.Errorf("exit %d and %q, want %d and the levels there are", code, errOut.String(), exit.BadInput)
	}
}
