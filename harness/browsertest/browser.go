package browsertest

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// programs are the names that Chromium goes by.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// limit is for one test's work in the browser, so that none hangs.
const limit = 2 * time.Minute

// Browser is one tab.
type Browser struct {
	context.Context
	t *testing.T

	mu      sync.Mutex
	thrown  []string // by scripts of pages
	fetched []string // addresses
}

// Open starts a browser with one tab.
func Open(t *testing.T) *Browser {
	t.Helper()
	path := ""
	for _, name := range programs {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium here: its pages are not tested")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(limit), chromedp.WindowSize(1240, 900))
	ctx, stop := context.WithTimeout(context.Background(), limit)
	ctx, stopProgram := chromedp.NewExecAllocator(ctx, options...)
	ctx, stopTab := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {})) // of events that it does not know
	b := &Browser{Context: ctx, t: t}
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits for the program's end, so that its profile can go
		stopTab()
		stopProgram()
		stop()
	})
	chromedp.ListenTarget(ctx, b.hear)
	b.Do(network.Enable(), runtime.Enable())
	return b
}

func (b *Browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.thrown = append(b.thrown, e.ExceptionDetails.Error())
	case *network.EventRequestWillBeSent:
		b.fetched = append(b.fetched, e.Request.URL)
	}
}

// Do does something in the tab, and ends the test if it fails.
func (b *Browser) Do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.Context, actions...); err != nil {
		b.t.Fatalf("in the browser: %v; scripts threw %v", err, b.Thrown())
	}
}

// Eval gives what an expression is in the page.
func Eval[T any](b *Browser, expression string) (v T) {
	b.t.Helper()
	b.Do(chromedp.Evaluate(expression, &v))
	return v
}

// Await waits until an expression is true in the page. It asks anew each time: a page
// that loads again meanwhile would take a waiting script with it.
func (b *Browser) Await(expression string) {
	b.t.Helper()
	for {
		var holds bool
		err := chromedp.Run(b.Context, chromedp.Evaluate("Boolean("+expression+")", &holds))
		if err == nil && holds {
			return
		}
		select {
		case <-b.Done():
			b.t.Fatalf("in the browser: %s is not true in time, at last: %v; scripts threw %v", expression, err, b.Thrown())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Thrown are the exceptions that no script caught.
func (b *Browser) Thrown() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.thrown...)
}

// Fetched are the addresses that were asked for with any of these beginnings.
func (b *Browser) Fetched(schemes ...string) (list []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, url := range b.fetched {
		for _, s := range schemes {
			if strings.HasPrefix(url, s) {
				list = append(list, url)
			}
		}
	}
	return list
}
