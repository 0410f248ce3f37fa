package edn

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func all(input string) (json []string, err error) {
	r := NewReader(strings.NewReader(input))
	for {
		v, err := r.Next()
		if errors.Is(err, io.EOF) {
			return json, nil
		}
		if err != nil {
			return json, err
		}
		json = append(json, string(v.JSON()))
	}
}

func TestReads(t *testing.T) {
	for _, c := range []struct {
		input string
		want  []string
	}{
		{``, nil},
		{" ; only a comment", nil},
		{`nil true false`, []string{"null", "true", "false"}},
		{`0 -1 +2 3N 4.5 6. 7e3 8.5M 1/3 123456789012345678901234567890`, []string{
			"0", "-1", "2", "3", "4.5", "6", "7e3", "8.5", `"1/3"`, "123456789012345678901234567890",
		}},
		{`:read :a.b/c foo/bar - +x`, []string{`"read"`, `"a.b/c"`, `"foo/bar"`, `"-"`, `"+x"`}},
		{`"a\nb\"\u00e9\uD83D\uDE00é"`, []string{`"a\nb\"é😀é"`}},
		{`\a \newline \u0041 \é \( [\)]`, []string{`"a"`, `"\n"`, `"A"`, `"é"`, `"("`, `[")"]`}},
		{`##Inf [##NaN]`, []string{`"##Inf"`, `["##NaN"]`}},
		{`[1 (2 3) #{4} {}]`, []string{`[1,[2,3],[4],{}]`}},
		{`{:a 1, "b" [2], 3 nil, [4] 5}`, []string{`{"a":1,"b":[2],"3":null,"[4]":5}`}},
		{"#jepsen.history.Op{:index 0, :f :read} #inst \"2020-01-01T00:00:00Z\" #uuid \"x\"", []string{`{"index":0,"f":"read"}`, `"2020-01-01T00:00:00Z"`, `"x"`}},
		{"#_ {:gone [1]} 1 #_#_ 2 3 4 [#_ 5 6 #_ 7] ; end\n#_nil", []string{"1", "4", "[6]"}},
	} {
		got, err := all(c.input)
		if err != nil {
			t.Errorf("%s: %v", c.input, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", c.input, diff)
		}
	}
}

func TestSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, c := range []struct{ input, want string }{
		{"[1\n 2", "2:3: the input ends in the middle of a value"},
		{"{:a 1\n :b}", "1:1: a map with a key that has no value"},
		{" )", "1:2: ')' closes nothing"},
		{"[1 }", "1:4: '}' closes nothing"},
		{`"abc`, "1:5: the input ends in the middle of a value"},
		{`"\q"`, `1:4: unknown escape \q in a string`},
		{`"\u00g0"`, `1:8: \u needs four hexadecimal digits`},
		{`12x`, `1:1: "12x" begins like a number and is none`},
		{`\unknown`, `1:1: unknown character \unknown`},
		{"#", "1:2: the input ends in the middle of a value"},
		{"# 1", "1:1: # begins neither a set nor a tagged value"},
		{"#_", "1:3: the input ends in the middle of a value"},
		{":", "1:1: a keyword without a name"},
		{"a\x00b", "1:2: binary data, not text; is this the right file?"},
		{"\xff\xfe", "1:1: binary data, not text in UTF-8; is this the right file?"},
		{strings.Repeat("[", 100_000), "1:202: nested deeper than 200"},
		{strings.Repeat("#_", 100_000), "1:403: nested deeper than 200"},
		{strings.Repeat("#a ", 100_000), "1:604: nested deeper than 200"},
	} {
		_, err := all(c.input)
		var e *Error
		if !errors.As(err, &e) || e.Error() != c.want {
			t.Errorf("%.20q: got %v, want %s", c.input, err, c.want)
		}
	}
}

// A vector of any length is read item by item.
func TestStepsIntoAVector(t *testing.T) {
	r := NewReader(strings.NewReader(";x\n ({:a 1}, {:a 2} #_3 ) {:b 1}"))
	end, ok, err := r.Enter()
	if !ok || err != nil {
		t.Fatalf("did not step in: %v", err)
	}
	var got []string
	for {
		v, ok, err := r.Item(end)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		got = append(got, string(v.JSON()))
	}
	if v, err := r.Next(); err != nil || string(v.JSON()) != `{"b":1}` {
		t.Errorf("then came %v, %v", v, err)
	}
	if diff := cmp.Diff([]string{`{"a":1}`, `{"a":2}`}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{`{:a [1 #{2}] "b" \c}`, `#x/y (1/2 3.5M ; c`, `"\u00e9`, `#_#_ 1 2 3`, "\\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input string) {
		r := NewReader(strings.NewReader(input))
		for {
			v, err := r.Next()
			if err != nil {
				var e *Error
				if !errors.Is(err, io.EOF) && !errors.As(err, &e) {
					t.Fatalf("an error without a place: %v", err)
				}
				return
			}
			text := v.JSON()
			again, err := NewReader(strings.NewReader(string(v.Append(nil)))).Next()
			if err != nil || string(again.JSON()) != string(text) {
				t.Fatalf("%s was written as %s and read as %s (%v)", text, v.Append(nil), again.JSON(), err)
			}
		}
	})
}
