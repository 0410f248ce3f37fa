package recording

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node"
	"groupy/node/machine"
)

func TestWhatAFrameWritesItReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.Rune())
		f := Frame{
			Now:   time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "now")) * time.Microsecond,
			Kind:  InputKind(rapid.SampledFrom([]byte("hlpct")).Draw(t, "kind")),
			Input: []byte(text.Draw(t, "input")),
		}
		for range rapid.IntRange(0, 4).Draw(t, "effects") {
			f.Effects = append(f.Effects, Effect{EffectKind(rapid.Byte().Draw(t, "effect")), text.Draw(t, "to"), rapid.Uint64().Draw(t, "sum")})
		}
		body := f.Append(nil)
		got, err := parseFrame(body)
		if d := cmp.Diff(f, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); err != nil || d != "" {
			t.Fatalf("%v\n%s", err, d)
		}
		cut := rapid.IntRange(0, len(body)).Draw(t, "cut")
		part, err := parseFrame(body[:cut])
		if err == nil && bytes.Equal(part.Append(nil), body) && cut < len(body) {
			t.Fatalf("%d of %d bytes are read as the whole", cut, len(body))
		}
	})
}

// BenchmarkRecorder is what recording costs a step: the frame of a message that
// is sent on to four others, and one system call.
func BenchmarkRecorder(b *testing.B) {
	raw := []byte(`{"src":"n1","dest":"n2","body":{"type":"gms","from":"n1.1","to":"n2.1","m":{"type":"msg","n":7,"id":"m1","payload":{"a":"b"}}}}`)
	r, err := NewRecorder(node.Init{NodeID: "n1", Incarnation: 1, DataDir: b.TempDir()}, time.Time{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.Begin(time.Duration(i)*time.Microsecond, InputPeer, raw)
		for range 4 {
			r.Effect(machine.Send{To: "n2.1"}, raw)
		}
		if err := r.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}
