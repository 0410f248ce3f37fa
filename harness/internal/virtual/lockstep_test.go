//go:build linux

package virtual

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"groupy/harness/internal/world"
	"groupy/node"
)

// A node that does not come to an end with its line ends the run, and is named,
// also if something that it started in a session of its own keeps its pipe open.
func TestLockstepNamesWhoHangs(t *testing.T) {
	for _, script := range []string{
		"sleep 1000",
		"setsid sleep 1000 & exit 0",
	} {
		w, err := NewLockstep(LockstepConfig{
			VirtualConfig: VirtualConfig{Nodes: []string{"n1"}, Seed: "hang"},
			Program:       world.Program{Path: "/bin/sh", Args: []string{"-c", script}},
			LogDir:        t.TempDir(), Hang: 300 * time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Start("n1", 1); err != nil {
			t.Fatal(err)
		}
		if err := w.Send("n1", node.Harness, &node.Shutdown{Head: node.Head{Type: node.TypeShutdown, MsgID: 1}}); err != nil {
			t.Fatal(err)
		}
		_, err = w.Next(context.Background(), time.Second)
		if err == nil || !strings.Contains(err.Error(), "n1.1 hangs") || !strings.Contains(err.Error(), `"shutdown"`) {
			t.Errorf("%s: %v", script, err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		if left := world.Mark(fmt.Sprintf("%d-", os.Getpid())).Processes(); len(left) > 0 {
			t.Errorf("%s: left are %v", script, left)
		}
	}
}
