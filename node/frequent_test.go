package node

import (
	"testing"

	"pgregory.net/rapid"
)

// What is written by hand is what encoding/json writes, whatever the texts hold.
func TestFrequentBodiesAreThoseOfEncode(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[a-z0-9.~]{0,6}`), rapid.String(), rapid.SampledFrom([]string{"<&>", "\"", "\u2028", "\xff", "\x7f"}))
	number := rapid.OneOf(rapid.Int64Range(0, 1), rapid.Int64())
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) string { return text.Draw(t, label) }
		h := Head{Type: draw("type"), MsgID: number.Draw(t, "id"), InReplyTo: number.Draw(t, "reply")}
		for _, body := range []frequent{
			&Deliver{Head: Head{Type: TypeDeliver}, Msg: draw("msg"), Sender: draw("sender"), View: draw("view")},
			&Deliver{Head: h, Msg: draw("msg"), Sender: draw("sender"), View: draw("view"), State: draw("state")},
			Send{Head: h, Msg: draw("msg"), View: draw("view")},
			OK{Head: h},
		} {
			want, err := Encode(body)
			if err != nil {
				t.Fatal(err)
			}
			if got := body.appendJSON([]byte("before")); string(got) != "before"+string(want) {
				t.Fatalf("%T: %q, want %q", body, got[len("before"):], want)
			}
		}
	})
}
