package machine

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"groupy/node/gms"
)

// TestMachineAnswersOperationsFromTheirDelivery: the request becomes a multicast
// under the harness's id, and the answer is what the map says where it is
// delivered.
func TestMachineAnswersOperationsFromTheirDelivery(t *testing.T) {
	m := machineOver(scripted(func(in gms.Input) []gms.Effect {
		switch in := in.(type) {
		case gms.Join:
			return []gms.Effect{gms.Install{View: "1", Members: []string{"n1.2"}}, gms.Reply{Req: in.Req}}
		case gms.Multicast:
			return []gms.Effect{
				&gms.Deliver{Msg: in.Msg, Sender: "n1.2", View: "1", Payload: in.Payload}, gms.Reply{Req: in.Req},
			}
		}
		return nil
	}), "map")
	m.Step(0, ask("join", 1, `{}`))
	for _, c := range []struct{ kind, body, want string }{
		{"read", `{"msg":"m1","key":"k"}`, `c1 {"type":"read_ok","in_reply_to":7,"value":null}`},
		{"write", `{"msg":"m2","key":"k","value":[1, 2]}`, `c1 {"type":"write_ok","in_reply_to":7}`},
		{"read", `{"msg":"m3","key":"k"}`, `c1 {"type":"read_ok","in_reply_to":7,"value":[1,2]}`},
		{"cas", `{"msg":"m4","key":"k","from":[1,2],"to":"<"}`, `c1 {"type":"cas_ok","in_reply_to":7}`},
		{"cas", `{"msg":"m5","key":"k","from":1,"to":2}`, `c1 {"type":"error","in_reply_to":7,"code":22,"text":"\"k\" holds \"<\", not 1"}`},
		{"cas", `{"msg":"m6","key":"l","from":1,"to":2}`, `c1 {"type":"error","in_reply_to":7,"code":20,"text":"\"l\" was never written"}`},
		{"multicast", `{"msg":"m7"}`, `c1 {"type":"multicast_ok","in_reply_to":7}`},
	} {
		lines := written(m.Step(0, ask(c.kind, 7, c.body)))
		if got := lines[len(lines)-1]; got != c.want {
			t.Errorf("%s %s: %s, want %s", c.kind, c.body, got, c.want)
		}
		if len(lines) != 2 { // the delivery, with its state, and the answer
			t.Errorf("%s %s gives %q", c.kind, c.body, lines)
		}
	}
	if len(m.pending) != 0 || len(m.asked) != 0 {
		t.Errorf("still pending: %v, %v", m.pending, m.asked)
	}
}

// TestMachineOperationsThatFail keeps the difference between what did not happen
// and what may have.
func TestMachineOperationsThatFail(t *testing.T) {
	var reply gms.Failure
	m := machineOver(scripted(func(in gms.Input) []gms.Effect {
		switch in := in.(type) {
		case gms.Join:
			return []gms.Effect{gms.Install{View: "1", Members: []string{"n1.2"}}}
		case gms.Multicast:
			if reply.Code < 0 {
				return []gms.Effect{gms.Reply{Req: in.Req}} // done, it says, but nothing was delivered
			}
			return []gms.Effect{gms.Reply{Req: in.Req, Failed: &reply}}
		}
		return nil
	}), "map")
	m.Step(0, ask("join", 1, `{}`))
	check := func(body, want string) {
		t.Helper()
		if diff := cmp.Diff([]string{want}, written(m.Step(0, ask("write", 7, body)))); diff != "" {
			t.Errorf("write %s (-want +got):\n%s", body, diff)
		}
	}
	fails := func(code int, text string) string {
		return fmt.Sprintf(`c1 {"type":"error","in_reply_to":7,"code":%d,"text":%q}`, code, text)
	}
	reply = gms.Failure{Code: 11, Text: "full"}
	check(`{"key":"k","value":1}`, fails(11, "full"))
	reply = gms.Failure{Code: 13, Text: "who knows"}
	check(`{"key":"k","value":1}`, fails(13, "who knows"))
	reply.Code = -1
	check(`{"key":"k","value":1}`, fails(13, "delivered, but the map here was not complete"))
	check(`{"key":"k"}`, fails(12, "write has no value; null is what an absent key has"))
	check(`{"msg":"~m","key":"k","value":1}`, fails(12, `msg "~m" is taken or kept for the application`))
	m = machineOver(scripted(func(gms.Input) []gms.Effect { return nil }), "colour")
	check(`{"key":"k","value":1}`, fails(10, `no request "write" here: the app colour holds no map`))
}
