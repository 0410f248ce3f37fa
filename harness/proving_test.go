package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"groupy/harness/world"
	"groupy/harness/world/ground"
)

// binaries is the folder of what the tests build; gone when they are over.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "groupy-test-"); err != nil {
		fmt.Fprintln(os.Stderr, "no folder for the program under test:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(binaries)
	os.Exit(code)
}

// buildFlags are those that the test binary was built with (race_test.go).
var buildFlags []string

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "groupy")
	args := append(append([]string{"build"}, buildFlags...), "-o", path, "groupy/cmd/groupy")
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program under test: %w\n%s", err, out)
	}
	return path, nil
})

// program is the path of cmd/groupy, built when the first test asks for it.
func program(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func openReal(t testing.TB, p *Plan) world.World { return openLinked(t, p, true) }

func openLinked(t testing.TB, p *Plan, links bool) world.World {
	return openOn(t, p, world.RealConfig{NoLinks: !links})
}

// openWire is openReal on the wire; it skips the test where there can be none.
func openWire(t testing.TB, p *Plan) world.World {
	if missing := ground.Missing(ground.Wire...); missing != nil {
		t.Skip(missing)
	}
	return openOn(t, p, world.RealConfig{Network: "wire"})
}

// openOn opens a real world as c has it, for the built-in node.
func openOn(t testing.TB, p *Plan, c world.RealConfig) world.World {
	t.Helper()
	path := program(t)
	c.Nodes, c.Seed, c.LogDir, c.DataDir = p.Nodes, p.Seed, t.TempDir(), t.TempDir()
	c.Program = world.Program{Path: path, Args: []string{"node", "--log-level", "off"}}
	c.Warden = world.Program{Path: path, Args: []string{"warden"}}
	c.Init = world.Program{Path: path, Args: []string{"init"}}
	w, err := world.NewReal(c)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func openSim(_ testing.TB, p *Plan) *world.Virtual {
	return world.NewSim(world.VirtualConfig{Nodes: p.Nodes, Seed: p.Seed}, "")
}

func openLockstep(t testing.TB, p *Plan) *world.Virtual {
	t.Helper()
	path := program(t)
	w, err := world.NewLockstep(world.LockstepConfig{
		VirtualConfig: world.VirtualConfig{Nodes: p.Nodes, Seed: p.Seed},
		Program:       world.Program{Path: path, Args: []string{"node", "--log-level", "off"}},
		Warden:        world.Program{Path: path, Args: []string{"warden"}},
		LogDir:        t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
