// The live page: a run's history comes in pieces, and all is drawn anew.

const $ = (id) => document.getElementById(id);
const model = new Model(), span = new Span(0, 1e6);
const diagram = new Diagram($("space-time"), model, span, () => {});
new Chart($("rate"), model, span, paintRate);
const WINDOW = 8e6; // µs that are shown while the page follows

// members fills the tiles: of each node its member now, its state, its view, and
// how much it has delivered.
function members() {
  $("tiles").replaceChildren(...[...new Set(model.lanes.map((l) => l.node))].map((node) => {
    const lane = model.running.get(node) || model.lanes.findLast((l) => l.node === node);
    const item = document.createElement("li"), tile = document.createElement("span"), name = document.createElement("b"), text = document.createElement("small");
    const view = lane.views.at(-1), state = lane.state.at(-1) || "", down = lane.died !== null;
    tile.className = "tile" + (down ? " down" : "");
    if (!down && view) tile.style.background = COLOUR.test(state) ? state : tint(view.number, ink().dark);
    tile.textContent = down ? "down" : COLOUR.test(state) ? "" : view ? "view " + cut(view.name, 8) : "no view";
    const hit = model.inForce(model.end).filter((f) => f.nodes.includes(node) || f.pairs.some((p) => p.includes(node)));
    item.className = hit.length > 0 ? "apart" : "";
    name.textContent = lane.member;
    text.textContent = lane.t.length + (hit.length > 0 ? " · " + hit.map((f) => f.name).join(", ") : "");
    item.append(tile, name, text);
    return item;
  }));
}

function counts() {
  const last = model.phases.at(-1);
  $("phase").textContent = last ? last.name : "–";
  $("time").textContent = (model.end / 1e6).toFixed(1) + " s";
  for (const id of ["asked", "ok", "failed", "unknown"]) $(id).textContent = model.counts[id];
  $("count").textContent = model.counts.deliveries;
  $("inforce").textContent = model.inForce(model.end).map((f) => f.name).join(", ") || "none";
}

// follow shows the last seconds, or lets the reader look where she is.
function follow() {
  const { from, to } = span;
  span.bounds(0, Math.max(model.end * 1.005, 1e6));
  if ($("follow").checked) span.set(Math.max(0, model.end - WINDOW), Math.max(model.end * 1.005, WINDOW / 4));
  else span.set(from, to);
}

const source = new EventSource("events");
source.onmessage = (e) => {
  const script = JSON.parse(e.data);
  $("verdict").textContent = "running";
  if (script.rows.length === 0) return;
  model.take(script);
  diagram.lay();
  members();
  counts();
  follow();
};
source.addEventListener("end", (e) => {
  source.close();
  const verdict = JSON.parse(e.data).verdict;
  $("verdict").textContent = verdict;
  $("verdict").className = "verdict " + verdict;
  const link = document.createElement("a");
  link.href = "report.html";
  link.textContent = "the report";
  $("after").replaceChildren("The run has ended: ", link);
});
// The history comes from its beginning: a second try would tell it twice.
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED || $("verdict").textContent === "connecting") return;
  source.close();
  $("verdict").textContent = "cut off";
};

$("closer").onclick = () => { $("follow").checked = false; span.zoom(0.5); };
$("wider").onclick = () => { $("follow").checked = false; span.zoom(2); };
$("whole").onclick = () => { $("follow").checked = false; span.reset(); };
$("follow").onchange = follow;
$("space-time").addEventListener("pointerdown", () => { $("follow").checked = false; });
