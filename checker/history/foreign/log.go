package foreign

import (
	"slices"

	"groupy/checker/history"
)

// delivery is one line of a log: who delivered what. The line has been read from
// line on; parts that the log has not are empty.
type delivery struct {
	line int
	part map[string]string
}

// log is the format of logs that rows walks over. It is walked over twice: who is in
// a view has to be known when its first member installs it.
func log(name, sentence string, rows func(*input, func(delivery) error) error) Format {
	return Format{Name: name, Sentence: sentence, read: func(in *input) error {
		views := map[string][]string{}
		if err := rows(in, func(d delivery) error {
			if d.part["member"] == "" || d.part["msg"] == "" {
				return in.fail(d.line, 0, "a delivery needs a member and a msg; it has %q and %q", d.part["member"], d.part["msg"])
			}
			if view := in.view(d); !slices.Contains(views[view], d.part["member"]) {
				views[view] = append(views[view], d.part["member"])
			}
			return nil
		}); err != nil {
			return err
		}
		src, err := open(in.path)
		if err != nil {
			return err
		}
		defer src.Close()
		in.src = src
		return in.replay(rows, views)
	}}
}

// onlyView is the view of a log without views.
const onlyView = "1"

func (in *input) view(d delivery) string {
	if view := d.part["view"]; view != "" {
		return view
	}
	return onlyView
}

// replay writes the log down as a history: a member installs a view when it first
// delivers in it, and a view holds who delivers in it.
func (in *input) replay(rows func(*input, func(delivery) error) error, views map[string][]string) error {
	for _, members := range views {
		slices.Sort(members) // an order that says nothing
	}
	if err := in.begin(in.logHeader()); err != nil {
		return err
	}
	installed := map[string]string{}
	return rows(in, func(d delivery) error {
		member, view := d.part["member"], in.view(d)
		if installed[member] != view {
			installed[member] = view
			if err := in.append(d.line, &history.Event{Type: history.View, Member: member, View: view, Members: views[view]}); err != nil {
				return err
			}
		}
		return in.append(d.line, &history.Event{
			Type: history.Deliver, Member: member, Msg: d.part["msg"], Sender: d.part["sender"], View: view, State: d.part["state"],
		})
	})
}

// logHeader promises what deliveries alone can break, and says of the rest why it is
// left out.
func (in *input) logHeader() history.Header {
	h := history.Header{
		Promises: []string{"no-duplication", "total-order", "gap-freedom"},
		LeftOut: leaveOut("the log does not say what was asked for",
			"integrity", "fifo-order", "causal-order", "no-loss", "self-delivery", "probe-delivery", "join", "sending-view-delivery", "linearizability"),
	}
	leave := func(why string, properties ...string) {
		for _, p := range properties {
			h.LeftOut[p] = why
		}
	}
	leave("the log does not say who lived on, and who was started again", "no-unasked-end", "recovery", "agreement", "uniform-agreement", "exclusion", "membership-precision")
	leave("who is in a view is taken from the deliveries themselves", "view-installed", "self-inclusion", "view-agreement", "primary-agreement", "primary-chain")
	if in.has("view") {
		h.Promises = append(h.Promises, "view-monotonicity", "same-view-delivery", "virtual-synchrony")
	} else {
		leave("the log has no views", "view-monotonicity", "same-view-delivery", "virtual-synchrony")
	}
	if in.has("sender") {
		h.Promises = append(h.Promises, "sender-integrity")
	} else {
		leave("the log does not say who sent a message", "sender-integrity")
	}
	if in.has("state") {
		h.Promises = append(h.Promises, "state-agreement")
	} else {
		leave("the log has no states", "state-agreement")
	}
	return h
}
