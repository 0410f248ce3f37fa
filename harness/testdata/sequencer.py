#!/usr/bin/env python3
"""A node of the contract in another language: broadcast through a fixed sequencer.

The first node of the roster is the sequencer. It alone admits members and gives
every message and every view its place in one sequence; everybody delivers the
sequence in order. What gets lost is asked for again (receivers name the number
that they expect), and senders repeat what has not come back, so lost, repeated
and reordered messages do no harm. Nothing is done about a crash: a dead member
stays in the view, and a dead sequencer ends the group.

Three parts: Sequencer is the protocol and does no input or output; Tcp and Stdio
carry it in real and in virtual time. Python's standard library is all it needs.
"""

import json
import os
import selectors
import socket
import struct
import sys
import time

TICK = 50_000  # microseconds between two rounds of repeating
RESEND = 200  # entries of the sequence that answer one request

NOT_SUPPORTED, UNAVAILABLE, MALFORMED, ABORT = 10, 11, 12, 14


class Refused(Exception):
    """A request that is answered with an error of the contract."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


class Sequencer:
    """One member's protocol. `out` carries lines, messages and timers away."""

    def __init__(self, init, out):
        self.out = out
        self.node, self.roster = init["node_id"], init["node_ids"]
        self.me = f'{self.node}.{init["incarnation"]}'
        self.head = self.roster[0]
        self.leads = self.node == self.head
        self.view, self.over = None, False  # no view yet; no view again
        self.joining, self.leaving = None, None  # (client, msg_id) of the open request
        self.expect = None  # the next number to deliver; None before admission
        self.early = {}  # number -> entry that came before its turn
        self.mine = {}  # own number -> (client, msg_id, submission), until delivered
        self.sent = 0  # own numbers given
        # The sequencer's own:
        self.log = []  # the sequence; entry n is log[n]
        self.admitted = []  # members of the newest view in the sequence
        self.taken = {}  # member -> how many of its own are in the sequence
        self.gone = set()  # former members; they come back as others

    # What the harness and the clients ask for.

    def request(self, src, body):
        kind, reply_to = body["type"], (src, body.get("msg_id", 0))
        handler = {"join": self.join, "leave": self.leave, "multicast": self.multicast}.get(kind)
        if kind == "init":
            raise Refused(ABORT, "initialised already")
        if handler is None:
            raise Refused(NOT_SUPPORTED, f"no request {kind!r} here")
        handler(reply_to, body)

    def join(self, reply_to, body):
        if self.joining or self.expect is not None or self.over:
            raise Refused(UNAVAILABLE, "joining, a member, or left: a new process can join")
        if self.leads == bool(body.get("contacts")):
            raise Refused(UNAVAILABLE, f"the sequencer is fixed: {self.head} creates the group, the others join")
        self.joining = reply_to
        self.out.after("tick", TICK)
        if self.leads:
            self.expect = 0
            self.change_view([self.me], admits=self.me)
        else:
            self.to_head({"kind": "join"})

    def leave(self, reply_to, _):
        self.need_view()
        if self.leads:
            raise Refused(UNAVAILABLE, "the sequencer cannot leave")
        self.leaving = reply_to
        self.to_head({"kind": "leave"})

    def multicast(self, reply_to, body):
        if not isinstance(body.get("msg"), str):
            raise Refused(MALFORMED, "multicast needs msg, a string")
        self.need_view()
        submission = {"kind": "submit", "number": self.sent, "msg": body["msg"], "payload": body.get("payload")}
        self.mine[self.sent] = (reply_to, submission)
        self.sent += 1
        self.to_head(submission)

    def need_view(self):
        if self.view is None or self.leaving:
            raise Refused(UNAVAILABLE, "no view installed")

    # What other nodes say, and the timer.

    def receive(self, body):
        if body.get("to") not in (self.me, self.node):
            return  # meant for an earlier incarnation
        sender, kind = body["from"], body["m"]["kind"]
        if kind == "entry":
            self.entry(body["m"])
        elif kind == "top" and self.expect is not None and body["m"]["length"] > self.expect:
            self.to_head({"kind": "want", "number": self.expect})
        elif self.leads and self.expect is not None:
            self.ordered(sender, kind, body["m"])

    def ordered(self, sender, kind, m):
        """The sequencer's side of what a member asks."""
        if kind == "join":
            self.admit(sender)
        elif kind == "leave" and sender in self.admitted:
            self.gone.add(sender)
            self.change_view([x for x in self.admitted if x != sender], also=[sender])
        elif kind == "want":
            for entry in self.log[m["number"] : m["number"] + RESEND]:
                self.send(sender, entry)
        elif kind == "submit" and sender in self.admitted and m["number"] == self.taken.get(sender, 0):
            self.taken[sender] = m["number"] + 1
            self.append({"msg": m["msg"], "payload": m["payload"], "sender": sender, "own": m["number"]})

    def admit(self, member):
        """Adds a member, in the place of its node's earlier incarnations."""
        if member in self.admitted:
            self.send(member, next(e for e in self.log if e.get("admits") == member))
        elif member not in self.gone:
            earlier = [x for x in self.admitted if node_of(x) == node_of(member)]
            self.gone.update(earlier)
            self.change_view([x for x in self.admitted if x not in earlier] + [member], admits=member)

    def change_view(self, members, admits=None, also=()):
        self.admitted = members
        self.append({"view": str(len(self.log)), "members": members, "admits": admits}, also)

    def append(self, entry, also=()):
        """Gives an entry the next number and sends it to whom it concerns."""
        entry.update(kind="entry", number=len(self.log))
        self.log.append(entry)
        for member in [*self.admitted, *also]:
            if member != self.me:
                self.send(member, entry)
        self.entry(entry)

    def entry(self, entry):
        """Delivers an entry in its turn, and whatever had waited for it."""
        if self.expect is None:
            if not self.joining or entry.get("admits") != self.me:
                return
            self.expect = entry["number"]
        self.early.setdefault(entry["number"], entry)
        if entry["number"] > self.expect:
            self.to_head({"kind": "want", "number": self.expect})
        while self.expect is not None and self.expect in self.early:
            turn = self.early.pop(self.expect)
            self.expect += 1
            if "view" in turn:
                self.install(turn)
            else:
                self.deliver(turn)
        self.early = {n: e for n, e in self.early.items() if self.expect is not None and n > self.expect}

    def install(self, entry):
        if self.me not in entry["members"]:
            self.left()
            return
        self.view = entry["view"]
        self.out.line("harness", {"type": "view", "view": self.view, "members": entry["members"]})
        if self.joining:
            self.out.line(*ok(self.joining, "join"))
            self.joining = None

    def left(self):
        """What is not in the sequence by now never will be, so it has failed."""
        for reply_to, submission in self.mine.values():
            self.out.error(*reply_to, UNAVAILABLE, f'left before {submission["msg"]} was ordered')
        if self.leaving:
            self.out.line(*ok(self.leaving, "leave"))
        else:
            self.out.line("harness", {"type": "evict", "reason": "a newer process of this node has joined"})
        self.view, self.leaving, self.expect, self.over, self.mine = None, None, None, True, {}

    def deliver(self, entry):
        self.out.line("harness", {"type": "deliver", "msg": entry["msg"], "sender": entry["sender"], "view": self.view})
        if entry["sender"] == self.me and entry["own"] in self.mine:
            self.out.line(*ok(self.mine.pop(entry["own"])[0], "multicast"))

    def timer(self, _):
        """Repeats whatever may have been lost."""
        self.out.after("tick", TICK)
        if self.joining and not self.leads:
            self.to_head({"kind": "join"})
        if self.leaving:
            self.to_head({"kind": "leave"})
        for _, submission in self.mine.values():
            self.to_head(submission)
        if self.leads:
            for member in self.admitted[1:]:
                self.send(member, {"kind": "top", "length": len(self.log)})

    def to_head(self, m):
        if self.leads:
            self.ordered(self.me, m["kind"], m)
        else:
            self.send(self.head, m)

    def send(self, to, m):
        self.out.send(node_of(to), {"type": "seq", "from": self.me, "to": to, "m": m})


def node_of(member):
    """n1 of n1.2; a bare node name is its own."""
    return member.partition(".")[0]


def ok(reply_to, kind):
    client, msg_id = reply_to
    return client, {"type": kind + "_ok", "in_reply_to": msg_id}


class Node:
    """The contract: a line in, lines out, whatever the transport."""

    def __init__(self):
        self.name, self.protocol, self.transport = "", None, None

    def line(self, dest, body):
        envelope = {"src": self.name, "dest": dest, "body": body}
        sys.stdout.buffer.write(encode(envelope) + b"\n")
        sys.stdout.buffer.flush()  # what is sent after it must not leave before it

    def handle(self, raw):
        """Deals with one line; false if it was the last."""
        src, msg_id, goes_on, e = "harness", 0, True, {}
        try:
            e = json.loads(raw)
            src, body = e.get("src", src), e["body"]
            msg_id = body.get("msg_id", 0)
            goes_on = self.dispatch(src, body)
        except Refused as r:
            self.error(src, msg_id, r.code, str(r))
        except (ValueError, KeyError, TypeError, AttributeError) as err:
            self.error(src, msg_id, MALFORMED, f"{type(err).__name__}: {err}")
        if goes_on and ("now" in e or isinstance(self.transport, Stdio)):
            self.line("harness", {"type": "idle"})
        return goes_on

    def dispatch(self, src, body):
        kind, reply_to = body["type"], (src, body.get("msg_id", 0))
        if kind == "shutdown":
            self.line(*ok(reply_to, kind))
            return False
        if self.protocol is None:
            if kind == "init":
                self.init(body)
                self.line(*ok(reply_to, kind))
                return True
            known = kind in ("join", "leave", "multicast")
            raise Refused(UNAVAILABLE if known else NOT_SUPPORTED, f"{kind!r} before init")
        if kind == "seq" and isinstance(self.transport, Stdio):
            self.protocol.receive(body)
        elif kind == "timer" and isinstance(self.transport, Stdio):
            self.protocol.timer(body["id"])
        else:
            self.protocol.request(src, body)
        return True

    def init(self, body):
        world = {("tcp", "real"): Tcp, ("stdio", "virtual"): Stdio}.get((body["transport"], body["clock"]))
        if world is None:
            raise Refused(MALFORMED, "there are transport tcp with clock real and stdio with virtual")
        self.name = body["node_id"]
        self.transport = world(self, body)
        self.protocol = Sequencer(body, self)

    def error(self, dest, msg_id, code, text):
        self.line(dest, {"type": "error", "in_reply_to": msg_id, "code": code, "text": text})

    # The rest of what a Sequencer needs.

    def send(self, dest, body):
        self.transport.send(dest, body)

    def after(self, timer, micros):
        self.transport.after(timer, micros)


class Stdio:
    """Virtual time: the harness is the network and the clock."""

    def __init__(self, node, _):
        self.node = node

    def send(self, dest, body):
        self.node.line(dest, body)

    def after(self, timer, micros):
        self.node.line("clock", {"type": "set_timer", "id": timer, "after": micros})


class Tcp:
    """Real time: framed messages, one connection per direction, one thread."""

    def __init__(self, node, init):
        self.node, self.peers = node, init["peers"]
        host, _, port = init["listen"].rpartition(":")
        self.listener = socket.create_server((host, int(port)))
        self.out, self.buffers = {}, {}  # peer -> socket; inbound socket -> bytes
        self.timers = {}  # id -> due, on the monotonic clock
        self.wait = selectors.DefaultSelector()
        self.wait.register(self.listener, selectors.EVENT_READ, self.accept)

    def after(self, timer, micros):
        self.timers[timer] = time.monotonic() + micros / 1e6

    def send(self, dest, body):
        """Sends if it can; what is lost, the protocol repeats."""
        payload = encode({"src": self.node.name, "dest": dest, "body": body})
        try:
            if dest not in self.out:
                self.dial(dest)
            self.out[dest].sendall(struct.pack(">I", len(payload)) + payload)
        except OSError:
            self.hang_up(dest)

    def dial(self, dest):
        host, _, port = self.peers[dest].rpartition(":")
        conn = socket.create_connection((host, int(port)), timeout=1)
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.out[dest] = conn
        self.wait.register(conn, selectors.EVENT_READ, lambda _: self.hang_up(dest))

    def hang_up(self, dest):
        """The other side sends nothing here: readable means closed."""
        if conn := self.out.pop(dest, None):
            self.close(conn)

    def close(self, conn):
        self.wait.unregister(conn)
        self.buffers.pop(conn, None)
        conn.close()

    def accept(self, listener):
        conn, _ = listener.accept()
        self.buffers[conn] = b""
        self.wait.register(conn, selectors.EVENT_READ, self.read)

    def read(self, conn):
        try:
            data = conn.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            return self.close(conn)
        buf = self.buffers[conn] + data
        while len(buf) >= 4 and len(buf) >= 4 + (size := struct.unpack(">I", buf[:4])[0]):
            self.node.protocol.receive(json.loads(buf[4 : 4 + size])["body"])
            buf = buf[4 + size :]
        self.buffers[conn] = buf

    def run(self, stdin):
        """Until shutdown or the end of stdin."""
        self.wait.register(stdin.fd, selectors.EVENT_READ, None)
        while True:
            due = min(self.timers.values(), default=None)
            for key, _ in self.wait.select(None if due is None else max(0, due - time.monotonic())):
                if key.fd == stdin.fd:
                    if not stdin.pass_to(self.node):
                        return
                elif key.fileobj in self.buffers or key.fileobj is self.listener or key.fileobj in self.out.values():
                    key.data(key.fileobj)  # still open, though an earlier one may have closed it
            for timer in [t for t, at in self.timers.items() if at <= time.monotonic()]:
                del self.timers[timer]
                self.node.protocol.timer(timer)


class Lines:
    """Stdin by lines, without reading ahead of a select."""

    def __init__(self):
        self.fd, self.rest = sys.stdin.fileno(), b""

    def pass_to(self, node):
        """Waits for bytes and deals with the whole lines; false at the end."""
        data = os.read(self.fd, 1 << 16)
        *lines, self.rest = (self.rest + data).split(b"\n")
        return bool(data) and all(node.handle(line) for line in lines if line)


def encode(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def main():
    node, stdin = Node(), Lines()
    while stdin.pass_to(node):
        if isinstance(node.transport, Tcp):
            return node.transport.run(stdin)


if __name__ == "__main__":
    main()
