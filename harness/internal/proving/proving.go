package proving

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"groupy/harness/ground"
	"groupy/harness/internal/virtual"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
)

// binaries is the folder of what the tests build; gone when they are over.
var binaries string

// Main runs a package's tests and takes away what they built; each TestMain calls it.
func Main(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "groupy-test-"); err != nil {
		fmt.Fprintln(os.Stderr, "no folder for the program under test:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(binaries)
	os.Exit(code)
}

// buildFlags are those that the test binary was built with (race.go).
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

// Program is the path of cmd/groupy, built when the first test asks for it.
func Program(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// OpenReal opens the real world for the built-in node.
func OpenReal(t testing.TB, p *plan.Plan) world.World { return OpenLinked(t, p, true) }

// OpenLinked is OpenReal with or without the harness's links.
func OpenLinked(t testing.TB, p *plan.Plan, links bool) world.World {
	return openOn(t, p, world.RealConfig{NoLinks: !links})
}

// OpenWire is OpenReal on the wire; it skips the test where there can be none.
func OpenWire(t testing.TB, p *plan.Plan) world.World {
	if missing := ground.Missing(ground.Wire...); missing != nil {
		t.Skip(missing)
	}
	return openOn(t, p, world.RealConfig{Network: "wire"})
}

// openOn opens a real world as c has it, for the built-in node.
func openOn(t testing.TB, p *plan.Plan, c world.RealConfig) world.World {
	t.Helper()
	path := Program(t)
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

// OpenSim opens the simulated world.
func OpenSim(t testing.TB, p *plan.Plan) *virtual.Virtual {
	return virtual.NewSim(made(t, p), "")
}

// OpenLockstep opens the virtual world of real processes.
func OpenLockstep(t testing.TB, p *plan.Plan) *virtual.Virtual {
	t.Helper()
	path := Program(t)
	w, err := virtual.NewLockstep(virtual.LockstepConfig{
		VirtualConfig: made(t, p),
		Program:       world.Program{Path: path, Args: []string{"node", "--log-level", "off"}},
		Warden:        world.Program{Path: path, Args: []string{"warden"}},
		LogDir:        t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// made is what a virtual world is made of for a plan.
func made(t testing.TB, p *plan.Plan) virtual.VirtualConfig {
	t.Helper()
	c, err := p.Virtual()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
