//go:build linux

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"groupy/cmd/groupy/internal/exit"
	"groupy/harness/ground"
	"groupy/harness/ground/groundtest"
)

// exitCode is how a command ended; -1 if it did not by itself.
func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// TestARunOnTheWire is valid, also as a user who is not root, and also where two
// go on side by side with the same addresses; its packets are read by Wireshark,
// with the faults beside them.
func TestARunOnTheWire(t *testing.T) {
	args := []string{"run", "--network", "wire", "--time-limit", "3s", "--nemesis", "kill,one-way", "--store", "store"}
	t.Run("two side by side", func(t *testing.T) {
		if missing := ground.Missing(ground.Wire...); missing != nil {
			t.Skip(missing)
		}
		var both sync.WaitGroup
		for range 2 {
			home := t.TempDir()
			both.Go(func() {
				cmd := exec.Command(program, append(args, "--seed", "side-by-side")...)
				cmd.Dir = home
				onTheWire(t, cmd)
			})
		}
		both.Wait()
	})
	t.Run("as nobody", func(t *testing.T) {
		home := groundtest.Home(t)
		onTheWire(t, groundtest.Command(t, home, groundtest.Copy(t, program), append(args, "--seed", "nobody")...))
	})
}

func onTheWire(t *testing.T, cmd *exec.Cmd) {
	out, err := cmd.CombinedOutput()
	if exitCode(err) != 0 {
		t.Errorf("%v\n%s", err, out)
		return
	}
	captures, _ := filepath.Glob(filepath.Join(cmd.Dir, "store", "*", "*", "wire.pcapng"))
	if len(captures) != 1 {
		t.Errorf("captures %v, want one", captures)
		return
	}
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Log("no tshark: the capture is not read")
		return
	}
	comments, err := exec.Command(tshark, "-r", captures[0], "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment").Output()
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{"kill begins", "kill ends", "one-way begins", "one-way ends"} {
		if !strings.Contains(string(comments), want) {
			t.Errorf("the packets' comments do not say %q:\n%s", want, comments)
		}
	}
	// What every node sends is on an interface of its own.
	interfaces, err := exec.Command(tshark, "-r", captures[0], "-Y", "tcp.len > 0", "-T", "fields", "-e", "frame.interface_name").Output()
	if err != nil {
		t.Error(err)
	}
	for _, node := range []string{"n1", "n2", "n3", "n4", "n5"} {
		if !strings.Contains(string(interfaces), node+"\n") {
			t.Errorf("no packet of %s", node)
		}
	}
}

// TestTheFirstViolationComesOnTheWire too, every time.
func TestTheFirstViolationComesOnTheWire(t *testing.T) {
	if missing := ground.Missing(ground.Wire...); missing != nil {
		t.Skip(missing)
	}
	for _, c := range []struct {
		protocol string
		want     int
	}{{"gms2", 1}, {"gms5", 0}} {
		t.Run(c.protocol, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(program, "run", "--network", "wire", "--time-limit", "4s", "--protocol", c.protocol, "--nemesis", "kill-mid-multicast")
			cmd.Dir = t.TempDir()
			out, err := cmd.CombinedOutput()
			if got := exitCode(err); got != c.want {
				t.Errorf("exit %d, want %d\n%s", got, c.want, out)
			}
		})
	}
}

func TestANetworkThatCannotBe(t *testing.T) {
	for want, args := range map[string][]string{
		"no network \"pigeon\"": {"run", "--network", "pigeon"},
		"simulates its network": {"run", "--network", "wire", "--world", "sim"},
	} {
		cmd := exec.Command(program, args...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if exitCode(err) != exit.BadInput || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v, %s; want 254 and %q", args, err, out, want)
		}
	}
}
