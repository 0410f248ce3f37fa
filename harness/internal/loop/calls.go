package loop

import (
	"encoding/json"
	"strconv"

	"groupy/checker/history"
	"groupy/node"
	"groupy/node/contract"
	"groupy/workloads"
)

// call is one request that waits for its answer. A recorded call is an operation
// of the history; init, leave's shutdown and the like are not.
type call struct {
	id          int64
	node        string
	incarnation int
	f           string
	value       json.RawMessage
	msg         string // of a read, write or cas: the id of the multicast that may carry it
	process     string // "" if not recorded
	done        func(answer)
}

// answer is how a call ended.
type answer struct {
	outcome history.Type // ok, fail or info
	err     string
	code    node.Code       // of an error of the contract
	value   json.RawMessage // a read's
}

// client is one sequential user of a node. After an unknown outcome its process
// is retired and the client goes on as a new one.
type client struct {
	process string
	busy    bool
}

func (r *runner) newProcess() string {
	r.process++
	return "c" + strconv.Itoa(r.process-1)
}

// ask sends a request and has done called once: with its answer, or with an
// unknown outcome when the limit runs out or the node dies.
func (r *runner) ask(c call, src string, build func(id int64) any, limit int64) {
	r.lastID++
	c.id = r.lastID
	c.incarnation = r.nodes[c.node].incarnation
	if c.process != "" {
		r.record.event(history.Event{Type: history.Invoke, Process: c.process, Node: c.node, F: c.f, Value: c.value, Msg: c.msg})
	}
	r.calls[c.id] = &c
	if err := r.world.Send(c.node, src, build(c.id)); err != nil {
		r.finish(&c, answer{outcome: history.Info, err: err.Error()})
		return
	}
	r.agenda.add(r.world.Now()+Micros(limit), func() {
		r.finish(&c, answer{outcome: history.Info, err: "no answer within " + Micros(limit).String()})
	})
}

// finish ends a call; a second end is ignored, since an answer may come after
// the limit.
func (r *runner) finish(c *call, a answer) {
	if r.calls[c.id] != c {
		return
	}
	delete(r.calls, c.id)
	if c.process != "" {
		value := c.value
		if a.value != nil {
			value = a.value
		}
		r.record.event(history.Event{
			Type: a.outcome, Process: c.process, Node: c.node, F: c.f, Value: value, Error: a.err,
		})
	}
	if c.done != nil {
		c.done(a)
	}
}

// replied matches a reply with its call. A late one is nobody's; one to a request
// that was never asked breaks the contract.
func (r *runner) replied(m *member, head node.Head, body any) {
	c := r.calls[head.InReplyTo]
	switch {
	case head.InReplyTo < 0 || head.InReplyTo > r.lastID || c != nil && c.node != m.name:
		r.breached(m, contract.Unasked(head), said(body))
		return
	case c == nil || c.incarnation != m.incarnation:
		r.log.Debug("a reply that nobody waits for", "node", m.name, "in_reply_to", head.InReplyTo)
		return
	}
	if err := contract.Reply(c.f, head); err != nil {
		r.misnamed(m, body, err)
		return
	}
	if c.f == node.TypeMulticast && head.Type != node.TypeError && !m.delivered && r.forming() {
		r.breached(m, contract.Undelivered(), said(body))
		return
	}
	switch b := body.(type) {
	case node.Error:
		outcome := history.Info
		if b.Code.Definite() {
			outcome = history.Fail
		}
		r.finish(c, answer{outcome: outcome, err: b.Error(), code: b.Code})
	case node.ReadOK:
		var asked struct {
			Key string `json:"key"`
		}
		_ = json.Unmarshal(c.value, &asked)
		r.finish(c, answer{outcome: history.OK, value: Raw(map[string]any{"key": asked.Key, "value": b.Value})})
	default:
		r.finish(c, answer{outcome: history.OK})
	}
}

// operate asks a planned operation, if it can be asked now, and calls then, which
// may be nil, when it has ended. It reports whether it was asked.
func (r *runner) operate(op workloads.Op, then func()) bool {
	for len(r.clients) <= op.Client {
		r.clients = append(r.clients, &client{process: r.newProcess()})
	}
	cl := r.clients[op.Client]
	m := r.nodes[op.Node]
	switch {
	case !m.running || !m.ready:
		r.outcome.Skipped["node is down"]++
		return false
	case cl.busy:
		r.outcome.Skipped["client still waits for its last call"]++
		return false
	}
	cl.busy = true
	r.ask(call{
		node: op.Node, f: op.F, value: op.Value, msg: op.Msg, process: cl.process,
		done: func(a answer) {
			cl.busy = false
			if a.outcome == history.Info {
				cl.process = r.newProcess()
			}
			if then != nil {
				then()
			}
		},
	}, cl.process, func(id int64) any { return request(op, id) }, r.plan.Limits.CallMicros)
	return true
}

// request is the contract's body for an operation of a validated plan.
func request(op workloads.Op, id int64) any {
	body, err := workloads.Request(op, id)
	if err != nil {
		panic("harness: a plan was not validated: " + err.Error())
	}
	return body
}
