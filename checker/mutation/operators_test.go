package mutation

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// The operators: what is changed, by kind of node. A number n is a mutant's; the
// functions whose names begin with mutant are those of testdata/switches.txt.

// at puts in the switches for one node.
func (in *instrument) at(n ast.Node) {
	switch n := n.(type) {
	case *ast.BlockStmt:
		in.statements(n.List)
	case *ast.CaseClause:
		in.statements(n.Body)
	case *ast.CommClause:
		in.statements(n.Body)
	case *ast.RangeStmt:
		in.ranges(n)
	case *ast.BinaryExpr:
		in.condition(n)
		in.binary(n)
	case *ast.CallExpr:
		in.condition(n)
		in.extreme(n)
	case *ast.BasicLit:
		in.number(n)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.UnaryExpr:
		in.condition(n.(ast.Expr))
	}
}

// statements leaves out one at a time.
func (in *instrument) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ReturnStmt:
			if len(s.Results) > 0 {
				continue
			}
		case *ast.ExprStmt:
			if call, is := s.X.(*ast.CallExpr); is && in.text(call.Fun) == "panic" {
				continue
			}
		case *ast.IncDecStmt, *ast.BranchStmt, *ast.DeferStmt:
		default:
			continue
		}
		in.wrap(s, fmt.Sprintf("if !mutant(%d) { ", in.mutant(s, "without `%s`", in.text(s))), " }")
	}
}

// ranges leaves out the last or the first element.
func (in *instrument) ranges(s *ast.RangeStmt) {
	switch t := in.info.Types[s.X].Type.Underlying().(type) {
	case *types.Slice:
		first, last := in.mutant(s.X, "skip the first of `%s`", in.text(s.X)), in.mutant(s.X, "skip the last of `%s`", in.text(s.X))
		in.wrap(s.X, fmt.Sprintf("mutantSlice(%d, %d, ", first, last), ")")
	case *types.Basic:
		if t.Info()&types.IsInteger != 0 {
			in.wrap(s.X, fmt.Sprintf("mutantCount(%d, ", in.mutant(s.X, "skip the last of `%s`", in.text(s.X))), ")")
		}
	}
}

// condition changes a boolean value: where it decides alone to never and always,
// as part of a condition to what makes the other part decide, else to its opposite.
func (in *instrument) condition(e ast.Expr) {
	tv, known := in.info.Types[e]
	if !known || !tv.IsValue() || !isBoolean(tv.Type) {
		return
	}
	parent := in.parent()
	if outer, is := parent.(*ast.UnaryExpr); is && outer.Op == token.NOT {
		return
	}
	switch {
	case in.decides(e, parent):
		never := in.mutant(e, "never `%s`", in.text(e))
		switch x := ast.Unparen(e).(type) {
		case *ast.BinaryExpr:
			if _, loop := parent.(*ast.ForStmt); loop || x.Op == token.LAND || x.Op == token.LOR {
				in.wrap(e, fmt.Sprintf("!mutant(%d) && (", never), ")")
				return
			}
		}
		always := in.mutant(e, "always `%s`", in.text(e))
		in.wrap(e, fmt.Sprintf("!mutant(%d) && (mutant(%d) || (", never, always), "))")
	case isJunction(parent):
		if parent.(*ast.BinaryExpr).Op == token.LAND {
			in.wrap(e, fmt.Sprintf("(mutant(%d) || (", in.mutant(e, "true for `%s`", in.text(e))), "))")
		} else {
			in.wrap(e, fmt.Sprintf("(!mutant(%d) && (", in.mutant(e, "false for `%s`", in.text(e))), "))")
		}
	case !isJunction(e) && !in.isPlace(e, parent):
		in.wrap(e, fmt.Sprintf("mutant(%d) != (", in.mutant(e, "not `%s`", in.text(e))), ")")
	}
}

// decides reports whether the expression is the condition of an if or a for, or a
// case of a switch without a value.
func (in *instrument) decides(e ast.Expr, parent ast.Node) bool {
	switch p := parent.(type) {
	case *ast.IfStmt:
		return ast.Unparen(p.Cond) == ast.Unparen(e)
	case *ast.ForStmt:
		return ast.Unparen(p.Cond) == ast.Unparen(e)
	case *ast.CaseClause:
		for i := len(in.stack) - 1; i >= 0; i-- {
			if s, is := in.stack[i].(*ast.SwitchStmt); is {
				return s.Tag == nil && len(p.List) == 1
			}
		}
	}
	return false
}

// isPlace reports whether the expression is no value here: something is assigned to
// it, its address is taken, it is a part of a name, or nobody looks at it.
func (in *instrument) isPlace(e ast.Expr, parent ast.Node) bool {
	switch p := parent.(type) {
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if l == e {
				return true
			}
		}
	case *ast.UnaryExpr:
		return p.Op == token.AND
	case *ast.KeyValueExpr:
		return p.Key == e
	case *ast.RangeStmt:
		return p.Key == e || p.Value == e
	case *ast.SelectorExpr, *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt, *ast.IncDecStmt:
		return true
	case *ast.CaseClause:
		return true
	}
	return false
}

// isJunction reports whether the node is && or ||.
func isJunction(n ast.Node) bool {
	b, is := n.(*ast.BinaryExpr)
	return is && (b.Op == token.LAND || b.Op == token.LOR)
}

// bounds are the comparisons that differ in the bound only.
var bounds = map[token.Token]struct{ is, helper string }{
	token.LSS: {"<=", "mutantLess"}, token.LEQ: {"<", "mutantLessEqual"},
	token.GTR: {">=", "mutantGreater"}, token.GEQ: {">", "mutantGreaterEqual"},
}

// binary moves the bound of a comparison, and exchanges plus and minus.
func (in *instrument) binary(e *ast.BinaryExpr) {
	if in.info.Types[e].Value != nil {
		return
	}
	helper := ""
	if b, ordering := bounds[e.Op]; ordering {
		helper = fmt.Sprintf("%s(%d, ", b.helper, in.mutant(e, "%s for %s in `%s`", b.is, e.Op, in.text(e)))
	}
	_, left := e.X.(*ast.BasicLit)
	_, right := e.Y.(*ast.BasicLit)
	if sum := e.Op == token.ADD || e.Op == token.SUB; sum && !left && !right && isInteger(in.info.Types[e].Type) {
		name, is := "mutantAdd", "-"
		if e.Op == token.SUB {
			name, is = "mutantSubtract", "+"
		}
		helper = fmt.Sprintf("%s(%d, ", name, in.mutant(e, "%s for %s in `%s`", is, e.Op, in.text(e)))
	}
	if helper != "" {
		in.wrap(e, helper, ")")
		in.replace(e.OpPos, e.Op.String(), ",")
	}
}

// extreme exchanges min and max.
func (in *instrument) extreme(e *ast.CallExpr) {
	fun, is := e.Fun.(*ast.Ident)
	if !is || fun.Name != "min" && fun.Name != "max" || !in.info.Types[e.Fun].IsBuiltin() {
		return
	}
	other, helper := "max", "mutantMin"
	if fun.Name == "max" {
		other, helper = "min", "mutantMax"
	}
	n := in.mutant(e, "%s for %s in `%s`", other, fun.Name, in.text(e))
	in.replace(fun.Pos(), fun.Name+"(", fmt.Sprintf("%s(%d, ", helper, n))
}

// number adds one to a whole number, and takes one off.
func (in *instrument) number(e *ast.BasicLit) {
	t := in.info.Types[e].Type
	outer, isExpr := in.parent().(ast.Expr)
	if e.Kind != token.INT || !isInteger(t) || isExpr && in.info.Types[outer].Value != nil {
		return
	}
	v, err := strconv.Atoi(e.Value)
	if err != nil {
		return
	}
	where := in.text(e)
	if isExpr {
		where = in.text(outer)
	}
	more, less := in.mutant(e, "%d for %d in `%s`", v+1, v, where), 0
	if v > 0 {
		less = in.mutant(e, "%d for %d in `%s`", v-1, v, where)
	}
	name := types.TypeString(t, func(p *types.Package) string {
		if p == in.pkg {
			return ""
		}
		return p.Name()
	})
	in.wrap(e, fmt.Sprintf("mutantNumber[%s](%d, %d, ", name, more, less), ")")
}

func isBoolean(t types.Type) bool {
	b, is := t.Underlying().(*types.Basic)
	return is && b.Info()&types.IsBoolean != 0
}

func isInteger(t types.Type) bool {
	b, is := t.Underlying().(*types.Basic)
	return is && b.Info()&types.IsInteger != 0
}
