package conformance

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"groupy/node"
	"groupy/node/contract"
)

// Step is one part of the contract.
type Step struct {
	Name     string `json:"name"`
	Wants    string `json:"wants"`              // what is asked, and what must come
	Decides  bool   `json:"-"`                  // without it nothing that comes after can be tried
	Optional string `json:"optional,omitempty"` // what cannot be done without it; "": it must be there
	take     func(*talk) (string, error)
}

// Steps are the visible list, in the order in which one writes them.
var Steps = []Step{
	{"init", "answers init with init_ok, soon after its start", true, "", (*talk).init},
	{"join", "asked to join without contacts it is a group alone: it says the view, then join_ok", true, "", (*talk).create},
	{"multicast", "says the delivery of its own message, then multicast_ok", true, "", (*talk).multicast},
	{"unknown", "answers a request that it does not know with error 10", false, "", (*talk).unknown},
	{"outside", "answers a multicast before it has joined with an error", false, "", (*talk).outside},
	{"second", "a second node joins by way of the first, and both say the same view", true, "", (*talk).second},
	{"both", "messages of both, ten each at once, are delivered by both", true, "", (*talk).both},
	{"third", "a third node joins", true, "", (*talk).third},
	{"death", "when one of three is killed, the others say a view without it", false, "without it only runs without kills, or with --nemesis that leaves all alive, mean something", (*talk).death},
	{"return", "the killed node comes back as a new member", false, "without it a killed node stays away", (*talk).comeBack},
	{"leave", "a node asked to leave answers leave_ok, and the others say a view without it", false, "without it the faults leave and rejoin are not for it", (*talk).leave},
	{"map", "answers read, write and cas", false, "without it the workloads register and map are not for it", (*talk).keys},
	{"shutdown", "answers shutdown with shutdown_ok, and ends with code 0", false, "", (*talk).shutdown},
	{"virtual", "with transport stdio and clock virtual, answers and says idle after each line", false, "without it --world lockstep, and with it exact replay and shrinking, are not for it", (*talk).virtual},
}

func (t *talk) init() (string, error) { return "init_ok", t.start("n1") }

func (t *talk) create() (string, error) { return t.join("n1") }

// join has a node join, and wants that it has said a view with it before it says so.
func (t *talk) join(name string, contacts ...string) (string, error) {
	if contacts == nil {
		contacts = []string{}
	}
	got, err := t.ask(name, node.TypeJoin, t.o.Patience, func(h node.Head) any { return &node.Join{Head: h, Contacts: contacts} })
	if err != nil {
		return "", err
	}
	v, _ := view(t.said[name][:got.before])
	if !t.holds(v, t.member(name)) {
		return "", t.broken(name, "", contract.EarlyJoin(t.member(name)))
	}
	return fmt.Sprintf("view %s {%s}, then join_ok", v.View, strings.Join(v.Members, " ")), nil
}

func (t *talk) multicast() (string, error) {
	id, err := t.cast("n1", "m1")
	if err != nil {
		return "", err
	}
	return "deliver, then multicast_ok", t.acked("n1", id, "m1")
}

func (t *talk) cast(name, msg string) (int64, error) {
	return t.send(name, node.TypeMulticast, func(h node.Head) any { return &node.Multicast{Head: h, Msg: msg} })
}

// acked wants the answer to a multicast, and the delivery before it.
func (t *talk) acked(name string, id int64, msg string) error {
	got, err := t.answer(name, id, t.o.Patience)
	if err != nil {
		return err
	}
	d := delivery(t.said[name][:got.before], msg)
	v, _ := view(t.said[name][:got.before])
	switch {
	case d == nil:
		return t.broken(name, "", contract.Undelivered())
	case !t.same(d.Sender, t.member(name)):
		return fmt.Errorf("%s says that %s was sent by %s; it was asked to send it itself: the sender is %s", name, msg, d.Sender, t.member(name))
	case d.View != v.View:
		return fmt.Errorf("%s delivers %s in view %s, and the view that it has installed is %s", name, msg, d.View, v.View)
	}
	return nil
}

func delivery(said []any, msg string) *node.Deliver {
	for _, o := range said {
		if d, is := o.(*node.Deliver); is && d.Msg == msg {
			return d
		}
	}
	return nil
}

func (t *talk) unknown() (string, error) {
	_, err := t.ask("n1", "no_such_request", t.o.Patience, func(h node.Head) any { return &node.OK{Head: h} })
	var e *declined
	if !errors.As(err, &e) {
		return "", orElse(err, "the request no_such_request was answered as if it was done")
	}
	if e.code != node.CodeNotSupported {
		return "", fmt.Errorf("error %d; the code of an unknown request is %d", e.code, node.CodeNotSupported)
	}
	return "error 10", nil
}

func (t *talk) outside() (string, error) {
	if err := t.start("n2"); err != nil {
		return "", err
	}
	_, err := t.ask("n2", node.TypeMulticast, t.o.Patience, func(h node.Head) any { return &node.Multicast{Head: h, Msg: "m2"} })
	var e *declined
	if !errors.As(err, &e) {
		return "", orElse(err, "n2 is in no group, and multicast_ok says that it delivered a message")
	}
	if !e.code.Definite() {
		return "", fmt.Errorf("error %d leaves open whether it was sent; definite, and right here, is %d", e.code, node.CodeUnavailable)
	}
	return fmt.Sprintf("error %d", e.code), nil
}

func orElse(err error, text string) error {
	if err != nil {
		return err
	}
	return errors.New(text)
}

func (t *talk) second() (string, error) {
	if t.runs["n2"] == 0 {
		if err := t.start("n2"); err != nil {
			return "", err
		}
	}
	text, err := t.join("n2", "n1")
	if err != nil {
		return "", err
	}
	return text, t.together("n1", "n2")
}

func (t *talk) third() (string, error) {
	if err := t.start("n3"); err != nil {
		return "", err
	}
	text, err := t.join("n3", "n1", "n2")
	if err != nil {
		return "", err
	}
	return text, t.together("n1", "n2", "n3")
}

// together waits until these nodes have all installed one view that holds exactly
// them.
func (t *talk) together(names ...string) error {
	var lack string
	return t.wait(func() bool {
		lack = t.apart(names)
		return lack == ""
	}, func() string { return lack })
}

// wait is until for a lack that changes.
func (t *talk) wait(done func() bool, lack func() string) error {
	err := t.until(t.o.Patience, "", done)
	if err != nil && strings.HasPrefix(err.Error(), ", for ") {
		return errors.New(lack() + err.Error())
	}
	return err
}

// apart says in what nodes are not in one view that holds exactly them.
func (t *talk) apart(names []string) string {
	first, _ := view(t.said[names[0]])
	for _, name := range names {
		v, any := view(t.said[name])
		switch {
		case !any:
			return name + " has said no view"
		case v.View != first.View:
			return fmt.Sprintf("%s is in view %s and %s in view %s: a view's id is the same at all its members", names[0], first.View, name, v.View)
		case len(v.Members) != len(names):
			return fmt.Sprintf("%s is in view %s of %s, and it should be of %s", name, v.View, strings.Join(v.Members, " "), strings.Join(names, " "))
		}
		for _, other := range names {
			if !t.holds(v, t.member(other)) {
				return fmt.Sprintf("%s is in view %s of %s, without %s", name, v.View, strings.Join(v.Members, " "), t.member(other))
			}
		}
	}
	return ""
}

func (t *talk) both() (string, error) {
	const each = 10
	ids := map[string]int64{}
	for i := range each {
		for _, name := range []string{"n1", "n2"} {
			msg := fmt.Sprintf("%s-%d", name, i+1)
			id, err := t.cast(name, msg)
			if err != nil {
				return "", err
			}
			ids[msg] = id
		}
	}
	for i := range each {
		for _, name := range []string{"n1", "n2"} {
			msg := fmt.Sprintf("%s-%d", name, i+1)
			if err := t.acked(name, ids[msg], msg); err != nil {
				return "", err
			}
			for _, other := range []string{"n1", "n2"} {
				err := t.until(t.o.Patience, fmt.Sprintf("%s does not deliver %s, which %s has delivered", other, msg, name), func() bool {
					return delivery(t.said[other], msg) != nil
				})
				if err != nil {
					return "", err
				}
			}
		}
	}
	return "20 messages, each delivered by both", nil
}

func (t *talk) death() (string, error) {
	t.ending["n2"] = true
	if err := t.world.Kill("n2"); err != nil {
		return "", err
	}
	if err := t.until(t.o.Patience, "n2 was killed and does not end", func() bool { return t.runs["n2"] == 0 }); err != nil {
		return "", err
	}
	began := t.world.Now()
	if err := t.together("n1", "n3"); err != nil {
		return "", err
	}
	v, _ := view(t.said["n1"])
	return fmt.Sprintf("view %s {%s}, %v after the kill", v.View, strings.Join(v.Members, " "), (t.world.Now() - began).Round(10*time.Millisecond)), nil
}

func (t *talk) comeBack() (string, error) {
	if t.runs["n2"] != 0 {
		return "", errors.New("n2 still runs")
	}
	t.ending["n2"] = false
	if err := t.start("n2"); err != nil {
		return "", err
	}
	text, err := t.join("n2", "n1", "n3")
	if err != nil {
		return "", err
	}
	return text, t.together("n1", "n2", "n3")
}

func (t *talk) leave() (string, error) {
	t.ending["n3"] = true
	_, err := t.ask("n3", node.TypeLeave, t.o.Patience, func(h node.Head) any { return &node.Leave{Head: h} })
	if err != nil {
		return "", err
	}
	gone := t.member("n3")
	err = t.until(t.o.Patience, "n1 says no view without "+gone+", which has left", func() bool {
		v, _ := view(t.said["n1"])
		return !t.holds(v, gone)
	})
	return "leave_ok", err
}

func (t *talk) keys() (string, error) {
	for _, body := range []func(node.Head) any{
		func(h node.Head) any { return &node.Write{Head: h, Key: "k", Value: []byte("1"), Msg: "w1"} },
		func(h node.Head) any {
			return &node.CAS{Head: h, Key: "k", From: []byte("1"), To: []byte("2"), Msg: "w2"}
		},
	} {
		kind := node.TypeWrite
		if _, is := body(node.Head{}).(*node.CAS); is {
			kind = node.TypeCAS
		}
		if _, err := t.ask("n1", kind, t.o.Patience, body); err != nil {
			return "", err
		}
	}
	got, err := t.ask("n1", node.TypeRead, t.o.Patience, func(h node.Head) any { return &node.Read{Head: h, Key: "k", Msg: "r1"} })
	if err != nil {
		return "", err
	}
	if r, is := got.body.(node.ReadOK); !is || string(r.Value) != "2" {
		return "", fmt.Errorf("after write 1 and cas from 1 to 2, k is read as %s", r.Value)
	}
	return "write_ok, cas_ok, read_ok", nil
}

func (t *talk) shutdown() (string, error) {
	t.ending["n1"] = true
	if _, err := t.ask("n1", node.TypeShutdown, t.o.Patience, func(h node.Head) any { return &node.Shutdown{Head: h} }); err != nil {
		return "", err
	}
	if err := t.until(t.o.Patience, "n1 has answered shutdown and does not end", func() bool { return t.runs["n1"] == 0 }); err != nil {
		return "", err
	}
	if how := t.ended["n1"]; how != "ended with code 0" {
		return "", errors.New("n1 " + how + " after shutdown")
	}
	return "shutdown_ok, then code 0", nil
}
