// The report's page: it reads the history that it carries, and joins its parts.

const $ = (id) => document.getElementById(id);
const model = new Model();
model.take(JSON.parse($("history").textContent));
const span = new Span(0, model.end * 1.01);

function text(tag, content, kind = "") {
  const e = document.createElement(tag);
  e.textContent = content;
  if (kind) e.className = kind;
  return e;
}

// tell says in words what is known of the message that is chosen.
function tell(name) {
  const m = model.messages.get(name);
  if (!m) return $("chosen").replaceChildren(text("p", "Click a delivery to see its message.", "quiet"));
  const from = origin(model, name), head = text("p", "");
  head.append(text("b", name), from ? ` asked for at ${from.lane.member}, ${seconds(from.t, 100)}, line ${from.line}` : " whose sender is not known");
  const list = document.createElement("ul");
  for (const [lane, i] of m.deliveries) {
    const view = model.viewAt(lane, lane.t[i]), late = from ? ` +${((lane.t[i] - from.t) / 1000).toFixed(2)} ms` : "";
    list.append(text("li", `${lane.member}${late}${view ? ", view " + view.name : ""}, line ${lane.lines[i]}${lane.state[i] ? ", " + lane.state[i] : ""}`));
  }
  const got = new Set(m.deliveries.map(([lane]) => lane)), at = m.deliveries[0]?.[0].t[m.deliveries[0][1]] ?? from?.t ?? 0;
  const missed = model.lanes.filter((l) => !got.has(l) && diagram.lived(l, at, at) && model.viewAt(l, at)).map((l) => l.member);
  if (missed.length > 0) list.append(text("li", "not delivered by " + missed.join(", ") + ", in a view then", "missing"));
  $("chosen").replaceChildren(head, list);
}

const diagram = new Diagram($("space-time"), model, span, tell);
new Chart($("latency"), model, span, paintLatency);
new Chart($("rate"), model, span, paintRate);
new Chart($("deliveries"), model, span, paintDeliveries);
if ($("strips")) {
  const at = (t) => {
    showTiles($("tiles"), model, t);
    $("moment").textContent = "The tiles are those of " + seconds(t, 1e6) + "; move over the stripes to choose another time.";
  };
  new Strips($("strips"), model, span, at);
  const last = model.phases.find((p) => p.name === "end");
  at(last ? last.t : model.end);
}

// The legend of the nodes has the colours of their lines.
[...new Set(model.lanes.map((l) => l.node))].forEach((node, i) => {
  const item = text("span", ""), key = text("i", "", "key series");
  key.style.background = lineOf(i, matchMedia("(prefers-color-scheme: dark)").matches);
  item.append(key, node);
  $("nodes").append(item);
});

$("closer").onclick = () => span.zoom(0.5);
$("wider").onclick = () => span.zoom(2);
$("whole").onclick = () => span.reset();

function search(go) {
  const wanted = $("wanted").value.trim(), hits = model.search(wanted, 24);
  $("found").textContent = wanted === "" ? "" : hits.length === 0 ? "no message has that in its name" : hits.length === 24 ? "the first 24" : hits.length + " found";
  $("hits").replaceChildren(...hits.map((name) => {
    const b = text("button", name);
    b.type = "button";
    b.onclick = () => diagram.go(name);
    return b;
  }));
  if (go && hits.length > 0) diagram.go(hits[0]);
}
$("wanted").oninput = () => search(false);
$("search").onsubmit = (e) => { e.preventDefault(); search(true); };

for (const b of document.querySelectorAll(".jump")) {
  b.onclick = () => {
    $("diagram").scrollIntoView();
    diagram.witness(b.dataset.lines.split(",").map(Number), Number(b.dataset.from), Number(b.dataset.to), b.dataset.message);
    $("space-time").focus({ preventScroll: true });
  };
}

// A link to what is folded away unfolds it.
const unfold = () => {
  const d = document.getElementById(location.hash.slice(1));
  if (d instanceof HTMLDetailsElement) d.open = true;
};
addEventListener("hashchange", unfold);
unfold();

// Paper shows what is folded away on the screen.
addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });

if ($("copy")) {
  $("copy").onclick = async () => {
    try {
      await navigator.clipboard.writeText($("command").textContent);
      $("copy").textContent = "Copied";
    } catch {
      getSelection().selectAllChildren($("command")); // a page from disk may have no clipboard
    }
  };
}
