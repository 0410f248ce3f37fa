package mutation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// room is a package whose mutants are tried.
type room struct {
	path   string // of import
	folder string
	binary string // its tests, if a stage runs them, with the mutants of all rooms
}

// program is the rooms with all their mutants.
type program struct {
	rooms   []room
	mutants []mutant // number i+1 at i
	overlay struct{ Replace map[string]string }
	scratch string
	exports map[string]string // by import path: file of its types
	fset    *token.FileSet
}

// build instruments the packages and compiles their tests.
func build(t *testing.T, paths ...string) *program {
	t.Helper()
	p := &program{scratch: t.TempDir(), exports: map[string]string{}, fset: token.NewFileSet()}
	p.overlay.Replace = map[string]string{}
	for _, found := range goList(t, paths) {
		p.exports[found.ImportPath] = found.Export
		for _, path := range paths {
			if found.ImportPath == path {
				p.instrument(t, found)
			}
		}
	}
	overlay := filepath.Join(p.scratch, "overlay.json")
	text, err := json.Marshal(p.overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range p.rooms {
		r := &p.rooms[i]
		if !slices.ContainsFunc(stages, func(s stage) bool { return s.room == r.path }) {
			continue
		}
		r.binary = filepath.Join(p.scratch, filepath.Base(r.path)+".test")
		if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", r.binary, r.path).CombinedOutput(); err != nil {
			t.Fatalf("build the tests of %s with their mutants: %v\n%s", r.path, err, out)
		}
	}
	return p
}

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// goList gives the packages with all that they need, what is needed first.
func goList(t *testing.T, paths []string) (list []listed) {
	t.Helper()
	var problem bytes.Buffer
	cmd := exec.Command("go", append([]string{"list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles"}, paths...)...)
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, problem.Bytes())
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		switch err := dec.Decode(&l); {
		case errors.Is(err, io.EOF):
			return list
		case err != nil:
			t.Fatal(err)
		}
		list = append(list, l)
	}
}

// instrument puts the package's mutants into the overlay.
func (p *program) instrument(t *testing.T, l listed) {
	t.Helper()
	var files []*ast.File
	var sources [][]byte
	for _, name := range l.GoFiles {
		src, err := os.ReadFile(filepath.Join(l.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(p.fset, filepath.Join(l.Dir, name), src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files, sources = append(files, f), append(sources, src)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(p.exports[path])
	})}
	pkg, err := conf.Check(l.ImportPath, p.fset, files, info)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range l.GoFiles {
		in := &instrument{
			name: strings.TrimPrefix(l.ImportPath+"/"+name, "groupy/"), src: sources[i], file: p.fset.File(files[i].Pos()),
			info: info, pkg: pkg, next: func() int { p.mutants = append(p.mutants, mutant{}); return len(p.mutants) },
		}
		text, found := in.mutate(files[i])
		for _, m := range found {
			p.mutants[m.id-1] = m
		}
		p.put(t, filepath.Join(l.Dir, name), text)
	}
	switches, err := os.ReadFile("testdata/switches.txt")
	if err != nil {
		t.Fatal(err)
	}
	p.put(t, filepath.Join(l.Dir, "mutants_on.go"), bytes.Replace(switches, []byte("PACKAGE"), []byte(pkg.Name()), 1))
	p.rooms = append(p.rooms, room{path: l.ImportPath, folder: l.Dir})
}

// put lets the overlay have a text in a file's place.
func (p *program) put(t *testing.T, file string, text []byte) {
	t.Helper()
	to := filepath.Join(p.scratch, fmt.Sprintf("%d.go", len(p.overlay.Replace)))
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p.overlay.Replace[file] = to
}
