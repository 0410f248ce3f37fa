package serve_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"groupy/harness/browsertest"
	"groupy/harness/plan"
	"groupy/harness/report"
	"groupy/harness/store"
)

// growing copies a run's folder as it was when its history had so many lines, and
// gives what lets it grow to its end.
func growing(t *testing.T, from store.Folder, root string, lines int) (name string, more func(lines int), end func()) {
	t.Helper()
	name = filepath.Join("growing", filepath.Base(string(from)))
	to := filepath.Join(root, name)
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadFile(filepath.Join(string(from), store.HistoryFile))
	if err != nil {
		t.Fatal(err)
	}
	rest := bytes.SplitAfter(all, []byte("\n"))
	file, err := os.Create(filepath.Join(to, store.HistoryFile))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	more = func(lines int) {
		n := min(lines, len(rest))
		if _, err := file.Write(bytes.Join(rest[:n], nil)); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	more(lines)
	return name, more, func() {
		more(len(rest))
		for _, f := range []string{store.RunFile, store.VerdictFile} {
			data, err := os.ReadFile(filepath.Join(string(from), f))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(to, f), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestTheLivePageMoves follows a history that grows line by line to its verdict.
func TestTheLivePageMoves(t *testing.T) {
	b := browsertest.Open(t)
	store := t.TempDir()
	name, more, end := growing(t, keep(t, t.TempDir(), gms2), store, 300)
	site := open(t, store)
	b.Do(chromedp.Navigate(site.URL))
	b.Await(`document.querySelector("#running a") !== null`) // the store's page says that it runs
	b.Do(chromedp.Navigate(site.URL + "/run/" + filepath.ToSlash(name) + "/live"))
	b.Await(`model.events > 200 && diagram.marks > 0`)
	lanes, before := browsertest.Eval[int](b, `document.querySelectorAll("#tiles li").length`), browsertest.Eval[int](b, "model.counts.deliveries")
	frames, from := browsertest.Eval[int](b, "diagram.frames"), browsertest.Eval[float64](b, "span.to")
	if lanes != 5 {
		t.Errorf("%d tiles, want one for each of 5 nodes", lanes)
	}
	more(1)
	more(250)
	b.Await(`model.events > 500`)
	if now := browsertest.Eval[int](b, "model.counts.deliveries"); now <= before {
		t.Errorf("%d deliveries, after %d", now, before)
	}
	if to := browsertest.Eval[float64](b, "span.to"); to <= from {
		t.Errorf("the diagram ends at %.0f µs, and did at %.0f: it does not follow", to, from)
	}
	end()
	b.Await(`document.getElementById("verdict").textContent === "invalid"`)
	if now := browsertest.Eval[int](b, "diagram.frames"); now <= frames {
		t.Errorf("%d frames, after %d: the lanes stand still", now, frames)
	}
	if thrown := b.Thrown(); len(thrown) > 0 {
		t.Errorf("its scripts throw %v", thrown)
	}
}

var shots = flag.String("shots", "", "folder for screenshots of the main pages; none are made without")

// TestScreenshots makes the pictures of the README (see .ci/screenshots).
func TestScreenshots(t *testing.T) {
	if *shots == "" {
		t.Skip("no pictures without -shots FOLDER")
	}
	b := browsertest.Open(t)
	root := filepath.Join(t.TempDir(), "store")
	bad := keep(t, root, gms2)
	colour := keep(t, root, plan.Options{Protocol: "gms5", Workload: "colour", Seed: "2", TimeLimit: 12 * time.Second})
	keep(t, root, plan.Options{Protocol: "gms3", Workload: "multicast", Nemesis: []string{"partition-random-halves", "drop"}, Seed: "3", TimeLimit: 5 * time.Second})
	for _, f := range []store.Folder{bad, colour} {
		if err := report.Draw(string(f), nil); err != nil {
			t.Fatal(err)
		}
	}
	live, _, _ := growing(t, colour, root, 3000)
	site := open(t, root)
	rel := func(f store.Folder) string { r, _ := filepath.Rel(root, string(f)); return filepath.ToSlash(r) }
	for _, p := range []struct{ name, path, ready string }{
		{"report", "/run/" + rel(bad) + "/report.html", "diagram.marks > 0"},
		{"colour", "/run/" + rel(colour) + "/report.html#diagram", "diagram.marks > 0"},
		{"store", "/", `document.querySelector("#running a") !== null`},
		{"live", "/run/" + live + "/live", "model.events > 2900 && diagram.marks > 100"},
	} {
		for _, scheme := range []string{"light", "dark"} {
			var png []byte
			b.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.EmulateViewport(1240, 1000), chromedp.Navigate(site.URL+p.path))
			b.Await(p.ready)
			b.Do(chromedp.CaptureScreenshot(&png))
			if err := os.WriteFile(filepath.Join(*shots, p.name+"-"+scheme+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
