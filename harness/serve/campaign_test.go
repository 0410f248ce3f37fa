package serve_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/harness/campaign"
	"groupy/harness/index"
	"groupy/harness/internal/world"
	"groupy/harness/run"
)

// carried is a campaign that was carried out in a store: three runs of gms2 in the
// simulated world, which all break.
func carried(t *testing.T, store string) *campaign.Campaign {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := gms2
	o.Rate, o.ClientsEach, o.Timeout, o.Heartbeat, o.StartLimit = 20, 4, time.Second, 100*time.Millisecond, time.Second
	c, err := campaign.Begin(store, &campaign.Spec{
		Format: campaign.Format, Seed: "s", Began: time.Now(), Runs: 3, Options: o,
		Matrix: campaign.Matrix{
			Protocols: []string{"gms2"}, Workloads: []string{"multicast"}, Nemeses: []string{"kill-mid-multicast"},
			Nodes: []int{5}, Worlds: []string{run.WorldSim},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Job = run.Job{Program: world.Program{Path: self}, Log: hclog.NewNullLogger(), Now: time.Now}
	c.Parallel, c.Virtual, c.Command = 1, 1, func(campaign.Cell, string) string { return "" }
	c.Index = index.NewWriter
	if err := c.Carry(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestACampaignIsShown: its counts, what was tried, what its faults met and what not,
// and the runs that it kept.
func TestACampaignIsShown(t *testing.T) {
	store := t.TempDir()
	c := carried(t, store)
	site, name := open(t, store), c.Dir[strings.LastIndex(c.Dir, "/")+1:]
	if code, body := get(t, site, at("/")); code != 200 || !strings.Contains(body, `href="/campaign/`+name+`"`) {
		t.Errorf("/: %d, without the campaign", code)
	}
	code, body := get(t, site, at("/campaign/"+name))
	run := c.Tally.Failures()[0].First
	for _, want := range []string{
		"<dt>runs</dt><dd>3 of 3</dd>", "<dt>invalid</dt><dd>3</dd>", "of 7 opportunities exercised",
		`<tr><th scope="row">gms2</th><td>multicast</td><td>kill-mid-multicast</td><td class="n">5</td><td>sim</td><td class="n">3</td><td class="n">0</td><td class="n invalid">3</td>`,
		`<tr><th scope="row">kill-mid-multicast</th>`, `<td class="n met">3</td>`, `<td class="n">–</td>`,
		"n1 is killed, having sent ", `<li class="so"><span>so virtual-synchrony is violated: `,
		`<a href="/run/campaigns/` + name + "/" + run.Folder + `/">` + run.Seed + "</a>",
	} {
		if code != 200 || !strings.Contains(body, want) {
			t.Errorf("the campaign's page: %d, without %q", code, want)
		}
	}
	if t.Failed() {
		t.Log(body[strings.Index(body, "<main>"):])
	}
	if code, body := get(t, site, at("/run/campaigns/"+name+"/"+run.Folder+"/")); code != 200 || !strings.Contains(body, `<p class="lead">`) || !strings.Contains(body, "is killed, having sent") {
		t.Errorf("a run of it: %d, without the sentence that says what broke, or the story", code)
	}
}
