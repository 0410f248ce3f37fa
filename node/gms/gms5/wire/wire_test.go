package wire

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The fast way writes what encoding/json writes, and reads what that reads, for
// messages of any content: also such as it must leave to encoding/json.
func TestGMS5WireIsThatOfEncodingJSON(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[a-z0-9./~]{0,8}`), rapid.String(), rapid.SampledFrom([]string{"<&>", `"`, "é", "\u2028", "\x7f", "\xff"}))
	payload := rapid.SampledFrom([]string{
		"", "0", "01", "7", "12", "1234567890123456789", "1.5", "1e3", "-4", `"plain"`, `"\n"`, `"é"`, `{"a": 1}`, ` 1`, "[1, 2]", "null", "\"\u2028<\"",
	})
	number := rapid.OneOf(rapid.IntRange(0, 3), rapid.Int())
	entry := rapid.Custom(func(t *rapid.T) Entry {
		return Entry{"n" + text.Draw(t, "origin"), number.Draw(t, "seq"), text.Draw(t, "msg"), json.RawMessage(payload.Draw(t, "payload"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		m := &Message{
			Type: rapid.OneOf(rapid.SampledFrom(plainKinds[:]), text).Draw(t, "kind"),
			View: number.Draw(t, "view"), First: number.Draw(t, "first"), N: number.Draw(t, "n"),
			Entries: rapid.SliceOfN(entry, 0, 4).Draw(t, "entries"), Commit: number.Draw(t, "commit"), Stable: number.Draw(t, "stable"),
			At: time.Duration(number.Draw(t, "at")), Leaving: rapid.Bool().Draw(t, "leaving"), Member: text.Draw(t, "member"),
		}
		follow := false
		for i := 1; i < len(m.Entries); i++ {
			if rapid.Bool().Draw(t, "follows") {
				m.Entries[i].Origin, m.Entries[i].Seq = m.Entries[i-1].Origin, m.Entries[i-1].Seq+1
				follow = true
			}
		}
		if rapid.IntRange(0, 9).Draw(t, "ballot") == 0 {
			m.Ballot = &Ballot{1, "n1.1"}
		}
		want, err := appendAny([]byte("before"), m)
		got, gotErr := m.AppendJSON([]byte("before"))
		if (err == nil) != (gotErr == nil) || err == nil && !follow && !bytes.Equal(got, want) {
			t.Fatalf("AppendJSON gives %q, %v; encoding/json %q, %v", got, gotErr, want, err)
		}
		if err == nil {
			readsAlike(t, want[len("before"):])
			readsAlike(t, got[len("before"):])
			saysTheSame(t, got[len("before"):], want[len("before"):])
		}
	})
}

// saysTheSame holds what AppendJSON writes to what encoding/json writes.
func saysTheSame(t rapid.TB, got, want []byte) {
	t.Helper()
	a, b := new(Message), new(Message)
	for m, text := range map[*Message][]byte{a: got, b: want} {
		if err := json.Unmarshal(text, m); err != nil {
			t.Fatal(err)
		}
		m.complete()
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Fatalf("%q does not say what %q says:\n%s", got, want, d)
	}
}

// readsAlike holds the parser, if it takes the text, to what encoding/json
// makes of it.
func readsAlike(t rapid.TB, text []byte) {
	t.Helper()
	given := bytes.Clone(text)
	got, ok := parse(given)
	clear(given) // the parser keeps nothing of it
	if !ok {
		return
	}
	want := new(Message)
	if err := json.Unmarshal(text, want); err != nil {
		t.Fatalf("%q is read, but encoding/json says %v", text, err)
	}
	want.complete()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%q: want and got\n%s", text, d)
	}
}

// A text with one byte changed, gone or more is read as encoding/json reads it, or
// left to it.
func TestGMS5ParserIsNoMoreLenientThanEncodingJSON(t *testing.T) {
	whole, err := (&Message{
		Type: Order, View: 2, First: 3, Commit: 4, Stable: 10, At: time.Second, Leaving: true, Member: "n1.1",
		Entries: []Entry{{"n1.1", 1, "m1", json.RawMessage(`"x"`)}, {"n2.1", 12, "m2", json.RawMessage(`34`)}, {Origin: "n1.1", Seq: 2, Msg: "m3"}, {"n1.1", 3, "m4", json.RawMessage(`"y"`)}},
	}).AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := parse(whole); !ok {
		t.Fatalf("%s is left to encoding/json", whole)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := bytes.Clone(whole)
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
			c := rapid.SampledFrom([]byte(`"\{}[],:0129.e-n `)).Draw(t, "byte")
			switch rapid.IntRange(0, 2).Draw(t, "change") {
			case 0:
				text[at] = c
			case 1:
				text = append(text[:at], text[at+1:]...)
			case 2:
				text = append(text[:at], append([]byte{c}, text[at:]...)...)
			}
		}
		readsAlike(t, text)
	})
}
