package stream

import (
	"groupy/checker/liveness"
	"groupy/checker/membership"
	"groupy/checker/multicast"
	"groupy/checker/report"
	"groupy/checker/trace"
)

// What a stream without suspicion proves. The properties of views, processes and
// operations are judged by the same checks as ever, on a trace that has no
// messages; for the others the comparisons are counted.

// Finish gives the results of what was counted, or ok false if the history's end is
// suspicious.
func (s *Stream) Finish(truncated bool) (t *trace.Trace, results map[string]report.Result, ok bool) {
	if s.Suspicion != "" {
		return nil, nil, false
	}
	t = s.b.Finish(truncated)
	rows := s.rows(t)
	if t.Unjudgeable == nil && !s.settled(t, rows) {
		return nil, nil, false
	}
	for _, r := range rows {
		t.Stats.Shared += r.shared()
	}
	again := t.Stats.Deliveries - s.placed // deliveries of what somebody has delivered before
	count := map[string]int64{
		multicast.Integrity.Name: t.Stats.Deliveries, multicast.NoDuplication.Name: t.Stats.Deliveries,
		membership.ViewInstalled.Name: t.Stats.Deliveries, multicast.SameViewDelivery.Name: again, multicast.TotalOrder.Name: again,
		multicast.VirtualSynchrony.Name: s.together(), multicast.GapFreedom.Name: gaps(rows),
		multicast.SenderIntegrity.Name: s.senders, multicast.FifoOrder.Name: s.fifo, multicast.CausalOrder.Name: s.past, multicast.StateAgreement.Name: s.states,
		multicast.Agreement.Name: survived(rows, false), multicast.UniformAgreement.Name: survived(rows, true),
	}
	results = map[string]report.Result{}
	for name, n := range count {
		results[name] = (&report.Finding{Evidence: n}).Done()
	}
	for _, f := range s.flights {
		s.judgeSends(f)
	}
	results[multicast.SendingViewDelivery.Name] = s.sends.Done()
	if s.sendsSeen == 0 {
		results[multicast.SendingViewDelivery.Name] = report.Unjudged(&report.Reason{Code: report.DoesNotApply, Text: "the history has no send events"})
	}
	s.atRest(t, results)
	return t, results, true
}

// stay is how much of a view's row a member delivered.
type stay struct {
	q        int
	n        int64
	survives bool
}

// row is the parts of all members that installed the view, in their order.
type row struct {
	length int64
	parts  []stay
}

func (s *Stream) rows(t *trace.Trace) []row {
	rows := make([]row, len(s.chain))
	for i, l := range s.chain {
		rows[i].length = int64(l.length())
	}
	for q := range t.Members {
		m := &t.Members[q]
		for i, in := range m.Installs {
			last := i+1 == len(m.Installs)
			end := s.seats[q].delivered
			if !last {
				end = m.Installs[i+1].Before
			}
			r := &rows[s.seats[q].first+i]
			r.parts = append(r.parts, stay{q, int64(end - in.Before), !last || t.Unjudgeable == nil && t.Live(m)})
		}
	}
	return rows
}

// settled reports whether, in a run that came to rest, everybody who lives has
// delivered all that is owed.
func (s *Stream) settled(t *trace.Trace, rows []row) bool {
	if s.unplaced > 0 {
		return false
	}
	probes := len(s.probes) > 0
	for _, id := range t.LiveMembers() {
		m, q := &t.Members[id], s.seat(int32(id))
		if q.own != q.sent || probes && (q.link == nil || m.FirstInstall() > t.FinalAt) {
			return false
		}
		if q.link == nil {
			continue
		}
		if q.done != q.link.length() {
			return false
		}
		for _, r := range rows[q.link.index+1:] {
			if r.length > 0 {
				return false
			}
		}
	}
	return s.probesPlaced(t)
}

// probesPlaced reports whether each probe that is owed was delivered by anyone.
func (s *Stream) probesPlaced(t *trace.Trace) bool {
	for _, f := range s.flights {
		if f.invokedAt > t.FinalAt && !f.placed && (f.sender == trace.None || t.Live(&t.Members[f.sender])) {
			return false
		}
	}
	return true
}

// atRest gives the results of what is judged at the end of a run.
func (s *Stream) atRest(t *trace.Trace, results map[string]report.Result) {
	var loss, own, probes report.Finding
	live := t.LiveMembers()
	for _, id := range live {
		if q := s.seat(int32(id)); q.link != nil {
			loss.Evidence += s.acked - q.ackedBefore
		}
		own.Evidence += s.seat(int32(id)).sent
	}
	for sender, n := range s.probes {
		if sender == trace.None || t.Live(&t.Members[sender]) {
			probes.Evidence += n * int64(len(live))
		}
	}
	owed := 0
	for sender := range s.probes {
		if sender == trace.None || t.Live(&t.Members[sender]) {
			owed++
		}
	}
	results[multicast.NoLoss.Name], results[liveness.SelfDelivery.Name], results[liveness.ProbeDelivery.Name] = loss.Done(), own.Done(), probes.Done()
	switch {
	case t.Unjudgeable != nil:
		results[liveness.SelfDelivery.Name], results[liveness.ProbeDelivery.Name] = report.Unjudged(t.Unjudgeable), report.Unjudged(t.Unjudgeable)
		if loss.Evidence > 0 {
			results[multicast.NoLoss.Name] = report.Unjudged(t.Unjudgeable)
		}
	case owed == 0:
		results[liveness.ProbeDelivery.Name] = report.Unjudged(&report.Reason{Code: report.NoProbes, Text: "no live member was asked for a probe in the final phase"})
	}
}

// shared is how many messages two members delivered: as many as the second longest
// part.
func (r row) shared() int64 {
	var most, second int64
	for _, p := range r.parts {
		most, second = max(most, p.n), max(second, min(most, p.n))
	}
	return second
}

// together counts virtual synchrony's comparisons.
func (s *Stream) together() int64 {
	var n int64
	for _, l := range s.chain {
		if l.movers > 1 {
			n += int64(l.length()) * (l.movers - 1)
		}
	}
	return n
}

// gaps counts gap-freedom's: for every two members one less than they share.
func gaps(rows []row) int64 {
	shared := map[[2]int]int64{}
	for _, r := range rows {
		for i, p := range r.parts {
			for _, q := range r.parts[:i] {
				if n := min(p.n, q.n); n > 0 {
					shared[[2]int{q.q, p.q}] += n
				}
			}
		}
	}
	var n int64
	for _, both := range shared {
		n += both - 1
	}
	return n
}

// survived counts agreement's: what is due in a view, for every survivor but the one
// that is taken for its deliverer.
func survived(rows []row, uniform bool) int64 {
	var n int64
	for _, r := range rows {
		var survivors, done int64
		for _, p := range r.parts {
			if p.survives {
				survivors++
			}
		}
		for _, p := range r.parts {
			if p.n <= done || !uniform && !p.survives {
				continue
			}
			others := survivors
			if p.survives {
				others--
			}
			n += (p.n - done) * others
			done = p.n
		}
	}
	return n
}
