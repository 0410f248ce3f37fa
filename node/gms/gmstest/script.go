package gmstest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"groupy/node/gms"
	"groupy/node/gms/protocols"
)

// RunScripts plays every script below dir with package datadriven; -rewrite
// writes down what happens instead of comparing. A script begins with
//
//	protocol gms2 [heartbeat=100ms] [timeout=1s] [history=N] [noclosed]
//
// and goes on with one command a line, each followed by what was observed:
//
//	start 3                 n1 creates the group, n2 and n3 join it in turn; tells
//	                        the views that they end in
//	start n4                start a process, nothing more; also after a kill
//	create n1               create the group
//	join n4 n2 n3           join through contacts
//	leave n2
//	multicast n1 m1 m2
//	kill n1                 what it sent arrives
//	kill n1 after m3 to n2  once it has sent that; any word of a message, or its kind
//	kill n1 lossy           each link loses a suffix of its own
//	pause n1, resume n1
//	cut n1 | n2 n3          both directions; "cut n1 > n2" cuts one
//	heal                    every link
//	hold n1 n2, release n1 n2
//	drop n1 n2 m3           the next one over that link; dup likewise
//	run 200ms               let time pass
//	settle                  until nothing is observed for three timeouts
//	views, delivered        of every running member
//
// A command ends on its own time: what it causes is seen by the run or settle
// that follows.
func RunScripts(t *testing.T, dir string) {
	datadriven.Walk(t, dir, func(t *testing.T, path string) {
		p := &player{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			words := []string{d.Cmd}
			for _, a := range d.CmdArgs {
				words = append(words, a.String())
			}
			out, err := p.play(words)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			return out
		})
	})
}

// player is a script's state: its world, and how much of it was told.
type player struct {
	sim  *Sim
	told int
}

func (p *player) play(words []string) (string, error) {
	if words[0] == "protocol" {
		return "", p.protocol(words[1:])
	}
	if p.sim == nil {
		return "", fmt.Errorf("%s: a script begins with protocol", words[0])
	}
	if words[0] == "start" && len(words) == 2 {
		if n, err := strconv.Atoi(words[1]); err == nil {
			return p.form(n)
		}
	}
	do := commands[words[0]]
	if do == nil {
		return "", fmt.Errorf("no command %q", words[0])
	}
	out, err := do(p.sim, words[1:])
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(words, " "), err)
	}
	var b strings.Builder
	for ; p.told < len(p.sim.Events); p.told++ {
		e := p.sim.Events[p.told]
		if _, asked := e.What.(Asked); !asked {
			fmt.Fprintln(&b, e)
		}
	}
	return b.String() + out, nil
}

// form is "start 3". What happens on the way is the same in every script.
func (p *player) form(n int) (string, error) {
	if n > len(p.sim.nodes) || !p.sim.Form(n) {
		return "", fmt.Errorf("start %d: no group of that size; the roster has %d nodes", n, len(p.sim.nodes))
	}
	p.told = len(p.sim.Events)
	return p.sim.tellViews(), nil
}

func (p *player) protocol(words []string) error {
	if len(words) == 0 {
		return fmt.Errorf("protocol: no name")
	}
	proto, err := protocols.Find(words[0])
	if err != nil {
		return err
	}
	o := Options{Protocol: proto}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		d, err := time.ParseDuration(value)
		switch key {
		case "heartbeat":
			o.Config.Heartbeat = d
		case "timeout":
			o.Config.Timeout = d
		case "history":
			_, err = fmt.Sscan(value, &o.Config.History)
		case "minprimary":
			_, err = fmt.Sscan(value, &o.Config.MinPrimary)
		case "noclosed":
			o.NoClosed, err = true, nil
		default:
			err = fmt.Errorf("no option %q", key)
		}
		if err != nil {
			return fmt.Errorf("protocol %s: %w", w, err)
		}
	}
	*p = player{sim: New(o)}
	return nil
}

// timeout is the detector's, as the core takes it.
func (s *Sim) timeout() time.Duration {
	if t := s.opts.Config.Timeout; t > 0 {
		return t
	}
	return time.Second
}

func (s *Sim) settle() { s.Settle(3*s.timeout(), 60*s.timeout()) }

// commands is the visible list of what a script can say.
var commands = map[string]func(s *Sim, w []string) (string, error){
	"start":  each(1, func(s *Sim, w []string) { s.Start(w[0]) }),
	"create": each(1, func(s *Sim, w []string) { s.Join(w[0]) }),
	"join":   each(2, func(s *Sim, w []string) { s.Join(w[0], w[1:]...) }),
	"leave":  each(1, func(s *Sim, w []string) { s.Leave(w[0]) }),
	"multicast": each(2, func(s *Sim, w []string) {
		for _, m := range w[1:] {
			s.Multicast(w[0], m)
		}
	}),
	"kill":    scriptKill,
	"pause":   each(1, func(s *Sim, w []string) { s.Pause(w[0]) }),
	"resume":  each(1, func(s *Sim, w []string) { s.Resume(w[0]) }),
	"cut":     scriptCut,
	"heal":    each(0, func(s *Sim, _ []string) { s.Heal() }),
	"hold":    each(2, func(s *Sim, w []string) { s.Hold(w[0], w[1]) }),
	"release": each(2, func(s *Sim, w []string) { s.Release(w[0], w[1]) }),
	"drop":    each(3, func(s *Sim, w []string) { s.DropNext(w[0], w[1], w[2]) }),
	"dup":     each(3, func(s *Sim, w []string) { s.DupNext(w[0], w[1], w[2]) }),
	"settle":  each(0, func(s *Sim, _ []string) { s.settle() }),
	"run": func(s *Sim, w []string) (string, error) {
		d, err := time.ParseDuration(strings.Join(w, ""))
		if err == nil {
			s.RunFor(d)
		}
		return "", err
	},
	"views":     func(s *Sim, _ []string) (string, error) { return s.tellViews(), nil },
	"delivered": func(s *Sim, _ []string) (string, error) { return s.tellDelivered(), nil },
}

// each wraps a command that takes at least so many words and tells nothing.
func each(least int, do func(s *Sim, w []string)) func(*Sim, []string) (string, error) {
	return func(s *Sim, w []string) (string, error) {
		if len(w) < least {
			return "", fmt.Errorf("takes at least %d words", least)
		}
		do(s, w)
		return "", nil
	}
}

// Form starts the first n nodes: the first creates the group, the others join
// it one after another. It reports whether all were admitted.
func (s *Sim) Form(n int) bool {
	for i, node := range s.nodes[:n] {
		s.Start(node)
		var req uint64
		if i == 0 {
			req = s.Join(node)
		} else {
			req = s.Join(node, s.nodes[0])
		}
		if !s.RunUntil(s.now+10*s.timeout(), func() bool { _, ok := s.Answer(req); return ok }) {
			return false
		}
		s.RunFor(2 * s.opts.Delay) // what the admission still has under way
	}
	return true
}

func scriptKill(s *Sim, w []string) (string, error) {
	switch {
	case len(w) == 1:
		s.Kill(w[0])
	case len(w) == 2 && w[1] == "lossy":
		s.KillLossy(w[0])
	case len(w) == 5 && w[1] == "after" && w[3] == "to":
		s.KillAfter(w[0], w[2], w[4])
	default:
		return "", fmt.Errorf("takes a node, and maybe: lossy, or: after WORD to NODE")
	}
	return "", nil
}

func scriptCut(s *Sim, w []string) (string, error) {
	if i := slices.Index(w, "|"); i > 0 {
		s.CutSides(w[:i], w[i+1:])
		return "", nil
	}
	if i := slices.Index(w, ">"); i > 0 {
		for _, from := range w[:i] {
			for _, to := range w[i+1:] {
				s.Cut(from, to)
			}
		}
		return "", nil
	}
	return "", fmt.Errorf("takes nodes on both sides of | or >")
}

func (s *Sim) tellViews() string {
	last := map[string]gms.Install{}
	for _, e := range s.Events {
		if v, ok := e.What.(gms.Install); ok {
			last[e.Member] = v
		}
	}
	var b strings.Builder
	for _, m := range s.Running() {
		fmt.Fprintf(&b, "%s: view %s %v\n", m, last[m].View, last[m].Members)
	}
	return b.String()
}

func (s *Sim) tellDelivered() string {
	got := map[string][]string{}
	for _, e := range s.Events {
		if d, ok := e.What.(gms.Deliver); ok {
			got[e.Member] = append(got[e.Member], d.Msg)
		}
	}
	var b strings.Builder
	for _, m := range s.Running() {
		fmt.Fprintf(&b, "%s: %s\n", m, strings.Join(got[m], " "))
	}
	return b.String()
}
