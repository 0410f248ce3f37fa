package serve_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"groupy/harness/store"
)

// hostile is a name that is a piece of a page.
const hostile = `<img src=x onerror=alert(1)>`

// put writes a file of a store, with the folders above it.
func put(t *testing.T, text string, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestNamesAreText: whatever a node, a file or a folder is called, the pages show
// it as text.
func TestNamesAreText(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, hostile, hostile)
	put(t, `{"type":"header","format":"groupy-history/1","protocol":"`+hostile+`","workload":"`+hostile+`","nodes":["n1"]}`+"\n", folder, store.HistoryFile)
	put(t, `{"verdict":"invalid","properties":{"total-order":{"verdict":"invalid","promised":true,"explanation":"`+hostile+`"}}}`, folder, store.VerdictFile)
	put(t, `{"command":"`+hostile+`","world":"`+hostile+`","took":"`+hostile+`"}`, folder, store.RunFile)
	put(t, hostile+"\n", folder, store.LogFolder, hostile+".log")
	put(t, hostile, folder, hostile)
	site := open(t, root)
	run := "/run/%3Cimg%20src=x%20onerror=alert(1)%3E/%3Cimg%20src=x%20onerror=alert(1)%3E/"
	for path, times := range map[string]int{ // that a name is seen on the page
		"/":          2,
		run:          8,
		run + "live": 3,
		run + "logs/%3Cimg%20src=x%20onerror=alert(1)%3E.log": 3,
	} {
		code, body := get(t, site, at(path))
		if code != 200 || strings.Count(body, "&lt;img src=x") < times {
			t.Errorf("%s: %d with %d names as text, want %d", path, code, strings.Count(body, "&lt;img src=x"), times)
		}
		if i := strings.Index(body, "<img"); i >= 0 {
			t.Errorf("%s: a name is an element: …%s", path, body[max(0, i-80):i+40])
		}
	}
}

// TestLinksLeadNowhere: a store may hold links where files are expected, and none
// of them leads out of it.
func TestLinksLeadNowhere(t *testing.T) {
	above := t.TempDir()
	const secret = "nobody may read this"
	header := `{"type":"header","format":"groupy-history/1","protocol":"` + secret + `","nodes":["n1"]}` + "\n"
	put(t, header, above, "secret")
	put(t, "{}", above, "empty")
	root := filepath.Join(above, "store")
	for run, link := range map[string]string{"log": "logs/n1.1.log", "history": store.HistoryFile, "report": "report.html", "verdict": store.VerdictFile, "record": store.RunFile} {
		put(t, "{}", root, "x", run, store.PlanFile)
		name := filepath.Join(root, "x", run, link)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(above, "secret"), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "x", "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, "{}", above, "outside", store.PlanFile)
	if err := os.Symlink(filepath.Join(above, "outside"), filepath.Join(root, "x", "outside")); err != nil {
		t.Fatal(err)
	}
	site := open(t, root)
	for path, want := range map[string]int{
		"/run/x/log/logs/n1.1.log": 404, "/run/x/log/logs/n1.1.log?raw": 404, "/run/x/log/report.html": 404,
		"/run/x/history/history.jsonl": 404, "/run/x/history/events": 404, "/run/x/history/report.html": 404, "/run/x/history/": 200, "/run/x/history/live": 200,
		"/run/x/report/report.html": 404, "/run/x/verdict/verdict.json": 404, "/run/x/record/run.json": 404,
		"/run/x/history/archive.tar.gz": 200, "/run/x/outside/plan.json": 404, "/run/x/outside/": 404, "/": 200,
	} {
		code, body := get(t, site, at(path))
		if strings.HasSuffix(path, ".tar.gz") {
			if names := strings.Join(unpack(t, body), " "); strings.Contains(names, store.HistoryFile) {
				t.Errorf("%s holds a link: %s", path, names)
			}
		}
		if code != want || strings.Contains(body, secret) {
			t.Errorf("%s: %d %.200q, want %d", path, code, body, want)
		}
	}
}

// TestWhatAPageMayDo: no page may be shown in another's frame, be read by another
// site, be taken for something else than it is said to be, or load anything; and a
// page that lies in a run's folder has the rights of no site.
func TestWhatAPageMayDo(t *testing.T) {
	root := t.TempDir()
	put(t, "{}", root, "x", "run", store.PlanFile)
	put(t, "<script>1</script>", root, "x", "run", "report.html")
	site := open(t, root)
	for path, policy := range map[string][]string{
		"/":                      {"default-src 'none'", "script-src 'sha256-", "connect-src 'self'"},
		"/run/x/run/":            {"default-src 'none'"},
		"/run/x/run/report.html": {"default-src 'none'", "sandbox allow-scripts"},
		"/run/x/run/plan.json":   {"default-src 'none'"},
		"/nothing":               {"default-src 'none'"},
	} {
		answer, err := http.Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "no-referrer",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		for _, want := range policy {
			if got := answer.Header.Get("Content-Security-Policy"); !strings.Contains(got, want) || strings.Contains(got, "allow-same-origin") {
				t.Errorf("%s: the policy is %q, want %q", path, got, want)
			}
		}
	}
}
