package contract_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"groupy/node"
	"groupy/node/contract"
)

// read takes a line as a world in real time does.
func read(line string) (any, error) {
	env, head, err := contract.Line([]byte(line))
	if err != nil {
		return nil, err
	}
	if err := contract.RealDest(env.Dest); err != nil {
		return nil, err
	}
	return contract.Body(head, env.Body)
}

func body(text string) string { return `{"src":"n1","dest":"harness","body":` + text + `}` }

// Each way to break the contract is found, named and explained; what differs from it
// in that alone is read.
func TestBreaches(t *testing.T) {
	for _, c := range []struct {
		kind           contract.Kind
		bad, good      string
		what, expected string
		nearest        string
	}{
		{contract.NotJSON, `{'src':'n1'}`, body(`{"type":"block"}`), "no JSON object", "one JSON object a line", ""},
		{contract.NotJSON, body(`{"type":"block"}`) + body(`{"type":"block"}`), body(`{"type":"block"}`), "no JSON object", "written whole", ""},
		{contract.NoBody, `{"type":"block"}`, body(`{"type":"block"}`), "without a body", "", `"body":{"type":"block"}`},
		{contract.NoBody, `{"dest":"harness","bdoy":{"type":"block"}}`, body(`{"type":"block"}`), "without a body", "", `body, for "bdoy"`},
		{contract.NoType, body(`{"tpye":"block"}`), body(`{"type":"block"}`), "without a type", "", `type, for "tpye"`},
		{contract.UnknownType, body(`{"type":"delivered","msg":"m1","sender":"n1.1","view":"1"}`), body(`{"type":"deliver","msg":"m1","sender":"n1.1","view":"1"}`), `"delivered"`, "an observation (view, deliver,", "deliver {msg, sender, view, [state]}"},
		{contract.UnknownType, body(`{"type":"install_view"}`), body(`{"type":"unblock"}`), `"install_view"`, "an observation", "view {view, members"},
		{contract.UnknownType, body(`{"type":"multicastok","in_reply_to":3}`), body(`{"type":"multicast_ok","in_reply_to":3}`), `"multicastok"`, "a reply to a request (init_ok", "multicast_ok {in_reply_to}"},
		{contract.MissingField, body(`{"type":"deliver","sender":"n1.1","view":"1"}`), body(`{"type":"deliver","msg":"m1","sender":"n1.1","view":"1","more":1}`), "deliver without msg", "deliver {msg, sender, view", ""},
		{contract.MissingField, body(`{"type":"deliver","message":"m1","sender":"n1.1","view":"1"}`), body(`{"type":"deliver","msg":"m1","sender":"n1.1","view":"1"}`), "deliver without msg", "", `msg, for "message"`},
		{contract.MissingField, body(`{"type":"view","view":"1","members":[]}`), body(`{"type":"view","view":"1","members":["n1.1"]}`), "view with an empty members", "", ""},
		{contract.MissingField, body(`{"type":"error","in_reply_to":1,"text":"no"}`), body(`{"type":"error","in_reply_to":1,"code":0,"text":"no"}`), "error without code", "", ""},
		{contract.MissingField, body(`{"type":"read_ok","in_reply_to":1}`), body(`{"type":"read_ok","in_reply_to":1,"value":null}`), "read_ok without value", "", ""},
		{contract.WrongField, body(`{"type":"deliver","msg":7,"sender":"n1.1","view":"1"}`), body(`{"type":"deliver","msg":"7","sender":"n1.1","view":"1"}`), "deliver has a number in msg", "msg: a string", ""},
		{contract.WrongField, body(`{"type":"view","view":"1","members":"n1.1"}`), body(`{"type":"view","view":"1","members":["n1.1"]}`), "view has a string in members", "members: a list of strings", ""},
		{contract.WrongField, body(`{"type":"join_ok","in_reply_to":"3"}`), body(`{"type":"join_ok","in_reply_to":3}`), "a string in in_reply_to", "a whole number", ""},
		{contract.WrongDest, `{"src":"n1","dest":"harnes","body":{"type":"block"}}`, body(`{"type":"block"}`), `"harnes"`, "dest harness", "harness"},
		{contract.WrongDest, `{"src":"n1","body":{"type":"block"}}`, body(`{"type":"block"}`), "without dest", "", ""},
		{contract.WrongDest, `{"src":"n1","dest":"n2","body":{"type":"hello"}}`, body(`{"type":"block"}`), `"n2" on stdout`, "transport tcp a node dials", ""},
		{contract.WrongDest, `{"src":"n1","dest":"clock","body":{"type":"set_timer","id":"t","after":1}}`, body(`{"type":"block"}`), "clock", "lockstep", ""},
		{contract.NoInReplyTo, body(`{"type":"join_ok"}`), body(`{"type":"join_ok","in_reply_to":1}`), "join_ok without in_reply_to", "msg_id of the request", ""},
		{contract.NoInReplyTo, body(`{"type":"join_ok","reply_to":1}`), body(`{"type":"join_ok","in_reply_to":1}`), "join_ok without in_reply_to", "", `in_reply_to, for "reply_to"`},
	} {
		if _, err := read(c.good); err != nil {
			t.Errorf("%s: %v", c.good, err)
		}
		_, err := read(c.bad)
		var b *contract.Breach
		if !errors.As(err, &b) {
			t.Errorf("%s: %v, which is no breach", c.bad, err)
			continue
		}
		if b.Kind != c.kind || !strings.Contains(b.What, c.what) || b.Expected == "" || !strings.Contains(b.Expected, c.expected) ||
			!strings.Contains(b.Nearest, c.nearest) || (c.nearest == "") != (b.Nearest == "") {
			t.Errorf("%s\n is %s: %s\n expected %s\n nearest %q", c.bad, b.Kind, b.What, b.Expected, b.Nearest)
		}
	}
}

// A stray word is no breach: a program may greet.
func TestAStrayWordIsNoBreach(t *testing.T) {
	for _, line := range []string{"hello", "[1,2]", "", "7"} {
		_, err := read(line)
		var b *contract.Breach
		if err == nil || errors.As(err, &b) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// No line is too strange to be told of.
func TestEveryLineIsReadOrTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom([]string{
			`{`, `}`, `"body":`, `"type":`, `"view"`, `"deliver"`, `"msg":`, `"in_reply_to":`, `"dest":"harness"`, `,`, `"x"`, `7`, `null`, `[`, `]`, `"members":`,
		})
		line := strings.Join(rapid.SliceOfN(text, 0, 12).Draw(t, "line"), "")
		if got, err := read(line); err != nil && err.Error() == "" || err == nil && got == nil {
			t.Fatalf("%s: %v, %v", line, got, err)
		}
	})
}

func TestReplies(t *testing.T) {
	if err := contract.Reply("join", node.Head{Type: "join_ok"}); err != nil {
		t.Error(err)
	}
	if err := contract.Reply("join", node.Head{Type: "error"}); err != nil {
		t.Error(err)
	}
	if err := contract.Reply("join", node.Head{Type: "init_ok"}); err == nil {
		t.Error("init_ok answers join")
	}
	nodes := []string{"n1", "n2"}
	for name, near := range map[string]string{"n1": "ok", "n2.7": "ok", "node2.1": "n2.1", "N1": "n1.1", "bob": ""} {
		err := contract.Member(name, "view 1", nodes)
		var b *contract.Breach
		if errors.As(err, &b); (err == nil) != (near == "ok") || b != nil && b.Nearest != near {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The document names each type and each field that is read, and the reader knows each
// of the document's.
func TestTheDocumentSaysWhatIsRead(t *testing.T) {
	text, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]contract.Form{contract.Observations, contract.Replies, contract.Services} {
		for _, f := range list {
			for _, word := range append([]string{f.Type}, f.Need...) {
				if !strings.Contains(string(text), word) {
					t.Errorf("docs/contract.md does not name %s of %s", word, f.Type)
				}
			}
		}
	}
	_, table, _ := strings.Cut(string(text), "## Observations")
	table, _, _ = strings.Cut(table, "\n## ")
	for line := range strings.Lines(table) {
		name, found := strings.CutPrefix(line, "| `")
		if !found {
			continue
		}
		name, _, _ = strings.Cut(name, "`")
		f, known := contract.FormOf(name)
		if !known {
			t.Errorf("docs/contract.md has %q, which is not read", name)
			continue
		}
		for _, field := range f.Need {
			if !strings.Contains(line, "`"+field+"`") {
				t.Errorf("docs/contract.md: %s needs %s", name, field)
			}
		}
	}
}
