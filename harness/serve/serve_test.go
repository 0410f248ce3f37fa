package serve_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/run"
	"groupy/harness/serve"
	"groupy/harness/store"
)

// keep makes a run in the simulated world in a store.
func keep(t *testing.T, store string, o plan.Options) store.Folder {
	t.Helper()
	o.Nodes, o.Rate, o.ClientsEach, o.Timeout, o.Heartbeat, o.StartLimit = 5, 40, 4, time.Second, 100*time.Millisecond, time.Second
	plan, err := plan.NewPlan(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	result, err := run.Job{
		Plan: plan, World: run.WorldSim, Program: world.Program{Path: self}, Store: store,
		Command: command(o), Log: hclog.NewNullLogger(), Now: time.Now,
	}.Execute(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return result.Folder
}

// command is what gives the same plan, since pictures show it.
func command(o plan.Options) string {
	text := fmt.Sprintf("groupy run --seed=%s --protocol=%s --workload=%s --rate=40 --time-limit=%v --world=sim", o.Seed, o.Protocol, o.Workload, o.TimeLimit)
	if o.Nemesis != nil {
		text += " --nemesis=" + strings.Join(o.Nemesis, ",")
	}
	return text
}

// gms2 breaks when its leader dies in the middle of a multicast.
var gms2 = plan.Options{Protocol: "gms2", Workload: "multicast", Nemesis: []string{"kill-mid-multicast"}, Seed: "1", TimeLimit: 4 * time.Second}

// open serves a store.
func open(t *testing.T, store string) *httptest.Server {
	t.Helper()
	s, err := serve.New(serve.Config{Store: store, Now: time.Now, Tick: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(s)
	t.Cleanup(func() {
		site.CloseClientConnections() // live pages never end by themselves
		site.Close()
		_ = s.Close()
	})
	return site
}

// get asks for a path as it stands, and gives the code and the body.
func get(t *testing.T, site *httptest.Server, change func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, site.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	change(r)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func at(path string) func(*http.Request) {
	return func(r *http.Request) { r.URL.Opaque = "//" + r.URL.Host + path }
}

func TestAStoreIsShown(t *testing.T) {
	store := t.TempDir()
	folder := keep(t, store, gms2)
	name, _ := filepath.Rel(store, string(folder))
	site := open(t, store)
	run := "/run/" + name + "/"
	for path, want := range map[string]string{
		"/":                       "virtual-synchrony",
		"/?verdict=invalid":       name,
		"/?verdict=valid":         "No runs here.",
		run:                       "archive.tar.gz",
		run + "report.html":       "Space and time",
		run + "logs/n1.1.log":     `id="L1"`,
		run + "plan.json":         `"seed": "1"`,
		run + "live":              "Members",
		run + "logs/n1.1.log?raw": "leader 1",
	} {
		code, body := get(t, site, at(path))
		if code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q", path, code, want)
		}
	}
}

// TestNothingOutsideTheStore asks for what is not the store's in all ways.
func TestNothingOutsideTheStore(t *testing.T) {
	above := t.TempDir()
	store := filepath.Join(above, "store")
	folder := keep(t, store, gms2)
	const secret = "nobody may read this"
	if err := os.WriteFile(filepath.Join(above, "secret.json"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"up": "../../../..", "file.json": "../../../secret.json", "abs.json": filepath.Join(above, "secret.json")} {
		if err := os.Symlink(to, filepath.Join(string(folder), link)); err != nil {
			t.Fatal(err)
		}
	}
	name, _ := filepath.Rel(store, string(folder))
	site, run := open(t, store), "/run/"+name+"/"
	for _, path := range []string{
		run + "file.json", run + "abs.json", run + "up/secret.json", run + "logs/../../../../secret.json", run + "%2e%2e/%2e%2e/%2e%2e/secret.json",
		"/run/../secret.json", "/run/%2e%2e/secret.json", "/run//etc/passwd", "/secret.json", run + "nothing", "/run/nothing/", "/campaign/nothing", "/?verdict=nothing",
		run + "report.html", // it would be drawn from a folder with links in it
	} {
		code, body := get(t, site, at(path))
		if strings.Contains(body, secret) || code != 404 && code != 301 && code != 307 {
			t.Errorf("%s: %d %q, want not found", path, code, body)
		}
	}
	code, body := get(t, site, at(run+"archive.tar.gz"))
	if names := unpack(t, body); code != 200 || !slices.Contains(names, filepath.Base(name)+"/history.jsonl") || strings.Contains(strings.Join(names, " "), "file.json") {
		t.Errorf("the archive holds %v", names)
	}
}

// unpack gives the names in an archive.
func unpack(t *testing.T, data string) (names []string) {
	t.Helper()
	zip, err := gzip.NewReader(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for in := tar.NewReader(zip); ; {
		head, err := in.Next()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, head.Name)
	}
}

func TestOnlyOwnPagesMayRead(t *testing.T) {
	site := open(t, t.TempDir())
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		code   int
	}{
		{"as it is", func(*http.Request) {}, 200},
		{"localhost", func(r *http.Request) { r.Host = "localhost:1" }, 200},
		{"another name that leads here", func(r *http.Request) { r.Host = "evil.example" }, 403},
		{"a name that begins as an address", func(r *http.Request) { r.Host = "127.0.0.1.evil.example" }, 403},
		{"another site's page", func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") }, 403},
		{"a page of nobody", func(r *http.Request) { r.Header.Set("Origin", "null") }, 403},
		{"its own page", func(r *http.Request) { r.Header.Set("Origin", "http://"+r.URL.Host) }, 200},
		{"POST", func(r *http.Request) { r.Method = http.MethodPost }, 405},
		{"POST to what is not there", func(r *http.Request) { r.Method, r.URL.Path = http.MethodPost, "/nothing" }, 405},
		{"DELETE", func(r *http.Request) { r.Method = http.MethodDelete }, 405},
	} {
		if code, _ := get(t, site, c.change); code != c.code {
			t.Errorf("%s: %d, want %d", c.name, code, c.code)
		}
	}
}
