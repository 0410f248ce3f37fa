package objects

import (
	"fmt"
	"strings"
	"testing"

	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/checker/trace"
)

// TestChooseModel reads what --model takes, right and wrong.
func TestChooseModel(t *testing.T) {
	for _, c := range []struct {
		spec, problem string // problem: "" for none
		initial       string
		anyNil        bool
		first         int64
	}{
		{spec: "map", initial: "null"},
		{spec: "text", initial: `""`},
		{spec: "register:nil=any", initial: "null", anyNil: true},
		{spec: "register:nil=value", initial: "null"},
		{spec: "register:initial=5,nil=any", initial: "5", anyNil: true},
		{spec: "register:", initial: "null"},
		{spec: `register:initial={"a":1,"b":2}`, initial: `{"a":1,"b":2}`},
		{spec: "set:initial=[1,2,3],nil=any", initial: "[1,2,3]", anyNil: true},
		{spec: `queue:initial=["x=1","y=2"]`, initial: `["x=1","y=2"]`},
		{spec: "log:first=1,initial=[1,2]", initial: "[1,2]", first: 1},
		{spec: "log:first=2147483647", initial: "[]", first: 1<<31 - 1},

		{spec: "bag", problem: `no model is called "bag"; there are map, register, counter, set, queue, mutex, log, text`},
		{spec: "mutex:initial=1", problem: `model mutex: it has no parameters, and none is called "initial"`},
		{spec: "counter:first=1", problem: `model counter: no parameter is called "first"; there are initial, nil`},
		{spec: "register:nil=some", problem: "model register: nil=some: it is value or any"},
		{spec: "log:first=x", problem: "model log: first=x: it is a whole number"},
		{spec: "log:first=2147483648", problem: "model log: first=2147483648: it is a whole number"},
		{spec: "register:initial=5,nil", problem: "model register: initial=5,nil: it is JSON"},
		{spec: "log:first=1,2", problem: "model log: first=1,2: it is a whole number"},
		{spec: "register:initial=x", problem: `model register: initial=x: it is JSON; write a text as "…"`},
		{spec: "set:initial=[1,2", problem: "model set: initial=[1,2: it is JSON"},
		{spec: "counter:initial=[1]", problem: "model counter: initial=[1]: [1] is no whole number of at most 2^53"},
	} {
		got, err := chooseModel(c.spec)
		switch {
		case c.problem != "":
			if err == nil || !strings.HasPrefix(err.Error(), c.problem) {
				t.Errorf("%s: %v, want %s", c.spec, err, c.problem)
			}
		case err != nil:
			t.Errorf("%s: %v", c.spec, err)
		case got.initial != c.initial || got.anyNil != c.anyNil || got.first != c.first:
			t.Errorf("%s: initial %s, nil says nothing: %v, first %d; want %s, %v, %d", c.spec, got.initial, got.anyNil, got.first, c.initial, c.anyNil, c.first)
		}
	}
}

// TestTheSumsOfACounterAreBounded: additions that are too many and too large for a sum
// are not understood; reads add nothing, whatever the counter holds.
func TestTheSumsOfACounterAreBounded(t *testing.T) {
	model, err := chooseModel("counter:initial=9007199254740992")
	if err != nil {
		t.Fatal(err)
	}
	o := newOperations(model, true)
	take := func(f, value string, at int64) {
		o.Invoke(&history.Event{Type: history.Invoke, Index: at, Process: "c0", F: f, Value: []byte(value)})
	}
	for i := range int64(600) {
		take("read", "null", i)
	}
	for i := range int64(512) { // 2^9 times 2^53
		take("add", "-9007199254740992", 600+i)
	}
	if o.odd != 0 {
		t.Fatalf("%d operations are not understood, the first at %d: %v", o.odd, o.oddAt, o.oddWhy)
	}
	take("add", "1", 1112)
	if o.odd != 1 || o.oddAt != 1112 || !strings.Contains(o.oddWhy.Error(), "too large for a sum below 2^62") {
		t.Errorf("%d operations are not understood, the first at %d: %v", o.odd, o.oddAt, o.oddWhy)
	}
}

// TestKeysOfAnyKind: a key is what it means; one that is no string is called by its JSON.
func TestKeysOfAnyKind(t *testing.T) {
	o := newOperations(usual, false)
	for i, value := range []string{`{"key":"a","value":1}`, `{"value":2,"key":"\u0061"}`, `{"key":5,"value":1}`, `{"key":{"b":1,"a":2},"value":1}`, `{"key":{"a":2, "b":1},"value":1}`} {
		if o.Invoke(&history.Event{Type: history.Invoke, Index: int64(i), Process: "c0", F: "write", Value: []byte(value)}) == trace.None {
			t.Errorf("%s is not understood: %v", value, o.oddWhy)
		}
	}
	var names []string
	for _, k := range o.keys {
		names = append(names, k.title())
	}
	if got, want := strings.Join(names, "; "), `key a; key 5; key {"a":2,"b":1}`; got != want {
		t.Errorf("the keys are %s, want %s", got, want)
	}
}

// TestCanonical: a value is what it means, however it is written; a number is as it is
// written.
func TestCanonical(t *testing.T) {
	for _, same := range [][]string{
		{"null", "", " null"[1:]},
		{`"a"`, `"\u0061"`},
		{`"<a>&"`, `"\u003ca>\u0026"`, `"\u003Ca\u003e&"`},
		{"\"a\u2028\"", `"a\u2028"`},
		{"[1,2]", "[1, 2]"},
		{`["<",1.0]`, `[ "\u003c" , 1.0 ]`},
		{`{"a":1,"b":[2]}`, `{ "b" : [2], "a" : 1 }`, `{"\u0062":[2],"a":1}`},
	} {
		for _, text := range same {
			if got := canonical([]byte(text)); got != canonical([]byte(same[0])) {
				t.Errorf("%s is %s, and %s is %s", text, got, same[0], canonical([]byte(same[0])))
			}
		}
	}
	for _, text := range []string{"1.0", "1e2", "[1.0,1e2]", "9007199254740993", "[9007199254740993]", `"<a>"`, `["<a>"]`, `"\`} {
		if got := canonical([]byte(text)); got != text {
			t.Errorf("%s becomes %s", text, got)
		}
	}
}

// TestSplitValue takes values of all forms apart.
func TestSplitValue(t *testing.T) {
	for raw, want := range map[string]string{
		"":                          "   | ",
		"5":                         " 5  | ",
		"[1,2]":                     " [1,2]  | ",
		"{}":                        " {}  | ",
		`{"other":1}`:               ` {"other":1}  | `,
		`{"key":"k"}`:               `"k"   | `,
		`{"value":1}`:               " 1  | ",
		`{"from":1}`:                "  1 | ",
		`{"to":1}`:                  "   | 1",
		`{"position":1}`:            "   |1 ",
		`{"key":1,"from":2,"to":3}`: "1  2 | 3",
	} {
		v, err := splitValue([]byte(raw))
		if got := fmt.Sprintf("%s %s %s |%s %s", v.key, v.value, v.from, v.position, v.to); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", raw, got, err, want)
		}
	}
	if _, err := splitValue([]byte(`{"key":`)); err == nil {
		t.Error("an object that ends in its middle is understood")
	}
	for raw, want := range map[string]string{
		"[1,2]": "1 2", `{"from":1,"to":2}`: "1 2", "[1,2,3]": " ", "5": " ",
		`{"from":1,"value":[2,3]}`: "1 ", `{"to":1,"value":[2,3]}`: " 1",
	} {
		v, err := splitValue([]byte(raw))
		from, to := v.pair()
		if got := fmt.Sprintf("%s %s", from, to); err != nil || got != want {
			t.Errorf("%s is the pair %q, %v; want %q", raw, got, err, want)
		}
	}
}

// TestPlace reads the positions that appends are answered with, from a first one.
func TestPlace(t *testing.T) {
	model, err := chooseModel("log:first=1")
	if err != nil {
		t.Fatal(err)
	}
	o := newOperations(model, true)
	for raw, want := range map[string]int32{
		"1": 0, "12": 11, `{"position":3}`: 2, `[4,"v"]`: 3, `{"position":[5,"v"]}`: 4, "2147483647": maxPlace - 1,
		"0": maxPlace, "-7": maxPlace, "null": linear.Unplaced, "": linear.Unplaced, `[null,"v"]`: linear.Unplaced,
	} {
		v, err := splitValue([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.place(v); err != nil || got != want {
			t.Errorf("%s is place %d, %v; want %d", raw, got, err, want)
		}
	}
	for _, raw := range []string{`"x"`, "1.5", "0x1", "2147483648", "[1]", "[]", "[1,2,3]"} {
		if got, err := o.place(opValue{value: []byte(raw)}); err == nil {
			t.Errorf("%s is place %d", raw, got)
		}
	}
}
