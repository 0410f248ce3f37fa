// The picture of the original Groupy: every worker a tile in its colour.

const COLOUR = /^#[0-9a-f]{6}$/;

// Strips shows the colour of every member over time, below one another.
class Strips extends Board {
  constructor(canvas, model, span, at) {
    super(canvas, span, 64);
    this.model = model;
    this.lay();
    moves(this, { click: (x) => at(this.time(x)), scroll: () => {} });
    canvas.addEventListener("pointermove", (e) => {
      if (e.buttons === 0) at(this.time(e.clientX - canvas.getBoundingClientRect().left));
    });
  }
  lay() {
    this.row = Math.min(26, Math.max(10, Math.floor(420 / Math.max(1, this.model.lanes.length))));
    this.height = this.row * this.model.lanes.length + 24;
  }
  draw(g) {
    const bottom = this.height - 22;
    this.axis(g, 0, bottom);
    for (const lane of this.model.lanes) this.strip(g, lane, lane.place * this.row);
    g.textAlign = "left";
    g.font = "600 12px " + this.ink.font;
    g.fillStyle = this.ink.text;
    for (const lane of this.model.lanes) g.fillText(lane.member, 0, (lane.place + 0.5) * this.row);
  }
  // strip draws one member: its colours one after the other, or where they change
  // faster than pixels, the last of each pixel.
  strip(g, lane, y) {
    const end = Math.min(this.x(lane.died ?? this.model.end), this.width), from = below(lane.t, this.span.from), to = below(lane.t, this.span.to + 1);
    const fill = (x1, x2, state) => {
      if (!COLOUR.test(state) || x2 <= x1) return;
      g.fillStyle = state;
      g.fillRect(x1, y + 1, x2 - x1, this.row - 2);
      this.marks++;
    };
    if (to - from > this.width) {
      for (let x = this.left; x < end; x++) fill(x, x + 1, this.model.stateAt(lane, this.time(x)));
      return;
    }
    let x = this.left, state = this.model.stateAt(lane, this.span.from);
    for (let i = from; i < to; i++) {
      if (!lane.state[i]) continue;
      fill(x, this.x(lane.t[i]), state);
      x = this.x(lane.t[i]);
      state = lane.state[i];
    }
    fill(Math.max(x, this.left), end, state);
  }
}

// showTiles fills a list with a tile for each member that runs at a time; a tile
// that differs from most says so, and all do where no two agree.
function showTiles(list, model, t) {
  const shown = model.lanes.map((lane) => [lane, model.stateAt(lane, t)]).filter(([, state]) => state !== "");
  const counts = new Map();
  for (const [, state] of shown) counts.set(state, (counts.get(state) || 0) + 1);
  const [usual, many] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  list.replaceChildren(...shown.map(([lane, state]) => {
    const item = document.createElement("li"), tile = document.createElement("span"), name = document.createElement("b"), text = document.createElement("code");
    tile.className = "tile";
    if (COLOUR.test(state)) tile.style.background = state;
    name.textContent = lane.member;
    text.textContent = state;
    item.append(tile, name, text);
    if (state !== usual || (many === 1 && shown.length > 1)) item.className = "apart";
    return item;
  }));
}
