package link

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"groupy/node"
)

// However a stream of frames falls into reads, and whenever rules come and go:
// no byte is lost or moved, and what is called whole is one frame.
func TestFramerLosesNoByteAndCallsOnlyFramesWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frames := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 300), 1, 12).Draw(t, "frames")
		var wire []byte
		isFrame := map[string]bool{}
		for _, p := range frames {
			f := node.AppendFrame(nil, p)
			isFrame[string(f)] = true
			wire = append(wire, f...)
		}
		var f framer
		var out []byte
		messages := 0
		for in := wire; len(in) > 0; {
			n := rapid.IntRange(1, len(in)).Draw(t, "read")
			if rapid.Bool().Draw(t, "plain") {
				out = append(out, f.flush()...)
				out = append(out, in[:n]...)
				messages += f.pass(in[:n])
			} else {
				f.split(in[:n], func(b []byte, kind Kind) {
					if kind == Whole {
						messages++
						if !isFrame[string(b)] {
							t.Fatalf("%x is called whole", b)
						}
					}
					out = append(out, b...)
				})
			}
			in = in[n:]
		}
		if !bytes.Equal(out, wire) {
			t.Fatalf("sent %x\n got %x", wire, out)
		}
		if f.mode != framed || !f.boundary() {
			t.Fatalf("mode %d, boundary %v at the end of whole frames", f.mode, f.boundary())
		}
		if messages > len(frames) {
			t.Fatalf("%d messages counted in %d frames", messages, len(frames))
		}
	})
}

// Traffic without frames is never withheld, whatever rules there are.
func TestFramerNeverWithholdsWhatIsNotFramed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var f framer
		first := rapid.SampledFrom([]string{"GET / HTTP/1.1\r\n", `{"src":"n1"}` + "\n", "\x00\x15Nabc", "\x16\x03\x01", "\x00"}).Draw(t, "first")
		for _, text := range append([]string{first}, rapid.SliceOf(rapid.StringMatching(`[ -~]{1,40}\n`)).Draw(t, "lines")...) {
			var out []byte
			f.split([]byte(text), func(b []byte, kind Kind) {
				if kind == Whole {
					t.Fatalf("%q is called whole", b)
				}
				out = append(out, b...)
			})
			if string(out) != text {
				t.Fatalf("read %q, passed on %q", text, out)
			}
		}
	})
}

func TestFramerKnowsWholeFramesFromTheFirstRead(t *testing.T) {
	var f framer
	var kinds []Kind
	f.split(node.AppendFrame(node.AppendFrame(nil, []byte("a")), []byte("bc")), func(_ []byte, k Kind) { kinds = append(kinds, k) })
	if len(kinds) != 2 || kinds[0] != Whole || kinds[1] != Whole {
		t.Errorf("kinds %v, want two whole frames", kinds)
	}
}
