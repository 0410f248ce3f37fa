// The smallest node in Go: n1 gives everything its place in one order. It bears no
// fault. It needs the standard library alone: go run docs/nodes/node.go
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
)

// body is a line's body, and a message between nodes: what is not there is empty.
type body struct {
	Type        string            `json:"type"`
	MsgID       int               `json:"msg_id,omitempty"`
	InReplyTo   int               `json:"in_reply_to,omitempty"`
	NodeID      string            `json:"node_id,omitempty"`
	Incarnation int               `json:"incarnation,omitempty"`
	NodeIDs     []string          `json:"node_ids,omitempty"`
	Listen      string            `json:"listen,omitempty"`
	Peers       map[string]string `json:"peers,omitempty"`
	Msg         string            `json:"msg,omitempty"`
	Sender      string            `json:"sender,omitempty"`
	View        string            `json:"view,omitempty"`
	Members     []string          `json:"members,omitempty"`
	Code        int               `json:"code,omitempty"`
	Text        string            `json:"text,omitempty"`
}

type line struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

var (
	mu      sync.Mutex
	init_   body
	me      string
	view    string
	members []string                // n1's
	pending = map[string]line{}     // requests without an answer, by message
	out     = map[string]net.Conn{} // connections to other nodes
	stdout  = json.NewEncoder(os.Stdout)
)

func say(dest string, b body) { stdout.Encode(line{init_.NodeID, dest, b}) }

func answer(l line, b body) {
	b.InReplyTo = l.Body.MsgID
	say(l.Src, b)
}

func send(to string, b body) {
	if to == init_.NodeID {
		receive(b)
		return
	}
	if out[to] == nil {
		conn, err := net.Dial("tcp", init_.Peers[to])
		if err != nil {
			return
		}
		out[to] = conn
	}
	data, _ := json.Marshal(b)
	out[to].Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...))
}

func request(l line) {
	head := init_.NodeIDs[0]
	switch t := l.Body.Type; {
	case t == "join":
		pending["join"] = l
		send(head, body{Type: "join", Sender: me})
	case t == "multicast" && view != "":
		pending[l.Body.Msg] = l
		send(head, body{Type: "order", Msg: l.Body.Msg, Sender: me})
	case t == "multicast":
		answer(l, body{Type: "error", Code: 11, Text: "in no view"})
	case t == "init" || t == "shutdown":
		answer(l, body{Type: t + "_ok"})
	default:
		answer(l, body{Type: "error", Code: 10, Text: "unknown"})
	}
}

func receive(b body) {
	switch b.Type {
	case "join": // n1 alone gets join and order, and tells all members
		members = append(members, b.Sender)
		b = body{Type: "view", View: strconv.Itoa(len(members)), Members: members}
	case "order":
		b.Type, b.View = "deliver", view
	default: // view and deliver come from n1, at all in the same order
		say("harness", b)
		view = b.View
		if l, mine := pending["join"]; mine && b.Type == "view" {
			delete(pending, "join")
			answer(l, body{Type: "join_ok"})
		}
		if l, mine := pending[b.Msg]; mine {
			delete(pending, b.Msg)
			answer(l, body{Type: "multicast_ok"})
		}
		return
	}
	for _, m := range members {
		name, _, _ := strings.Cut(m, ".")
		send(name, b)
	}
}

func read(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		var size uint32
		if binary.Read(in, binary.BigEndian, &size) != nil {
			return
		}
		var b body
		if json.NewDecoder(io.LimitReader(in, int64(size))).Decode(&b) != nil {
			return
		}
		mu.Lock()
		receive(b)
		mu.Unlock()
	}
}

func main() {
	in := json.NewDecoder(os.Stdin)
	var l line
	in.Decode(&l)
	init_, me = l.Body, l.Body.NodeID+"."+strconv.Itoa(l.Body.Incarnation)
	listener, err := net.Listen("tcp", init_.Listen)
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			if conn, err := listener.Accept(); err == nil {
				go read(conn)
			}
		}
	}()
	request(l)
	for l.Body.Type != "shutdown" {
		l = line{}
		if in.Decode(&l) != nil {
			return
		}
		mu.Lock()
		request(l)
		mu.Unlock()
	}
}
