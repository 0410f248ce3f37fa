package nemesis

import (
	"errors"
	"math"
	"time"

	"groupy/nemesis/link"
	"groupy/node/draw"
)

// The faults that make links bad without cutting them. Drop, duplicate and
// reorder model an unreliable transport, which TCP is not: they need traffic in
// frames and act on whole messages.

var drop = onLinks(
	"drop", "links lose some messages, each by chance",
	func(k draw.Key) link.Rule { return link.Rule{Drop: share(k, 0.01, 0.2)} },
	"dropped", func(c link.Counters) int64 { return c.Dropped })

var duplicate = onLinks(
	"duplicate", "links deliver some messages twice",
	func(k draw.Key) link.Rule { return link.Rule{Duplicate: share(k, 0.01, 0.2)} },
	"duplicated", func(c link.Counters) int64 { return c.Duplicated })

var reorder = onLinks(
	"reorder", "links let some messages be overtaken by later ones",
	func(k draw.Key) link.Rule { return link.Rule{Reorder: share(k, 0.02, 0.4)} },
	"reordered", func(c link.Counters) int64 { return c.Reordered })

var delay = onLinks(
	"delay", "links take longer, by the same for each message",
	func(k draw.Key) link.Rule { return link.Rule{Delay: milliseconds(k, 1, 300)} },
	"delayed", func(c link.Counters) int64 { return c.Delayed })

var jitter = onLinks(
	"jitter", "links take longer, by a random time for each message; order is kept",
	func(k draw.Key) link.Rule { return link.Rule{Jitter: milliseconds(k, 1, 300)} },
	"delayed", func(c link.Counters) int64 { return c.Delayed })

var throttle = onLinks(
	"throttle", "links carry only so many bytes a second",
	func(k draw.Key) link.Rule {
		return link.Rule{BytesPerSec: 100 * int64(k.LogBetween(10, 1000))} // 1 to 100 kB/s
	},
	"throttled", func(c link.Counters) int64 { return c.Throttled })

var reset = Fault{
	Name:     "reset",
	Parts:    true,
	Sentence: "connections are reset (RST), with what is in flight on them",
	Plan: func(k draw.Key, nodes []string, s *Step) {
		s.ForMicros = 0 // it has happened at once
		s.Links = someLinks(k.With("links"), nodes)
	},
	Begin: func(c Cluster, s *Active) error {
		pairs, err := resolvePairs(c, s)
		if err != nil {
			return err
		}
		if err := hold(c, s, pairs, link.Rule{}); err != nil {
			return err
		}
		for _, p := range pairs {
			c.ResetLink(p[0], p[1])
		}
		return nil
	},
	Held: counted("resets", func(c link.Counters) int64 { return c.Resets }),
	Why:  func(Cluster, *Active) string { return "there was no connection on its links" },
}

// onLinks is a fault that holds one rule on some links. What it does shows in
// one counter.
func onLinks(name, sentence string, rule func(draw.Key) link.Rule, counter string, count func(link.Counters) int64) Fault {
	return Fault{
		Name: name, Sentence: sentence,
		Plan: func(k draw.Key, nodes []string, s *Step) {
			r := rule(k.With("rule"))
			s.Rule, s.Links = &r, someLinks(k.With("links"), nodes)
		},
		Begin: func(c Cluster, s *Active) error {
			if s.Rule == nil || *s.Rule == (link.Rule{}) {
				return errors.New("the step has no rule")
			}
			pairs, err := resolvePairs(c, s)
			if err != nil {
				return err
			}
			return hold(c, s, pairs, *s.Rule)
		},
		Held: counted(counter, count), End: letGo, Gone: cleared(counter, count), Why: quiet,
	}
}

// someLinks draws which links: all of them (no list), all that go out from one
// node or come in to it, or a single one.
func someLinks(k draw.Key, nodes []string) [][2]string {
	if len(nodes) < 2 || k.With("all").Chance(0.5) {
		return nil
	}
	two := draw.Shuffled(k.With("which"), nodes)
	one, others := two[0], two[1:]
	switch x := k.With("how").Float(); {
	case x < 0.35:
		return across([]string{one}, others)
	case x < 0.7:
		return across(others, []string{one})
	}
	return [][2]string{{one, others[0]}}
}

// share draws a probability, log-uniform, in whole thousandths.
func share(k draw.Key, low, high float64) float64 {
	return math.Round(k.LogBetween(low, high)*1000) / 1000
}

// milliseconds draws a time, log-uniform, in tenths of a millisecond.
func milliseconds(k draw.Key, low, high float64) time.Duration {
	return time.Duration(math.Round(k.LogBetween(low, high)*10)) * 100 * time.Microsecond
}
