package mutation

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestOperators shows on small functions what is changed. The instrumented source
// must have correct types: a mutant that cannot be compiled shows nothing.
func TestOperators(t *testing.T) {
	datadriven.RunTest(t, "testdata/operators.txt", func(t *testing.T, d *datadriven.TestData) string {
		src := []byte("package p\n\n" + d.Input + "\n")
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		pkg, err := new(types.Config).Check("p", fset, []*ast.File{f}, info)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		n := 0
		in := &instrument{name: "p.go", src: src, file: fset.File(f.Pos()), info: info, pkg: pkg, next: func() int { n++; return n }}
		text, mutants := in.mutate(f)
		var out strings.Builder
		for _, m := range mutants {
			fmt.Fprintf(&out, "%d %d %s\n", m.id, m.line-2, m.name)
		}
		fmt.Fprintf(&out, "%s", strings.TrimPrefix(string(text), "package p\n\n"))
		if problem := compiles(string(text)); problem != nil {
			t.Errorf("what was made of it cannot be compiled: %v\n%s", problem, text)
		}
		return out.String()
	})
}

// compiles type-checks an instrumented source, the switches declared only.
func compiles(text string) error {
	fset := token.NewFileSet()
	text += `
func mutant(int) bool { panic(0) }
func mutantSlice[S ~[]E, E any](int, int, S) S { panic(0) }
func mutantCount[N any](int, N) N { panic(0) }
func mutantLess[T any](int, T, T) bool { panic(0) }
func mutantGreaterEqual[T any](int, T, T) bool { panic(0) }
func mutantAdd[N any](int, N, N) N { panic(0) }
func mutantSubtract[N any](int, N, N) N { panic(0) }
func mutantMax[T any](int, T, ...T) T { panic(0) }
func mutantNumber[N any](int, int, N) N { panic(0) }
`
	f, err := parser.ParseFile(fset, "p.go", text, 0)
	if err != nil {
		return err
	}
	_, err = new(types.Config).Check("p", fset, []*ast.File{f}, nil)
	return err
}
