// The run's numbers over time. All charts show the span of the diagram.

// Chart is a board with a scale from 0, or a logarithmic one, on its left.
class Chart extends Board {
  constructor(canvas, model, span, paint) {
    super(canvas, span, 64);
    this.model = model;
    this.paint = paint;
    this.top = 10;
    this.height = 210;
    this.bottom = this.height - 22;
    moves(this, { click: () => {}, scroll: () => {} });
  }
  draw(g) {
    this.axis(g, this.top, this.bottom);
    this.shade(g, this.model, this.top, this.bottom);
    this.forming(g);
    g.save();
    g.beginPath(); g.rect(this.left, 0, this.width - this.left, this.bottom + 1); g.clip();
    const scale = this.paint(this, g);
    g.restore();
    g.font = "11px " + this.ink.font;
    g.fillStyle = this.ink.muted;
    g.textAlign = "right";
    for (const [value, text] of scale.ticks) g.fillText(text, this.left - 8, scale.y(value));
    g.fillStyle = this.ink.line;
    for (const [value] of scale.ticks) g.fillRect(this.left, Math.round(scale.y(value)), this.width - this.left, 1);
  }
  // forming marks the time before the main phase: what is asked then, as fast as it is
  // answered, is to have views change with messages in flight, and is no load.
  forming(g) {
    const x1 = this.left, x2 = Math.min(this.x(this.model.began), this.width);
    if (x2 - x1 < 1) return;
    hatch(g, x1, this.top, x2 - x1, this.bottom - this.top, this.ink.muted);
    g.fillStyle = this.ink.muted;
    g.textAlign = "left";
    g.font = "11px " + this.ink.font;
    g.fillText(fit(g, "the group forms: no load", Math.max(x2 - x1 - 8, 150)), x1 + 4, this.top + 8);
  }
  // loaded reports whether a bucket tells of the run's load, which scales go by.
  loaded(start) { return start >= this.model.began || this.model.began >= this.span.to; }
  // buckets are the stretches of time that a point of a line stands for.
  buckets() {
    const raw = this.span.width / Math.max(20, (this.width - this.left) / 12), power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw), list = [];
    for (let t = Math.floor(this.span.from / step) * step; t < this.span.to; t += step) list.push(t);
    return { step, list };
  }
  line(g, points, y, colour, width = 1.6) {
    g.strokeStyle = colour;
    g.lineWidth = width;
    g.lineJoin = "round";
    g.beginPath();
    let down = false;
    for (const [t, value] of points) {
      if (value === null) { down = false; continue; }
      if (down) g.lineTo(this.x(t), y(value)); else g.moveTo(this.x(t), y(value));
      down = true;
      this.marks++;
    }
    g.stroke();
    g.lineWidth = 1;
  }
}

function linear(chart, most) {
  const top = Math.max(most, 1), ticks = steps(0, top, 4).map((v) => [v, v >= 10000 ? v / 1000 + "k" : String(Math.round(v * 100) / 100)]);
  return { y: (v) => chart.bottom - v / top * (chart.bottom - chart.top) * 0.94, ticks };
}

function logarithmic(chart, least, most) {
  const low = Math.floor(Math.log10(Math.max(least, 1))), high = Math.max(Math.ceil(Math.log10(Math.max(most, 2))), low + 1);
  const ticks = [];
  for (let p = low; p <= high; p++) ticks.push([10 ** p, p >= 6 ? 10 ** (p - 6) + " s" : p >= 3 ? 10 ** (p - 3) + " ms" : 10 ** p + " µs"]);
  return { y: (v) => chart.bottom - (Math.log10(Math.max(v, 1)) - low) / (high - low) * (chart.bottom - chart.top), ticks };
}

// paintLatency draws each operation that ended, once a pixel, and the quantiles of
// those that took effect.
function paintLatency(chart, g) {
  const { t, took, outcome } = chart.model.ops, from = below(t, chart.span.from), to = below(t, chart.span.to + 1);
  let least = Infinity, most = 0;
  for (let i = from; i < to; i++) { least = Math.min(least, took[i]); most = Math.max(most, took[i]); }
  const scale = logarithmic(chart, least === Infinity ? 100 : least, most || 1000), colours = [chart.ink.ok, chart.ink.bad, chart.ink.unsure];
  const columns = Math.ceil(chart.width), taken = [0, 1, 2].map(() => new Set());
  g.globalAlpha = 0.5;
  for (let i = from; i < to; i++) {
    const x = chart.x(t[i]), y = scale.y(took[i]), cell = Math.round(y) * columns + Math.round(x), o = outcome[i];
    if (taken[o].has(cell)) continue;
    taken[o].add(cell);
    g.fillStyle = colours[o];
    if (o === 0) g.fillRect(x - 1, y - 1, 2, 2); else g.fillRect(x - 2, y - 2, 4, 4);
    chart.marks++;
  }
  g.globalAlpha = 1;
  const { step, list } = chart.buckets(), points = { 0.5: [], 0.95: [], 0.99: [] };
  for (const start of list) {
    const all = [];
    for (let i = below(t, start); i < t.length && t[i] < start + step; i++) if (outcome[i] === 0) all.push(took[i]);
    all.sort((a, b) => a - b);
    for (const q of Object.keys(points)) points[q].push([start + step / 2, all.length ? all[Math.min(all.length - 1, Math.floor(q * all.length))] : null]);
  }
  chart.line(g, points["0.99"], scale.y, lineOf(1, chart.ink.dark));
  chart.line(g, points["0.95"], scale.y, lineOf(3, chart.ink.dark));
  chart.line(g, points["0.5"], scale.y, lineOf(0, chart.ink.dark), 2.2);
  return scale;
}

// paintRate draws how many operations a second ended, by outcome.
function paintRate(chart, g) {
  const { t, outcome } = chart.model.ops, { step, list } = chart.buckets(), rows = [[], [], []];
  let most = 0;
  for (const start of list) {
    const n = [0, 0, 0];
    for (let i = below(t, start); i < t.length && t[i] < start + step; i++) n[outcome[i]]++;
    n.forEach((k, o) => { const rate = k / step * 1e6; rows[o].push([start + step / 2, rate]); if (chart.loaded(start)) most = Math.max(most, rate); });
  }
  const scale = linear(chart, most), colours = [chart.ink.ok, chart.ink.bad, chart.ink.unsure];
  rows.forEach((row, o) => { if (row.some(([, v]) => v > 0)) chart.line(g, row, scale.y, colours[o], o === 0 ? 2.2 : 1.6); });
  return scale;
}

// paintDeliveries draws deliveries a second, a line for each node.
function paintDeliveries(chart, g) {
  const { step, list } = chart.buckets(), nodes = [...new Set(chart.model.lanes.map((l) => l.node))];
  let most = 0;
  const rows = nodes.map((node) => {
    const lanes = chart.model.lanes.filter((l) => l.node === node);
    return list.map((start) => {
      let n = 0;
      for (const l of lanes) n += below(l.t, start + step) - below(l.t, start);
      if (chart.loaded(start)) most = Math.max(most, n / step * 1e6);
      return [start + step / 2, n / step * 1e6];
    });
  });
  const scale = linear(chart, most);
  rows.forEach((row, i) => chart.line(g, row, scale.y, lineOf(i, chart.ink.dark)));
  return scale;
}
