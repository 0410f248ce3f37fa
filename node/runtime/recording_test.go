package runtime

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/node"
	"groupy/node/machine"
	"groupy/node/recording"
)

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
		r, err := recording.ReadRecording(filepath.Join(folder, recording.RecordingName(member)))
		if err != nil {
			t.Fatal(err)
		}
		var lines []body
		if err := r.Replay(func(_ int, outs []machine.Output) {
			for _, o := range outs {
				if l, ok := o.(*machine.Line); ok {
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
	path := filepath.Join(folder, recording.RecordingName("n2.1"))
	r, err := recording.ReadRecording(path)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(r.Frames, func(f recording.Frame) bool { // a delivery or a view: what comes later builds on it
		return f.Kind == recording.InputPeer && len(f.Effects) > 0 && f.Effects[0].Kind == recording.EffectLine
	})
	r.Frames[i].Effects[0].Sum++
	var p *recording.Parted
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
	if r, err := recording.ReadRecording(torn); err != nil || !r.Torn || r.Replay(nil) != nil {
		t.Errorf("a torn recording: %v", err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(damaged, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := recording.ReadRecording(damaged); err == nil || !strings.Contains(err.Error(), damaged+": frame at offset ") {
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
