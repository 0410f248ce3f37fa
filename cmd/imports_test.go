package cmd_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// arrows is the layout: every package, from the bottom to the top, and which of ours
// it imports. What is not in its row a package must not know, and a row imports only
// what stands above it.
const arrows = `
node                          <-
node/contract                 <- node
node/draw                     <-
node/app                      <- node node/draw
node/gms                      <-
node/gms/gms5/wire            <- node/gms
node/gms/gms5                 <- node/gms node/gms/gms5/wire
node/gms/ladder               <- node/gms
node/gms/protocols            <- node/gms node/gms/gms5/wire node/gms/gms5 node/gms/ladder
node/gms/gmstest              <- node/gms node/gms/protocols
node/journal                  <-
node/stable                   <-
node/machine                  <- node node/app node/gms node/gms/protocols node/stable
node/recording                <- node node/journal node/machine
node/runtime                  <- node node/gms node/stable node/machine node/recording

workloads                     <- node node/contract node/draw

nemesis/disk                  <- node/draw node/stable
nemesis/link                  <- node node/draw
nemesis                       <- node node/contract node/draw nemesis/disk nemesis/link
nemesis/nemesistest           <- node/draw node/stable nemesis/disk nemesis/link nemesis
nemesis/wire                  <- nemesis/link

checker/history               <-
checker/history/edn           <-
checker/history/foreign       <- checker/history checker/history/edn
checker/linear                <-
checker/linear/watched        <- checker/linear
checker/mutation              <-
checker/report                <-
checker/trace                 <- checker/history checker/report
checker/liveness              <- checker/report checker/trace
checker/membership            <- checker/history checker/report checker/trace
checker/multicast             <- checker/report checker/trace
checker/objects               <- checker/history checker/linear checker/report checker/trace
                                 checker/multicast
checker/stream                <- checker/history checker/report checker/trace checker/liveness
                                 checker/membership checker/multicast
checker                       <- checker/history checker/linear checker/report checker/trace
                                 checker/liveness checker/membership checker/multicast checker/objects
                                 checker/stream

harness                       <-
harness/browsertest           <-
harness/ground                <-
harness/ground/groundtest     <-
harness/internal/timing       <-
harness/internal/world        <- node node/contract node/draw nemesis/link nemesis nemesis/wire
                                 harness/ground
harness/internal/tape         <- node node/journal nemesis/link nemesis harness/internal/world
harness/internal/virtual      <- node node/contract node/draw node/stable node/machine node/runtime
                                 nemesis/disk nemesis/link nemesis harness/internal/timing
                                 harness/internal/world
harness/conformance           <- node node/contract harness/internal/world harness/internal/virtual
harness/system                <- checker
harness/plan                  <- node node/contract node/draw workloads nemesis/disk nemesis/link
                                 nemesis checker harness/internal/timing harness/internal/world
                                 harness/internal/virtual harness/system
harness/internal/proving      <- harness/ground harness/internal/world harness/internal/virtual
                                 harness/plan
harness/trust                 <-
harness/verdict               <- node workloads checker/history checker harness/system harness/plan
harness/internal/loop         <- node node/contract workloads nemesis/link nemesis checker/history
                                 checker harness/internal/world harness/plan harness/verdict
harness/store                 <- checker harness/plan harness/trust harness/verdict
                                 harness/internal/loop
harness/run                   <- checker/history checker/linear checker harness/internal/world
                                 harness/internal/tape harness/internal/virtual harness/plan
                                 harness/verdict harness/internal/loop harness/store
harness/ladder                <- node workloads nemesis/link nemesis checker harness/plan harness/run
harness/replay                <- node node/machine node/recording workloads nemesis/disk nemesis
                                 checker/history checker harness/internal/timing harness/internal/world
                                 harness/internal/tape harness/internal/virtual harness/plan
                                 harness/verdict harness/internal/loop harness/store harness/run
harness/run/runtest           <- checker/history harness/internal/world harness/plan
                                 harness/internal/proving harness/verdict harness/run
harness/why                   <- node nemesis/link nemesis checker/history checker harness/plan
                                 harness/verdict harness/store harness/run
harness/report                <- nemesis/link checker/history checker harness/verdict harness/store
                                 harness/why
harness/shrink                <- node workloads nemesis/link nemesis checker/history checker
                                 harness/plan harness/verdict harness/internal/loop harness/store
                                 harness/run harness/replay harness/why
harness/campaign              <- node/draw nemesis checker harness/system harness/plan harness/trust
                                 harness/verdict harness/store harness/run harness/replay harness/shrink
harness/campaign/campaigntest <- checker harness/plan harness/run harness/campaign
harness/index                 <- harness/plan harness/replay harness/campaign
harness/serve                 <- checker/history checker harness/plan harness/verdict harness/store
                                 harness/why harness/report harness/campaign harness/index

cmd/groupy/internal/exit      <-
cmd/groupy/internal/text      <- node/gms/protocols workloads nemesis/disk nemesis
                                 checker/history/foreign checker harness/system harness/plan
                                 harness/verdict harness/store harness/run harness/replay harness/why
                                 harness/report harness/shrink harness/campaign
cmd/groupy/internal/flags     <- node/contract node/gms/protocols workloads checker/history/foreign
                                 checker/linear checker/linear/watched checker harness/system
                                 harness/plan harness/store harness/run harness/replay
                                 cmd/groupy/internal/exit cmd/groupy/internal/text
cmd/groupy                    <- node/contract node/runtime checker/history checker/history/foreign
                                 checker/linear/watched checker harness/ground harness/conformance
                                 harness/system harness/plan harness/verdict harness/store harness/run
                                 harness/ladder harness/replay harness/report harness/shrink
                                 harness/campaign harness/index harness/serve cmd/groupy/internal/exit
                                 cmd/groupy/internal/text cmd/groupy/internal/flags
`

// pure lists packages that know no source of time, randomness or concurrency.
var pure = []string{"node/gms", "node/gms/ladder", "node/gms/gms5", "node/gms/gms5/wire", "node/gms/protocols"}

var impure = []string{"math/rand", "math/rand/v2", "net", "os", "sync", "sync/atomic", "crypto/rand"}

// The bounds of a package, so that it stays one idea.
const (
	mostFiles = 20
	mostLines = 2500
)

// TestImportsPointOneWay holds the code against the arrows, both ways.
func TestImportsPointOneWay(t *testing.T) {
	rows := layout(t)
	folders := packages(t)
	for path, p := range folders {
		row, known := rows[path]
		if !known {
			t.Errorf("package %s has no row in arrows; it imports %q", path, p.ours)
			continue
		}
		for _, imported := range p.ours {
			if !slices.Contains(row, imported) {
				t.Errorf("%s imports %s, which its row does not have", path, imported)
			}
		}
		for _, allowed := range row {
			if !slices.Contains(p.ours, allowed) {
				t.Errorf("%s may import %s and does not: take it out of the row", path, allowed)
			}
		}
		if slices.Contains(pure, path) {
			for _, imported := range p.others {
				if slices.Contains(impure, imported) {
					t.Errorf("%s imports %s: the core must be pure", path, imported)
				}
			}
		}
	}
	for path := range rows {
		if folders[path] == nil {
			t.Errorf("arrows has a row for %s, which has no Go file", path)
		}
	}
}

// TestPackagesAreIdeas bounds each package, and asks what it is.
func TestPackagesAreIdeas(t *testing.T) {
	for path, p := range packages(t) {
		if p.files > mostFiles || p.lines > mostLines {
			t.Errorf("%s has %d files and %d lines; an idea has at most %d and %d: make it two", path, p.files, p.lines, mostFiles, mostLines)
		}
		if !p.doc {
			t.Errorf("%s has no doc.go that says what it guarantees, takes and gives, and must not know", path)
		}
	}
}

// layout reads arrows, and sees to it that they point upwards only.
func layout(t *testing.T) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	var path string
	for line := range strings.Lines(arrows) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		imports := line
		if name, rest, is := strings.Cut(line, "<-"); is {
			path, imports = strings.TrimSpace(name), rest
			if _, twice := rows[path]; twice {
				t.Errorf("arrows has two rows for %s", path)
			}
			rows[path] = []string{}
		}
		for _, to := range strings.Fields(imports) {
			if _, above := rows[to]; !above || to == path {
				t.Errorf("%s <- %s points down: %s stands below, or nowhere", path, to, to)
			}
			rows[path] = append(rows[path], to)
		}
	}
	return rows
}

// folder is what the test asks of a package, its tests left out.
type folder struct {
	files, lines int
	doc          bool
	ours, others []string // imports
}

func packages(t *testing.T) map[string]*folder {
	t.Helper()
	found := map[string]*folder{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			_, isModule := os.Stat(filepath.Join(path, "go.mod"))
			if path != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || path == "../docs" || isModule == nil) {
				return filepath.SkipDir // nobody's, an example, or a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ImportsOnly)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
		p := found[name]
		if p == nil {
			p = &folder{}
			found[name] = p
		}
		p.files++
		p.lines += strings.Count(string(text), "\n")
		p.doc = p.doc || d.Name() == "doc.go"
		for _, i := range file.Imports {
			imported := strings.Trim(i.Path.Value, `"`)
			if ours, is := strings.CutPrefix(imported, "groupy/"); !is {
				p.others = append(p.others, imported)
			} else if !slices.Contains(p.ours, ours) {
				p.ours = append(p.ours, ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 30 {
		t.Fatalf("only %d packages: the test does not see them", len(found))
	}
	return found
}
