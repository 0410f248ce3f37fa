package gms5_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"groupy/node/gms"
	"groupy/node/gms/gmstest"
	"groupy/node/gms/protocols"
)

// judge gives the first property that a run broke, "" if none, and whether its
// liveness was excused (blocked as specified).
func judge(w *mesh) (broken string, blocked bool) {
	if w.broken != "" {
		return w.broken, false
	}
	r := w.record()
	live := r.Live()
	blocked = stalled(w, r, live)
	if blocked {
		for _, m := range live {
			r.Of[m].Live = false // who is blocked may still lack what others have
		}
	}
	for _, p := range gmstest.Safety {
		if why := p.Check(r); why != "" {
			return p.Name + ": " + why, blocked
		}
	}
	for _, check := range []func(*mesh, *gmstest.Record) string{exclusion, noLoss, restless} {
		if why := check(w, r); why != "" {
			return why, blocked
		}
	}
	if blocked {
		return "", true
	}
	for _, p := range gmstest.Liveness {
		if why := p.Check(r); why != "" {
			return p.Name + ": " + why, false
		}
	}
	return "", false
}

// stalled is the expected-stall oracle: the newest view that anybody live holds
// has no quorum that still runs, or too few are left for MinPrimary.
func stalled(w *mesh, r *gmstest.Record, live []string) bool {
	_, members := lastView(r, live)
	n := 0
	for _, m := range members {
		if slices.Contains(live, m) {
			n++
		}
	}
	half := 2*n == len(members) && n > 0 && slices.Contains(live, members[0])
	small := len(members) >= w.cfg.MinPrimary && len(live) < w.cfg.MinPrimary
	return 2*n <= len(members) && !half || small
}

// exclusion: who was evicted delivers and installs nothing more, and is in no
// view that is installed later.
func exclusion(w *mesh, _ *gmstest.Record) string {
	evicted := map[string]bool{}
	first := map[string]bool{}
	for _, e := range w.events {
		switch x := e.What.(type) {
		case gms.Evict:
			evicted[e.Member] = true
		case gms.Deliver:
			if evicted[e.Member] {
				return "exclusion: " + e.Member + " delivers " + x.Msg + " after its eviction"
			}
		case gms.Install:
			if evicted[e.Member] {
				return "exclusion: " + e.Member + " installs view " + x.View + " after its eviction"
			}
			if first[x.View] {
				continue
			}
			first[x.View] = true
			for _, m := range x.Members {
				if evicted[m] {
					return "exclusion: view " + x.View + " holds " + m + ", evicted before"
				}
			}
		}
	}
	return ""
}

// restless: long after everything healed, and everybody started again who was
// out, no view changes any more.
func restless(w *mesh, _ *gmstest.Record) string {
	for _, e := range slices.Backward(w.events) {
		if e.At <= w.healed+20*meshTimeout {
			break
		}
		if v, ok := e.What.(gms.Install); ok {
			return fmt.Sprintf("restless: %s installs view %s %v after everything healed", e.Member, v.View, e.At-w.healed)
		}
	}
	return ""
}

// noLoss: an acknowledged multicast is delivered by every live member that had
// installed a view before it was asked for.
func noLoss(w *mesh, r *gmstest.Record) string {
	had := map[string]bool{}
	asked := map[uint64]string{}
	owed := map[string][]string{} // message: who must deliver it
	acked := map[string]bool{}
	for _, e := range w.events {
		switch x := e.What.(type) {
		case gms.Install:
			had[e.Member] = true
		case gmstest.Asked:
			if m, ok := x.Input.(gms.Multicast); ok {
				asked[m.Req] = m.Msg
				for _, q := range r.Members {
					if had[q] && r.Of[q].Live {
						owed[m.Msg] = append(owed[m.Msg], q)
					}
				}
			}
		case gms.Reply:
			if msg, ok := asked[x.Req]; ok && x.Failed == nil {
				acked[msg] = true
			}
		}
	}
	got := map[string]map[string]bool{}
	for _, m := range r.Members {
		got[m] = map[string]bool{}
		for _, d := range r.Of[m].Deliveries {
			got[m][d.Msg] = true
		}
	}
	for msg := range acked {
		for _, q := range owed[msg] {
			if !got[q][msg] {
				return "no-loss: " + q + " never delivers " + msg + ", which was acknowledged"
			}
		}
	}
	return ""
}

func gms5(t testing.TB) gms.Protocol {
	p, err := protocols.Find("gms5")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shrunk takes steps out of a plan as long as it still fails.
func shrunk(p meshPlan, fails func(meshPlan) bool) meshPlan {
	for size := max(1, len(p.steps)/2); ; {
		removed := false
		for i := 0; i < len(p.steps); {
			q := p
			q.steps = slices.Delete(slices.Clone(p.steps), i, min(i+size, len(p.steps)))
			if fails(q) {
				p, removed = q, true
			} else {
				i += size
			}
		}
		if size == 1 && !removed {
			return p
		}
		size = max(1, size/2)
	}
}

func (p meshPlan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d nodes, history %d, minprimary %d, fifo %v, closed %v, delays to %v, a multicast every %v, restarts %v, %v:",
		p.seed, p.nodes, p.history, p.minPrimary, p.fifo, p.hearClose, p.slow, p.rate, p.restarts, p.length)
	for _, s := range p.steps {
		fmt.Fprintf(&b, " %v:%s", s.at.Round(time.Millisecond), s.name)
	}
	return b.String()
}

// campaignRange is the seeds to run: GMS5_SEEDS=FROM-TO for more than the
// default.
func campaignRange(t *testing.T, from, to uint64) (uint64, uint64) {
	v := os.Getenv("GMS5_SEEDS")
	if v == "" {
		return from, to
	}
	a, b, _ := strings.Cut(v, "-")
	f, err1 := strconv.ParseUint(a, 10, 64)
	u, err2 := strconv.ParseUint(b, 10, 64)
	if err1 != nil || err2 != nil {
		t.Fatalf("GMS5_SEEDS=%s is not FROM-TO", v)
	}
	return f, u
}

// TestGMS5Campaign keeps every promise of gms5 under random faults.
func TestGMS5Campaign(t *testing.T) {
	proto := gms5(t)
	from, to := campaignRange(t, 0, 150)
	blockedRuns, bad := 0, 0
	views, deliveries := 0, 0
	for seed := from; seed < to; seed++ {
		if n := seed - from; n > 0 && n%1000 == 0 {
			t.Logf("%d runs", n)
		}
		p := planMesh(seed)
		w := p.play(proto, os.Getenv("GMS5_MUTANT"), nil)
		why, blocked := judge(w)
		if blocked {
			blockedRuns++
		}
		for _, e := range w.events {
			switch e.What.(type) {
			case gms.Install:
				views++
			case gms.Deliver:
				deliveries++
			}
		}
		if why == "" {
			continue
		}
		kind, _, _ := strings.Cut(why, ":")
		small := shrunk(p, func(q meshPlan) bool {
			why, _ := judge(q.play(proto, os.Getenv("GMS5_MUTANT"), nil))
			return strings.HasPrefix(why, kind)
		})
		t.Errorf("%s\n%v", why, small)
		if bad++; bad >= 5 {
			break
		}
	}
	t.Logf("%d runs, %d blocked as specified, %d views and %d deliveries", to-from, blockedRuns, views, deliveries)
	if views == 0 || deliveries == 0 {
		t.Error("nothing happened")
	}
}
