package wire

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 123456789, time.UTC)

func newCapture(t *testing.T, size int64) (*Capture, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wire.pcapng")
	c, err := NewCapture(path, []string{"n1", "n2"}, size, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return c, path
}

// blocks reads a capture apart, and counts its blocks by kind.
func blocks(t *testing.T, path string) map[uint32]int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := map[uint32]int{}
	for len(b) > 0 {
		length := int(binary.LittleEndian.Uint32(b[4:]))
		if length%4 != 0 || length > len(b) || int(binary.LittleEndian.Uint32(b[length-4:])) != length {
			t.Fatalf("block %v of length %d, %d bytes are left", b[:4], length, len(b))
		}
		found[binary.LittleEndian.Uint32(b)]++
		b = b[length:]
	}
	return found
}

func TestACaptureIsARing(t *testing.T) {
	const size = 1 << 20
	c, path := newCapture(t, size)
	text := strings.Repeat("x", 400)
	for i := range 20_000 {
		c.packet(0, true, tcp(one, two, flagACK, uint32(i), 0, text))
		if i%500 == 0 { // so that it is written in parts
			for c.waiting() > 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > size*3/2 || info.Size() < size/2 {
		t.Errorf("%d bytes, want about %d", info.Size(), size)
	}
	found := blocks(t, path)
	if found[blockSection] != 2 || found[blockInterface] != 4 || found[blockPacket] < 1000 {
		t.Errorf("blocks %v, want two sections", found)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := tcp(one, two, flagACK, 19_999, 0, "")[ipv4Header:][:8]
	if !strings.Contains(string(b), string(last)) {
		t.Error("the last packet is not in it")
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 1 {
		t.Errorf("files %v are left", left)
	}
	if c.Missed() != 0 {
		t.Errorf("%d packets were missed", c.Missed())
	}
}

// waiting is how many bytes are not written yet.
func (c *Capture) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.buf)
}

// TestWiresharkReadsACapture: what tshark sees is what was put in.
func TestWiresharkReadsACapture(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("needs tshark (Debian: apt-get install tshark)")
	}
	c, path := newCapture(t, 1<<20)
	c.packet(0, true, tcp(one, two, flagSYN, 1, 0, ""))
	c.comment("f1 drop begins")
	c.comment("f2 delay begins")
	c.packet(1, false, tcp(one, two, flagACK, 2, 1, strings.Repeat("x", 2*snap)))
	c.comment("f1 drop ends")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tshark, "-r", path, "-T", "fields", "-E", "separator=|", "-E", "aggregator=;",
		"-e", "frame.interface_name", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "ip.src", "-e", "tcp.dstport", "-e", "frame.comment")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("%d.%09d", noon.Unix(), noon.Nanosecond())
	want := "n1|" + at + "|40|10.7.0.1|7000|\n" +
		"n2|" + at + "|1064|10.7.0.1|7000|f1 drop begins;f2 delay begins\n" +
		"n1|" + at + "|0|||f1 drop ends\n"
	if string(out) != want {
		t.Errorf("tshark reads\n%swant\n%s", out, want)
	}
}

func TestNoCaptureCapturesNothing(t *testing.T) {
	var c *Capture
	c.packet(0, true, nil)
	c.comment("nothing")
	if err := c.Close(); err != nil || c.Missed() != 0 {
		t.Error(err)
	}
	if _, err := NewCapture(filepath.Join(t.TempDir(), "no", "folder"), nil, 1, time.Now); err == nil {
		t.Error("a capture begins where there is no folder")
	}
}
