package groupy_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
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

// pure lists packages that import nothing of ours, and no source of time,
// randomness or concurrency either.
var pure = map[string]bool{"node/gms": true}

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
	if pure[folder] {
		t.Errorf("%s imports %s: %s imports nothing of ours", path, imported, folder)
		return
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
