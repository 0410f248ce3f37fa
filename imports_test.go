package groupy_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which of our packages a room may import: one way only, from the
// command line down to the node's contract. A room may always import what lies
// inside it.
var allowed = map[string][]string{
	"cmd":       {"harness", "nemesis", "workloads", "checker", "node"},
	"harness":   {"nemesis", "workloads", "checker", "node"},
	"nemesis":   {"node"},
	"workloads": {"node"},
	"checker":   {},
	"node":      {},
}

// arrows says of each package inside node which of our packages it imports, all of
// them: what is not in its line it must not know.
var arrows = map[string][]string{
	"node":               {},
	"node/contract":      {"node"},
	"node/draw":          {},
	"node/journal":       {},
	"node/app":           {"node/draw", "node"},
	"node/stable":        {},
	"node/gms":           {},
	"node/gms/ladder":    {"node/gms"},
	"node/gms/gms5/wire": {"node/gms"},
	"node/gms/gms5":      {"node/gms/gms5/wire", "node/gms"},
	"node/gms/protocols": {"node/gms/ladder", "node/gms/gms5", "node/gms/gms5/wire", "node/gms"},
	"node/gms/gmstest":   {"node/gms/protocols", "node/gms"},
	"node/machine":       {"node/gms/protocols", "node/gms", "node/app", "node/stable", "node"},
	"node/recording":     {"node/machine", "node/journal", "node"},
	"node/runtime":       {"node/machine", "node/recording", "node/gms", "node/stable", "node"},
}

// pure lists packages that know no source of time, randomness or concurrency; they
// import only one another.
var pure = map[string]bool{
	"node/gms": true, "node/gms/ladder": true, "node/gms/gms5": true, "node/gms/gms5/wire": true, "node/gms/protocols": true,
}

var impure = []string{"math/rand", "math/rand/v2", "net", "os", "sync", "sync/atomic", "crypto/rand"}

func TestImportsPointOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != "." {
			return filepath.SkipDir
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || folder == "." {
			return nil
		}
		room, _, _ := strings.Cut(folder, "/")
		seen[room] = true
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			checkImport(t, path, folder, room, strings.Trim(i.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for room := range allowed {
		if !seen[room] {
			t.Errorf("room %s has no Go file: the test looks at nothing", room)
		}
	}
}

func checkImport(t *testing.T, path, folder, room, imported string) {
	t.Helper()
	ours, isOurs := strings.CutPrefix(imported, "groupy/")
	if !isOurs {
		for _, bad := range impure {
			if pure[folder] && imported == bad {
				t.Errorf("%s imports %s: the core must be pure", path, imported)
			}
		}
		return
	}
	if pure[folder] && !pure[ours] {
		t.Errorf("%s imports %s: the core must be pure", path, imported)
	}
	if room == "node" && !slices.Contains(arrows[folder], ours) {
		t.Errorf("%s imports %s: the arrows of %s are %q", path, imported, folder, arrows[folder])
	}
	to, _, _ := strings.Cut(ours, "/")
	if to == room {
		return
	}
	rooms, known := allowed[room]
	if !known {
		t.Errorf("%s: %s is none of the rooms", path, room)
	}
	for _, ok := range rooms {
		if to == ok {
			return
		}
	}
	t.Errorf("%s imports %s: %s may not import %s", path, imported, room, to)
}
