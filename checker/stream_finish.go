package checker

// What a stream without suspicion proves. The properties of views, processes and
// operations are judged by the same checks as ever, on a trace that has no
// messages; for the others the comparisons are counted.

// finish gives the results of what was counted, or ok false if the history's end is
// suspicious.
func (s *stream) finish(truncated bool) (t *trace, results map[string]Result, ok bool) {
	if s.suspicion != "" {
		return nil, nil, false
	}
	t = s.b.finish(truncated)
	rows := s.rows(t)
	if t.unjudgeable == nil && !s.settled(t, rows) {
		return nil, nil, false
	}
	for _, r := range rows {
		t.stats.Shared += r.shared()
	}
	again := t.stats.Deliveries - s.placed // deliveries of what somebody has delivered before
	count := map[string]int64{
		integrity.Name: t.stats.Deliveries, noDuplication.Name: t.stats.Deliveries,
		viewInstalled.Name: t.stats.Deliveries, sameViewDelivery.Name: again, totalOrder.Name: again,
		virtualSynchrony.Name: s.together(), gapFreedom.Name: gaps(rows),
		senderIntegrity.Name: s.senders, fifoOrder.Name: s.fifo, causalOrder.Name: s.past, stateAgreement.Name: s.states,
		agreement.Name: survived(rows, false), uniformAgreement.Name: survived(rows, true),
	}
	results = map[string]Result{}
	for name, n := range count {
		results[name] = (&finding{evidence: n}).done()
	}
	for _, f := range s.flights {
		s.judgeSends(f)
	}
	results[sendingViewDelivery.Name] = s.sends.done()
	if s.sendsSeen == 0 {
		results[sendingViewDelivery.Name] = unknown(&Reason{doesNotApply, "the history has no send events"})
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

func (s *stream) rows(t *trace) []row {
	rows := make([]row, len(s.chain))
	for i, l := range s.chain {
		rows[i].length = int64(l.length())
	}
	for q := range t.members {
		m := &t.members[q]
		for i, in := range m.installs {
			last := i+1 == len(m.installs)
			end := s.seats[q].delivered
			if !last {
				end = m.installs[i+1].before
			}
			r := &rows[s.seats[q].first+i]
			r.parts = append(r.parts, stay{q, int64(end - in.before), !last || t.unjudgeable == nil && t.live(m)})
		}
	}
	return rows
}

// settled reports whether, in a run that came to rest, everybody who lives has
// delivered all that is owed.
func (s *stream) settled(t *trace, rows []row) bool {
	if s.unplaced > 0 {
		return false
	}
	probes := len(s.probes) > 0
	for _, id := range t.liveMembers() {
		m, q := &t.members[id], s.seat(int32(id))
		if q.own != q.sent || probes && (q.link == nil || m.firstInstall() > t.finalAt) {
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
func (s *stream) probesPlaced(t *trace) bool {
	for _, f := range s.flights {
		if f.invokedAt > t.finalAt && !f.placed && (f.sender == none || t.live(&t.members[f.sender])) {
			return false
		}
	}
	return true
}

// atRest gives the results of what is judged at the end of a run.
func (s *stream) atRest(t *trace, results map[string]Result) {
	var loss, own, probes finding
	live := t.liveMembers()
	for _, id := range live {
		if q := s.seat(int32(id)); q.link != nil {
			loss.evidence += s.acked - q.ackedBefore
		}
		own.evidence += s.seat(int32(id)).sent
	}
	for sender, n := range s.probes {
		if sender == none || t.live(&t.members[sender]) {
			probes.evidence += n * int64(len(live))
		}
	}
	owed := 0
	for sender := range s.probes {
		if sender == none || t.live(&t.members[sender]) {
			owed++
		}
	}
	results[noLoss.Name], results[selfDelivery.Name], results[probeDelivery.Name] = loss.done(), own.done(), probes.done()
	switch {
	case t.unjudgeable != nil:
		results[selfDelivery.Name], results[probeDelivery.Name] = unknown(t.unjudgeable), unknown(t.unjudgeable)
		if loss.evidence > 0 {
			results[noLoss.Name] = unknown(t.unjudgeable)
		}
	case owed == 0:
		results[probeDelivery.Name] = unknown(&Reason{noProbes, "no live member was asked for a probe in the final phase"})
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
func (s *stream) together() int64 {
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
