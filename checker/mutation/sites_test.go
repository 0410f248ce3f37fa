package mutation

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// mutant is one change at one place of the source.
type mutant struct {
	id     int
	file   string // as it is called in what the user reads
	line   int
	name   string // function and change: the same as long as that code is
	change string
}

// edit replaces the source from at to end. Edits at one place are put in by order.
type edit struct {
	at, end, order int
	text           string
}

// instrument puts a switch around each place of a file's functions that can be
// changed. The helpers that it calls are in testdata/switches.txt.
type instrument struct {
	name  string // of the file
	src   []byte
	file  *token.File
	info  *types.Info
	pkg   *types.Package
	next  func() int // the next mutant's number
	fn    string     // the function that is looked at
	stack []ast.Node // from it down to the node that is looked at

	edits   []edit
	mutants []mutant
}

// mutate gives the file with all its switches, and the mutants that they are for.
func (in *instrument) mutate(f *ast.File) ([]byte, []mutant) {
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Body != nil {
				in.fn = d.Name.Name
				in.walk(d.Body)
			}
		case *ast.GenDecl: // checks may be function literals of a package's variables
			ast.Inspect(d, func(n ast.Node) bool {
				if lit, is := n.(*ast.FuncLit); is {
					in.fn = "func"
					if s, named := d.Specs[0].(*ast.ValueSpec); named {
						in.fn = s.Names[0].Name
					}
					in.walk(lit.Body)
					return false
				}
				return true
			})
		}
	}
	return in.splice(), in.mutants
}

func (in *instrument) walk(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			in.stack = in.stack[:len(in.stack)-1]
			return true
		}
		if d, is := n.(*ast.GenDecl); is && d.Tok == token.CONST {
			return false
		}
		if _, is := n.(*ast.ArrayType); is {
			return false
		}
		in.at(n)
		in.stack = append(in.stack, n)
		return true
	})
}

// parent is what the node that is looked at stands in, parentheses apart.
func (in *instrument) parent() ast.Node {
	for i := len(in.stack) - 1; i >= 0; i-- {
		if _, is := in.stack[i].(*ast.ParenExpr); !is {
			return in.stack[i]
		}
	}
	return nil
}

// mutant takes note of a change and gives its number.
func (in *instrument) mutant(n ast.Node, format string, args ...any) int {
	change := fmt.Sprintf(format, args...)
	name := in.fn + ": " + change
	for i, base := 2, name; slices.ContainsFunc(in.mutants, func(m mutant) bool { return m.name == name }); i++ {
		name = fmt.Sprintf("%s #%d", base, i)
	}
	id := in.next()
	in.mutants = append(in.mutants, mutant{id, in.name, in.file.Line(n.Pos()), name, change})
	return id
}

// text is a node's source in one line.
func (in *instrument) text(n ast.Node) string {
	words := strings.Join(strings.Fields(string(in.src[in.file.Offset(n.Pos()):in.file.Offset(n.End())])), " ")
	if len(words) > 60 {
		words = words[:57] + "..."
	}
	return words
}

// wrap puts text before and after a node. What is wrapped first stays outside.
func (in *instrument) wrap(n ast.Node, before, after string) {
	at, end := in.file.Offset(n.Pos()), in.file.Offset(n.End())
	k := len(in.edits) + 1
	in.edits = append(in.edits, edit{at, at, k, before}, edit{end, end, -k, after})
}

func (in *instrument) replace(pos token.Pos, was, is string) {
	at := in.file.Offset(pos)
	in.edits = append(in.edits, edit{at, at + len(was), len(in.edits) + 1, is})
}

// splice carries out the edits.
func (in *instrument) splice() []byte {
	slices.SortStableFunc(in.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order))
	})
	var out []byte
	done := 0
	for _, e := range in.edits {
		out = append(append(out, in.src[done:e.at]...), e.text...)
		done = e.end
	}
	return append(out, in.src[done:]...)
}
