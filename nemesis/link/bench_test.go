package link

import (
	"io"
	"net"
	"testing"
	"time"

	"groupy/node"
	"groupy/node/draw"
)

// echoWorld is a mesh of two with an echo at n2, and its real address.
func echoWorld(b *testing.B) (*Mesh, string) {
	b.Helper()
	began := time.Now()
	mesh, err := NewMesh(NewTable(draw.New("bench")), []string{"n1", "n2"}, func() time.Duration { return time.Since(began) })
	if err != nil {
		b.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	mesh.SetTarget("n2", l.Addr().String())
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, struct{ io.Reader }{c})
				c.Close()
			}()
		}
	}()
	b.Cleanup(func() { l.Close(); mesh.Close() })
	return mesh, l.Addr().String()
}

func roundTrips(b *testing.B, addr string) {
	c, err := net.Dial("tcp4", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	frame := node.AppendFrame(nil, make([]byte, 100))
	back := make([]byte, len(frame))
	for b.Loop() {
		if _, err := c.Write(frame); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, back); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRoundTrip is one message there and back: directly, through the link
// (both directions of one connection), and with a rule that changes nothing but
// the path taken.
func BenchmarkRoundTrip(b *testing.B) {
	b.Run("direct", func(b *testing.B) {
		_, addr := echoWorld(b)
		roundTrips(b, addr)
	})
	b.Run("link", func(b *testing.B) {
		mesh, _ := echoWorld(b)
		roundTrips(b, mesh.Addr("n1", "n2"))
	})
	b.Run("rule", func(b *testing.B) {
		mesh, _ := echoWorld(b)
		mesh.SetRule("r", "n1", "n2", Rule{Drop: 1e-12})
		mesh.SetRule("r", "n2", "n1", Rule{Drop: 1e-12})
		roundTrips(b, mesh.Addr("n1", "n2"))
	})
}

// BenchmarkFrames is how many frames of 100 bytes a second go through one link,
// many to a write, as a busy sender's do.
func BenchmarkFrames(b *testing.B) {
	for _, c := range []struct {
		name string
		rule Rule
	}{{"plain", Rule{}}, {"rule", Rule{Drop: 1e-12}}} {
		b.Run(c.name, func(b *testing.B) {
			mesh, _ := echoWorld(b)
			sink, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			defer sink.Close()
			mesh.SetTarget("n2", sink.Addr().String())
			if c.rule != (Rule{}) {
				mesh.SetRule("r", "n1", "n2", c.rule)
			}
			out, err := net.Dial("tcp4", mesh.Addr("n1", "n2"))
			if err != nil {
				b.Fatal(err)
			}
			defer out.Close()
			in, err := sink.Accept()
			if err != nil {
				b.Fatal(err)
			}
			defer in.Close()
			const batch = 50
			var wire []byte
			for range batch {
				wire = node.AppendFrame(wire, make([]byte, 100))
			}
			frames := 0
			done := make(chan error, 1)
			b.ResetTimer()
			go func() {
				_, err := io.CopyN(io.Discard, struct{ io.Reader }{in}, int64(b.N)*int64(len(wire)))
				done <- err
			}()
			for range b.N {
				if _, err := out.Write(wire); err != nil {
					b.Fatal(err)
				}
				frames += batch
			}
			if err := <-done; err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(frames)/b.Elapsed().Seconds(), "frames/s")
		})
	}
}

// BenchmarkCut is the time for all links of a partition of five nodes to be cut
// and healed: what is sent after it is lost, so it holds when the call returns.
func BenchmarkCut(b *testing.B) {
	began := time.Now()
	nodes := []string{"n1", "n2", "n3", "n4", "n5"}
	mesh, err := NewMesh(NewTable(draw.New("bench")), nodes, func() time.Duration { return time.Since(began) })
	if err != nil {
		b.Fatal(err)
	}
	defer mesh.Close()
	for b.Loop() {
		for _, from := range nodes[:2] {
			for _, to := range nodes[2:] {
				mesh.SetRule("cut", from, to, Rule{Cut: true})
				mesh.SetRule("cut", to, from, Rule{Cut: true})
			}
		}
		mesh.ClearRules("cut")
	}
}
