// The smallest node in JavaScript: n1 gives everything its place in one order. It bears
// no fault. It needs Node.js alone: node docs/nodes/node.js
const net = require("net"), readline = require("readline");

const out = {}, members = [], pending = {};
let init, me, view;

function say(dest, body) {
  process.stdout.write(JSON.stringify({ src: init.node_id, dest, body }) + "\n");
}

function answer([src, id], body) {
  say(src, { ...body, in_reply_to: id });
}

function send(to, m) {
  if (to === init.node_id) return receive(m);
  if (!out[to]) {
    const [host, port] = init.peers[to].split(":");
    out[to] = net.connect(port, host).on("error", () => delete out[to]);
  }
  const data = Buffer.from(JSON.stringify(m)), size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  out[to].write(Buffer.concat([size, data]));
}

function request(src, body) {
  const asked = [src, body.msg_id];
  if (body.type === "join") {
    pending.join = asked;
    send(init.node_ids[0], { type: "join", member: me });
  } else if (body.type === "multicast" && view) {
    pending[body.msg] = asked;
    send(init.node_ids[0], { type: "order", msg: body.msg, sender: me });
  } else if (body.type === "multicast") {
    answer(asked, { type: "error", code: 11, text: "in no view" });
  } else if (body.type === "init" || body.type === "shutdown") {
    answer(asked, { type: body.type + "_ok" });
    if (body.type === "shutdown") process.exit(0);
  } else {
    answer(asked, { type: "error", code: 10, text: "unknown" });
  }
}

function receive(m) {
  if (m.type === "join") { // n1 alone gets join and order, and tells all members
    members.push(m.member);
    m = { type: "view", view: String(members.length), members: [...members] };
  } else if (m.type === "order") {
    m = { ...m, type: "deliver", view };
  } else { // view and deliver come from n1, at all in the same order
    say("harness", m);
    view = m.view;
    const key = m.type === "view" ? "join" : m.msg;
    if (pending[key]) answer(pending[key], { type: m.type === "view" ? "join_ok" : "multicast_ok" });
    delete pending[key];
    return;
  }
  for (const member of members) send(member.split(".")[0], m);
}

function accept(conn) {
  let buffer = Buffer.alloc(0);
  conn.on("error", () => {}).on("data", (data) => {
    buffer = Buffer.concat([buffer, data]);
    while (buffer.length >= 4 && buffer.length >= 4 + buffer.readUInt32BE(0)) {
      const end = 4 + buffer.readUInt32BE(0);
      receive(JSON.parse(buffer.subarray(4, end)));
      buffer = buffer.subarray(end);
    }
  });
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { src, body } = JSON.parse(line);
  if (init) return request(src, body);
  init = body;
  me = `${body.node_id}.${body.incarnation}`;
  const [host, port] = body.listen.split(":");
  net.createServer(accept).listen(port, host, () => request(src, body));
}).on("close", () => process.exit(0));
