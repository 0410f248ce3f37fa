#!/usr/bin/env python3
"""The smallest node: n1 gives everything its place in one order. It bears no fault."""
import json, socket, socketserver, struct, sys, threading

out, members, pending, view, lock = {}, [], {}, None, threading.Lock()

def say(dest, **body):
    print(json.dumps({"src": node, "dest": dest, "body": body}), flush=True)

def send(to, **m):
    if to == node:
        return receive(m)
    if to not in out:
        out[to] = socket.create_connection(init["peers"][to].split(":"))
    data = json.dumps(m).encode()
    out[to].sendall(struct.pack(">I", len(data)) + data)

def request(src, body):
    kind, id = body["type"], body["msg_id"]
    if kind == "join":
        pending["join"] = (src, id)
        send(init["node_ids"][0], type="join", member=me)
    elif kind == "multicast" and view:
        pending[body["msg"]] = (src, id)
        send(init["node_ids"][0], type="order", msg=body["msg"], sender=me)
    elif kind in ("init", "shutdown"):
        say(src, type=kind + "_ok", in_reply_to=id)
    else:
        code, why = (11, "in no view") if kind == "multicast" else (10, "unknown")
        say(src, type="error", in_reply_to=id, code=code, text=why)
    return kind != "shutdown"

def receive(m):
    global view
    if m["type"] == "join":  # n1 alone gets join and order, and tells all members
        members.append(m["member"])
        m = {"type": "view", "view": str(len(members)), "members": members[:]}
    elif m["type"] == "order":
        m = {**m, "type": "deliver", "view": view}
    else:  # view and deliver come from n1, at all in the same order
        say("harness", **m)
        view = m["view"]
        if m["type"] == "view" and "join" in pending:
            say(pending["join"][0], type="join_ok", in_reply_to=pending.pop("join")[1])
        elif m.get("sender") == me:
            say(pending[m["msg"]][0], type="multicast_ok", in_reply_to=pending.pop(m["msg"])[1])
        return
    for member in members:
        send(member.split(".")[0], **m)

class Peer(socketserver.StreamRequestHandler):
    def handle(self):
        while head := self.rfile.read(4):
            m = json.loads(self.rfile.read(*struct.unpack(">I", head)))
            with lock:
                receive(m)

init = json.loads(sys.stdin.readline())
src, init = init["src"], init["body"]
node, me = init["node_id"], f'{init["node_id"]}.{init["incarnation"]}'
host, port = init["listen"].split(":")
server = socketserver.ThreadingTCPServer((host, int(port)), Peer)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
request(src, init)
for line in sys.stdin:
    with lock:
        if not request(json.loads(line)["src"], json.loads(line)["body"]):
            break
