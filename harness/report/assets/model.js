// The model of a history: what scripts (see script.go) have told so far. Times
// are microseconds since the run began.

const ROW = { deliver: 0, view: 1, start: 2, stop: 3, invoke: 4, done: 5, send: 6, fault: 7, phase: 8, evict: 9, block: 10 };
const OUTCOMES = ["ok", "failed", "unknown"];

// below gives the first place in a sorted list that holds at least x.
function below(list, x) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < x) low = middle + 1; else high = middle;
  }
  return low;
}

class Model {
  constructor() {
    this.names = [""];
    this.line = 0;
    this.end = 0;          // of what was told
    this.events = 0;
    this.lanes = [];       // one for each member, by node and incarnation
    this.byMember = new Map();
    this.running = new Map(); // node → lane of its current member
    this.messages = new Map(); // name → {sent: {t, lane, line}|null, deliveries: [[lane, place]]}
    this.faults = [];
    this.phases = [];
    this.views = new Map();  // name → its number, in the order of first installs
    this.open = new Map();   // process → the operation it waits for
    this.ops = { t: [], took: [], outcome: [], f: [] }; // in the order of their ends
    this.counts = { asked: 0, ok: 0, failed: 0, unknown: 0, deliveries: 0 };
  }

  // take adds a script.
  take(script) {
    for (const name of script.names) this.names.push(name);
    const r = script.rows;
    for (let i = 0; i < r.length;) {
      this.line += r[i + 1];
      this.end += r[i + 2];
      this.events++;
      i = this.row(r[i], r, i + 3);
    }
  }

  // row takes one row's fields, which begin at i, and gives where the next begins.
  row(kind, r, i) {
    const n = this.names, t = this.end;
    switch (kind) {
      case ROW.deliver: this.deliver(n[r[i]], n[r[i + 1]], n[r[i + 2]], n[r[i + 3]], n[r[i + 4]]); return i + 5;
      case ROW.view: return this.view(r, i);
      case ROW.start: this.start(n[r[i]], n[r[i + 1]]); return i + 2;
      case ROW.stop: this.stop(n[r[i]], n[r[i + 1]], n[r[i + 2]]); return i + 3;
      case ROW.invoke: this.invoke(n[r[i]], n[r[i + 1]], n[r[i + 2]], n[r[i + 3]]); return i + 4;
      case ROW.done: this.done(n[r[i]], r[i + 1]); return i + 2;
      case ROW.send: this.message(n[r[i + 1]]).sent = { t, lane: this.lane(n[r[i]]), line: this.line }; return i + 3;
      case ROW.fault: return this.fault(r, i);
      case ROW.phase: this.phases.push({ t, name: n[r[i]] }); return i + 1;
      case ROW.evict: this.lane(n[r[i]]).notes.push({ t, line: this.line, sign: "evicted", text: "evicted: " + n[r[i + 1]] }); return i + 2;
      case ROW.block: this.lane(n[r[i]]).blocks.push({ t, on: r[i + 1] === 1 }); return i + 2;
    }
    throw new Error("the page does not know row " + kind);
  }

  // lane gives a member's lane; a member that is new gets one in its place.
  lane(member) {
    let lane = this.byMember.get(member);
    if (lane) return lane;
    const [node, incarnation] = member.split(".");
    lane = {
      member, node, incarnation: Number(incarnation) || 0, born: this.end, died: null, how: "",
      t: [], msg: [], sender: [], state: [], lines: [], views: [], notes: [], blocks: [],
    };
    this.byMember.set(member, lane);
    this.lanes.push(lane);
    this.lanes.sort((a, b) => a.node.localeCompare(b.node, "en", { numeric: true }) || a.incarnation - b.incarnation);
    this.lanes.forEach((l, place) => { l.place = place; });
    return lane;
  }

  message(name) {
    let m = this.messages.get(name);
    if (!m) this.messages.set(name, m = { sent: null, deliveries: [] });
    return m;
  }

  deliver(member, msg, sender, view, state) {
    const lane = this.lane(member);
    this.message(msg).deliveries.push([lane, lane.t.length]);
    lane.t.push(this.end);
    lane.msg.push(msg);
    lane.sender.push(sender);
    lane.state.push(state);
    lane.lines.push(this.line);
    lane.view = view;
    this.counts.deliveries++;
  }

  view(r, i) {
    const lane = this.lane(this.names[r[i]]), name = this.names[r[i + 1]], many = r[i + 3];
    if (!this.views.has(name)) this.views.set(name, this.views.size);
    const members = r.slice(i + 4, i + 4 + many).map((id) => this.names[id]);
    lane.views.push({ t: this.end, line: this.line, name, number: this.views.get(name), primary: r[i + 2] === 1, members });
    return i + 4 + many;
  }

  start(node, member) {
    const lane = this.lane(member);
    lane.born = this.end;
    lane.died = null;
    this.running.set(node, lane);
  }

  stop(node, member, how) {
    const lane = this.lane(member);
    lane.died = this.end;
    lane.how = how;
    lane.notes.push({ t: this.end, line: this.line, sign: how === "shutdown" ? "orderly" : "killed", text: "ends: " + how });
    if (this.running.get(node) === lane) this.running.delete(node);
  }

  invoke(process, node, f, msg) {
    this.counts.asked++;
    this.open.set(process, { t: this.end, f });
    if (msg === "") return;
    const m = this.message(msg), lane = this.running.get(node);
    if (!m.sent && lane) m.sent = { t: this.end, lane, line: this.line };
  }

  done(process, outcome) {
    const asked = this.open.get(process);
    if (!asked) return;
    this.open.delete(process);
    this.counts[OUTCOMES[outcome]]++;
    this.ops.t.push(this.end);
    this.ops.took.push(this.end - asked.t);
    this.ops.outcome.push(outcome);
    this.ops.f.push(asked.f);
  }

  fault(r, i) {
    const id = this.names[r[i]], name = this.names[r[i + 1]], phase = r[i + 2];
    let at = i + 4 + r[i + 3];
    const nodes = r.slice(i + 4, at).map((n) => this.names[n]);
    const pairs = [];
    for (let k = 0; k < r[at]; k++) pairs.push([this.names[r[at + 1 + 2 * k]], this.names[r[at + 2 + 2 * k]]]);
    at += 1 + 2 * pairs.length;
    const cuts = r[at++] === 1;
    if (phase === 0) this.faults.push({ id, name, from: this.end, to: null, nodes, pairs, cuts, line: this.line });
    if (phase === 1) for (const f of this.faults) if (f.id === id) f.to = this.end;
    return at;
  }

  // began is when the main phase began, before which the group forms: 0 if the history
  // does not say it.
  get began() { return this.phases.find((p) => p.name === "main")?.t ?? 0; }

  // until is where a fault's window ends: a fault that was never undone lasts to
  // the end, and one that is over when it has happened is a moment.
  until(fault) { return fault.to === null ? this.end : fault.to; }

  // inForce are the faults that were begun and not undone at a time.
  inForce(t) { return this.faults.filter((f) => f.from <= t && (f.to === null || f.to > t)); }

  // viewAt is the view that a member was in at a time.
  viewAt(lane, t) {
    if (lane.died !== null && lane.died <= t) return null;
    let found = null;
    for (const v of lane.views) if (v.t <= t) found = v;
    return found;
  }

  // stateAt is the state that a member told last up to a time.
  stateAt(lane, t) {
    if (t < lane.born || (lane.died !== null && lane.died <= t)) return "";
    for (let i = below(lane.t, t + 1) - 1; i >= 0; i--) if (lane.state[i]) return lane.state[i];
    return "";
  }

  // search gives the names of messages that a text finds, the nearest first.
  search(text, limit) {
    const wanted = text.toLowerCase(), found = [[], [], []];
    if (wanted === "") return [];
    for (const name of this.messages.keys()) {
      const at = name.toLowerCase().indexOf(wanted);
      if (at < 0) continue;
      const rank = at > 0 ? 2 : name.length > wanted.length ? 1 : 0;
      if (found[rank].length < limit) found[rank].push(name);
    }
    return found.flat().slice(0, limit);
  }
}
