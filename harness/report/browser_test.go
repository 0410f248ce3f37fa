package report_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"groupy/harness/browsertest"
)

const canvas = `document.getElementById("space-time")`

// drawnAgain has the diagram do something and waits for the frame that shows it;
// it gives what the frame drew.
func drawnAgain(b *browsertest.Browser, do string) int {
	before := browsertest.Eval[int](b, "diagram.frames")
	browsertest.Eval[any](b, "("+do+", null)")
	b.Await(fmt.Sprintf("diagram.frames > %d", before))
	return browsertest.Eval[int](b, "diagram.marks")
}

// TestReportsInABrowser opens reports from disk, in one browser: to start it takes
// longer than all that is done in it.
func TestReportsInABrowser(t *testing.T) {
	b := browsertest.Open(t)
	t.Run("used as people do", func(t *testing.T) { use(t, b) })
	t.Run("a hundred thousand events", func(t *testing.T) { hundredThousand(t, b) })
	t.Run("a node cannot run a script", func(t *testing.T) { hostileNames(t, b) })
	if loaded := b.Fetched("http:", "https:", "ws:"); len(loaded) > 0 {
		t.Errorf("the pages load %v", loaded)
	}
	if thrown := b.Thrown(); len(thrown) > 0 {
		t.Errorf("their scripts throw %v", thrown)
	}
}

func use(t *testing.T, b *browsertest.Browser) {
	url, result := broken(t)
	b.Do(chromedp.Navigate(url))
	b.Await(canvas + ".dataset.marks > 0")

	t.Run("the diagram shows every member", func(t *testing.T) {
		lanes, members := browsertest.Eval[int](b, "diagram.shown.length"), int(result.Judgement.Stats.Members)
		if lanes != members {
			t.Errorf("%d lanes, want one for each of %d members", lanes, members)
		}
		if n := browsertest.Eval[int](b, "model.counts.deliveries"); n != int(result.Judgement.Stats.Deliveries) {
			t.Errorf("the page has %d deliveries, the history %d", n, result.Judgement.Stats.Deliveries)
		}
		if ink := browsertest.Eval[int](b, `[...`+canvas+`.getContext("2d").getImageData(0, 0, 900, 300).data].filter((v, i) => i % 4 === 3 && v > 0).length`); ink < 5000 {
			t.Errorf("only %d pixels of the canvas have ink", ink)
		}
	})
	t.Run("search finds a message", func(t *testing.T) {
		whole := browsertest.Eval[float64](b, "span.width")
		b.Do(chromedp.SendKeys("#wanted", "m7"+kb.Enter))
		b.Await(`document.getElementById("chosen").textContent.startsWith("m7 asked for at ")`)
		if hits := browsertest.Eval[int](b, `document.querySelectorAll("#hits button").length`); hits < 2 {
			t.Errorf("%d messages have m7 in their name, want m7 and others", hits)
		}
		if now := browsertest.Eval[float64](b, "span.width"); now >= whole/2 {
			t.Errorf("the diagram shows %.0f of %.0f µs, want the message's place", now, whole)
		}
		b.Await(canvas + ".dataset.arrows > 0")
		browsertest.Eval[any](b, `(document.getElementById("wanted").value = "", null)`)
		b.Do(chromedp.SendKeys("#wanted", "no such message"))
		b.Await(`document.getElementById("found").textContent.startsWith("no message")`)
	})
	t.Run("a witness leads to its place", func(t *testing.T) {
		b.Do(chromedp.Click(".jump", chromedp.ByQuery))
		witness := len(result.Judgement.Properties["virtual-synchrony"].Witness)
		if rings := browsertest.Eval[int](b, "diagram.marked.length"); rings != witness {
			t.Errorf("%d events are marked, want the witness's %d", rings, witness)
		}
		if !browsertest.Eval[bool](b, "diagram.marked.every((p) => p.t >= span.from && p.t <= span.to)") {
			t.Error("the diagram does not show the events that it marks")
		}
		if text := browsertest.Eval[string](b, `document.getElementById("chosen").textContent`); !contains(text, "not delivered by") {
			t.Errorf("of the message it says %q, want who lacks it", text)
		}
	})
	t.Run("view colours do not repeat within sight", func(t *testing.T) {
		for _, dark := range []string{"false", "true"} {
			if n := browsertest.Eval[int](b, "new Set([...Array(60).keys()].map((n) => tint(n, "+dark+"))).size"); n != 60 {
				t.Errorf("60 views have %d colours, dark %s", n, dark)
			}
			near := browsertest.Eval[int](b, `Math.min(...[...Array(60).keys()].map((n) => {
				const hue = (n) => Number(tint(n, `+dark+`).match(/[0-9]+/)[0]), by = Math.abs(hue(n) - hue(n + 1)) % 360;
				return Math.min(by, 360 - by);
			}))`)
			if near < 60 {
				t.Errorf("one view after another differs in hue by %d degrees, dark %s", near, dark)
			}
		}
	})
	t.Run("ends look different", func(t *testing.T) {
		const signs = `[...new Set(model.lanes.flatMap((l) => l.notes.map((n) => n.sign)))].sort().join(" ")`
		if got := browsertest.Eval[string](b, signs); got != "killed orderly" {
			t.Errorf("the ends of this run are drawn as %q", got)
		}
		if n := browsertest.Eval[int](b, `new Set(["killed", "orderly", "evicted"].map((sign) => {
			const c = document.createElement("canvas").getContext("2d");
			ends[sign](c, 20, 20, ink());
			return c.canvas.toDataURL();
		})).size`); n != 3 {
			t.Errorf("three kinds of ends are drawn in %d ways", n)
		}
	})
	t.Run("the bootstrap is not load", func(t *testing.T) {
		if began := browsertest.Eval[int](b, "model.began"); began <= 0 {
			t.Errorf("the main phase begins at %d", began)
		}
		if !browsertest.Eval[bool](b, "model.ops.t[0] < model.began") {
			t.Error("nothing was asked before the main phase: the test shows nothing")
		}
		// What counts for the scale is of the main phase.
		if !browsertest.Eval[bool](b, "(() => { const c = new Chart(document.getElementById('rate'), model, span, paintRate); return !c.loaded(0) && c.loaded(model.began); })()") {
			t.Error("the scale goes by the bootstrap too")
		}
	})
	t.Run("wide things scroll visibly on a telephone", func(t *testing.T) {
		b.Do(chromedp.EmulateViewport(400, 800))
		defer b.Do(chromedp.EmulateViewport(1240, 900))
		if over := browsertest.Eval[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
			t.Errorf("the page itself is %d pixels too wide", over)
		}
		if n := browsertest.Eval[int](b, `[...document.querySelectorAll(".scroll")].filter((e) => e.scrollWidth > e.clientWidth && getComputedStyle(e).backgroundImage.includes("gradient")).length`); n == 0 {
			t.Error("nothing scrolls, or nothing shows that it does")
		}
	})
	t.Run("keys zoom and move", func(t *testing.T) {
		b.Do(chromedp.Focus("#space-time"), chromedp.KeyEvent(kb.Home))
		whole := browsertest.Eval[float64](b, "span.width")
		b.Do(chromedp.KeyEvent("+"), chromedp.KeyEvent("+"), chromedp.KeyEvent(kb.ArrowRight))
		if now := browsertest.Eval[float64](b, "span.width"); now >= whole/2 {
			t.Errorf("twice + shows %.0f of %.0f µs", now, whole)
		}
	})
}

// hundredThousand counts what a frame draws: it must hang on what the
// screen can show, and not on what the history holds.
func hundredThousand(t *testing.T, b *browsertest.Browser) {
	b.Do(chromedp.Navigate(drawn(t, written(t, 15_000, func(i int) string { return fmt.Sprint("m", i) }, -1))))
	b.Await(canvas + ".dataset.marks > 0")
	if n := browsertest.Eval[int](b, "model.events"); n < 100_000 {
		t.Fatalf("the history has %d events", n)
	}
	const columns = 5 * 1240 / 2 // five lanes
	if marks := drawnAgain(b, "span.reset()"); marks < 1000 || marks > columns+50 {
		t.Errorf("the whole run is drawn with %d marks, want some, and at most a column for two pixels of each lane", marks)
	}
	for i := range 12 {
		if marks := drawnAgain(b, "span.zoom(0.5)"); marks > 2*columns {
			t.Errorf("zoomed in %d times, a frame draws %d marks", i+1, marks)
		}
	}
	if marks, arrows := browsertest.Eval[int](b, "diagram.marks"), browsertest.Eval[int](b, "Number("+canvas+".dataset.arrows)"); arrows == 0 || marks > 1000 {
		t.Errorf("close up, a frame draws %d marks and %d arrows, want each delivery with its arrow and nothing out of view", marks, arrows)
	}
	first := browsertest.Eval[float64](b, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1`)
	t.Logf("first paint after %.0f ms", first)
}

// hostileNames gives messages names that are pieces of a page.
func hostileNames(t *testing.T, b *browsertest.Browser) {
	hostile := []string{
		`</script><script>window.hit = 1</script>`, `<img src=x onerror="window.hit = 1">`, `"><svg onload=window.hit=1>`,
		`<!--<script>`, `{{.}}`, "\u2028window.hit = 1", `javascript:window.hit=1`,
	}
	folder := written(t, 40, func(i int) string { return fmt.Sprint(hostile[i%len(hostile)], i) }, 7)
	b.Do(chromedp.Navigate(drawn(t, folder)))
	b.Await(canvas + ".dataset.marks > 0")
	for _, name := range hostile {
		if n := browsertest.Eval[int](b, fmt.Sprintf("model.search(%q, 99).length", name)); n == 0 {
			t.Errorf("no message %q on the page", name)
		}
	}
	for range 40 {
		browsertest.Eval[any](b, "(diagram.step(1), null)")
	}
	b.Do(chromedp.SendKeys("#wanted", "<"))
	b.Await(`document.querySelectorAll("#hits button").length > 3`)
	if !contains(browsertest.Eval[string](b, `document.getElementById("findings").textContent`), "</script><script>") {
		t.Error("no finding tells of a hostile name: the test shows nothing")
	}
	if browsertest.Eval[bool](b, "window.hit !== undefined") {
		t.Error("a message's name ran as a script")
	}
	if n := browsertest.Eval[int](b, `document.querySelectorAll("img, svg[onload]").length`); n > 0 {
		t.Errorf("%d elements came from names", n)
	}
}
