package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"groupy/node"
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
		body := f.append(nil)
		got, err := parseFrame(body)
		if d := cmp.Diff(f, got, cmp.Transformer("text", func(b []byte) string { return string(b) })); err != nil || d != "" {
			t.Fatalf("%v\n%s", err, d)
		}
		cut := rapid.IntRange(0, len(body)).Draw(t, "cut")
		part, err := parseFrame(body[:cut])
		if err == nil && bytes.Equal(part.append(nil), body) && cut < len(body) {
			t.Fatalf("%d of %d bytes are read as the whole", cut, len(body))
		}
	})
}

// record runs a group of real processes that multicasts, and that loses its
// leader to SIGKILL while it does, with one other frozen meanwhile. It gives the
// folder of their recordings, and what each process was heard to say.
func record(t testing.TB, protocol string) (folder string, heard map[string][]body) {
	t.Helper()
	c := newCluster(t, 3, body{"protocol": protocol, "app": "colour", "record": true, "timeout_ms": 300, "heartbeat_ms": 30})
	c.data = t.TempDir()
	ps := c.group()
	for i := range 40 {
		for _, p := range ps {
			p.ask(body{"type": "multicast", "msg": fmt.Sprintf("%s-%d", p.name, i)})
		}
	}
	ps[2].awaitCount("deliver", 10)
	if err := ps[2].cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := ps[0].cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ps[0].awaitEnd()
	if err := ps[2].cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	ps[1].awaitView("n2.1", "n3.1")
	ps[1].raw("no line of the contract")
	ps[1].must(body{"type": "multicast", "msg": "after"})
	heard = map[string][]body{}
	for i, p := range ps {
		if i > 0 {
			p.must(body{"type": "shutdown"})
			p.awaitEnd()
		}
		p.mu.Lock()
		heard[p.name+".1"] = p.said
		p.mu.Unlock()
	}
	return c.data, heard
}

func TestAFreshMachineDoesWhatWasRecorded(t *testing.T) {
	folder, heard := record(t, electingLevel)
	for member, said := range heard {
		r, err := ReadRecording(filepath.Join(folder, RecordingName(member)))
		if err != nil {
			t.Fatal(err)
		}
		var lines []body
		if err := r.Replay(func(_ int, outs []Output) {
			for _, o := range outs {
				if l, ok := o.(*Line); ok {
					raw, err := node.Encode(l.Body)
					var b body
					if err != nil || json.Unmarshal(raw, &b) != nil {
						t.Fatalf("%+v: %v", l, err)
					}
					lines = append(lines, b)
				}
			}
		}); err != nil {
			t.Error(err)
		}
		said = said[1:] // init_ok comes before the first step
		if len(lines) < len(said) || member != "n1.1" && len(lines) > len(said) {
			t.Fatalf("%s: %d lines recorded, %d were heard", member, len(lines), len(said))
		}
		if d := cmp.Diff(said, lines[:len(said)]); d != "" {
			t.Errorf("%s was heard to say otherwise than recorded:\n%s", member, d)
		}
		for i := 1; i < len(r.Frames); i++ {
			if r.Frames[i].Now <= r.Frames[i-1].Now {
				t.Fatalf("%s: frame %d is not later than the one before it", member, i)
			}
		}
	}
}

func TestAReplayNamesTheFirstFrameThatDiffers(t *testing.T) {
	folder, _ := record(t, electingLevel)
	path := filepath.Join(folder, RecordingName("n2.1"))
	r, err := ReadRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(r.Frames, func(f Frame) bool { // a delivery or a view: what comes later builds on it
		return f.Kind == InputPeer && len(f.Effects) > 0 && f.Effects[0].Kind == EffectLine
	})
	r.Frames[i].Effects[0].Sum++
	var p *Parted
	if err := r.Replay(nil); !errors.As(err, &p) || p.Frame != i || p.Member != "n2.1" {
		t.Errorf("replay gives %v, frame %d was changed", err, i)
	}
	r.Frames[i].Effects[0].Sum--
	r.Frames = append(r.Frames[:i:i], r.Frames[i+1:]...)
	if err := r.Replay(nil); !errors.As(err, &p) || p.Frame < i {
		t.Errorf("replay gives %v, input %d was taken out", err, i)
	}

	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn, damaged := filepath.Join(folder, "torn"), filepath.Join(folder, "damaged")
	if err := os.WriteFile(torn, data[:len(data)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := ReadRecording(torn); err != nil || !r.Torn || r.Replay(nil) != nil {
		t.Errorf("a torn recording: %v", err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(damaged, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadRecording(damaged); err == nil || !strings.Contains(err.Error(), damaged+": frame at offset ") {
		t.Errorf("a damaged recording: %v", err)
	}
}

func TestARecordingIsNeverOverwritten(t *testing.T) {
	c := newCluster(t, 1, body{"protocol": anyLevel, "record": true})
	init := body{
		"type": "init", "node_id": "n1", "incarnation": 1, "node_ids": c.names,
		"transport": "tcp", "clock": "real", "listen": "127.0.0.1:0", "config": c.extra,
	}
	p := start(t, "n1", c.argv...)
	if text := p.call(init).str("text"); !strings.Contains(text, "data_dir") {
		t.Errorf("without a data_dir: %q", text)
	}
	init["data_dir"] = t.TempDir()
	p.must(init)
	if text := start(t, "n1", c.argv...).call(init).str("text"); !strings.Contains(text, "exists") {
		t.Errorf("a second process of the same member: %q", text)
	}
}

// BenchmarkRecorder is what recording costs a step: the frame of a message that
// is sent on to four others, and one system call.
func BenchmarkRecorder(b *testing.B) {
	w, sends := someMessages(b, anyLevel)
	raw, err := w.Append(nil, sends[len(sends)-1])
	if err != nil {
		b.Fatal(err)
	}
	r, err := newRecorder(node.Init{NodeID: "n1", Incarnation: 1, DataDir: b.TempDir()}, time.Time{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.close()
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r.begin(time.Duration(i)*time.Microsecond, InputPeer, raw)
		for range 4 {
			r.effect(sends[len(sends)-1], raw)
		}
		if err := r.commit(); err != nil {
			b.Fatal(err)
		}
	}
}
