// How the space-time diagram draws what it shows. Each function takes the diagram
// and draws only what is in view; where more is in view than there are pixels, it
// draws how much there is instead of each.

// A frame draws each delivery up to so many of a lane's pixels, and arrows up to
// so many in all.
const PIXELS_EACH = 4, MOST_ARROWS = 1500;

// drawViews draws a member's views as bands, its life as a line.
function drawViews(d, g, lane) {
  const y = d.y(lane), half = d.laneHeight * 0.34, { span, model, ink } = d;
  const alive = Math.max(d.x(lane.born), d.left), gone = Math.min(d.x(lane.died ?? model.end), d.width);
  if (gone > alive) {
    g.fillStyle = ink.line;
    g.fillRect(alive, y - 0.5, gone - alive, 1);
  }
  let drawnTo = -1;
  const from = Math.max(0, below(lane.views.map((v) => v.t), span.from) - 1);
  for (let i = from; i < lane.views.length && lane.views[i].t <= span.to; i++) {
    const v = lane.views[i], next = lane.views[i + 1];
    const x1 = Math.max(d.x(v.t), d.left), x2 = Math.min(d.x(next ? next.t : lane.died ?? model.end), d.width);
    if (x2 <= Math.max(d.left, drawnTo)) continue; // under a pixel that is drawn already
    g.fillStyle = tint(v.number, ink.dark);
    g.fillRect(x1, y - half, Math.max(x2 - x1, 1), 2 * half);
    if (!v.primary) hatch(g, x1, y - half, x2 - x1, 2 * half, ink.muted);
    if (x2 - x1 > 44 && d.laneHeight > 22) {
      g.fillStyle = ink.muted;
      g.textAlign = "left";
      g.font = "10px " + ink.font;
      g.fillText("view " + cut(v.name, 8), x1 + 4, y - half + 7, x2 - x1 - 6);
    }
    drawnTo = x2;
    d.marks++;
  }
}

// ends are the signs of how a process or a membership ends, told apart by their shape.
const ends = {
  killed(g, x, y, ink) {
    g.strokeStyle = ink.bad;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(x - 4, y - 4); g.lineTo(x + 4, y + 4); g.moveTo(x + 4, y - 4); g.lineTo(x - 4, y + 4);
    g.stroke();
  },
  orderly(g, x, y, ink) {
    g.fillStyle = ink.muted;
    g.fillRect(x - 1.5, y - 7, 3, 14);
  },
  evicted(g, x, y, ink) {
    g.strokeStyle = ink.fault;
    g.fillStyle = ink.paper;
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(x, y - 6); g.lineTo(x + 6, y); g.lineTo(x, y + 6); g.lineTo(x - 6, y); g.closePath();
    g.fill(); g.stroke();
  },
};

// drawEnds draws where a member begins and ends, and what else it was told to be.
function drawEnds(d, g, lane) {
  const y = d.y(lane), { ink } = d;
  for (const n of lane.notes) {
    const x = d.x(n.t);
    if (x < d.left || x > d.width) continue;
    ends[n.sign](g, x, y, ink);
    g.lineWidth = 1;
    d.marks++;
  }
  lane.blocks.forEach((b, i) => {
    const next = lane.blocks[i + 1], x1 = Math.max(d.x(b.t), d.left), x2 = Math.min(d.x(next ? next.t : lane.died ?? d.model.end), d.width);
    if (b.on && x2 > x1) hatch(g, x1, y + d.laneHeight * 0.26, x2 - x1, 4, ink.muted);
  });
}

function hatch(g, x, y, w, h, colour) {
  g.save();
  g.beginPath(); g.rect(x, y, w, h); g.clip();
  g.strokeStyle = colour;
  g.globalAlpha = 0.5;
  g.beginPath();
  for (let i = 0; i < Math.min(w + h, 4000); i += 6) { g.moveTo(x + i, y); g.lineTo(x + i - h, y + h); }
  g.stroke();
  g.restore();
}

// inView gives the first and one past the last of a member's deliveries in view.
function inView(d, lane) { return [below(lane.t, d.span.from), below(lane.t, d.span.to + 1)]; }

// drawDots draws each delivery in view.
function drawDots(d, g, lane, [from, to], radius) {
  g.fillStyle = d.ink.text;
  for (let i = from; i < to; i++) {
    g.beginPath(); g.arc(d.x(lane.t[i]), d.y(lane), radius, 0, 7); g.fill();
    d.marks++;
  }
}

// drawColumns draws how many deliveries there are, a column for two pixels. All
// members and all frames have one scale, so that they can be compared.
function drawColumns(d, g, lane, [from, to]) {
  const y = d.y(lane), tall = d.laneHeight * 0.6;
  g.fillStyle = d.ink.text;
  g.globalAlpha = 0.75;
  for (let x = d.left, i = from; x < d.width && i < to; x += 2) {
    const next = Math.min(below(lane.t, d.time(x + 2)), to);
    if (next <= i) continue;
    const h = tall * Math.min(1, Math.max(0.12, Math.log2(1 + next - i) / 8));
    g.fillRect(x, y + tall / 2 - h, 1.6, h);
    d.marks++;
    i = next;
  }
  g.globalAlpha = 1;
}

// drawDeliveries draws dots, with their arrows if they are few enough, or columns
// where there is more than dots can show.
function drawDeliveries(d, g) {
  const seen = d.shown.map((lane) => [lane, inView(d, lane)]), room = d.width - d.left;
  const most = Math.max(0, ...seen.map(([, [from, to]]) => to - from));
  d.canvas.dataset.arrows = 0;
  if (most * PIXELS_EACH > room) {
    for (const [lane, places] of seen) drawColumns(d, g, lane, places);
    return;
  }
  drawArrows(d, g, seen);
  for (const [lane, places] of seen) drawDots(d, g, lane, places, most * 14 < room ? 3.2 : 2);
}

// origin is where a message comes from: where it was asked for or sent, else the
// first delivery of its sender.
function origin(model, name) {
  const m = model.messages.get(name);
  if (!m) return null;
  if (m.sent) return m.sent;
  const own = m.deliveries.find(([lane, i]) => lane.sender[i] === lane.member);
  return own ? { t: own[0].t[own[1]], lane: own[0], line: own[0].lines[own[1]] } : null;
}

// drawArrows draws an arrow from sender to deliverer for each delivery that was
// drawn as a dot, if they are few enough to be told apart.
function drawArrows(d, g, dots) {
  let total = 0;
  for (const [, [from, to]] of dots) total += to - from;
  if (total === 0 || total > MOST_ARROWS) return;
  g.strokeStyle = g.fillStyle = d.ink.accent;
  g.globalAlpha = total < 300 ? 0.55 : 0.25;
  let drawn = 0;
  for (const [lane, [from, to]] of dots) {
    for (let i = from; i < to; i++) drawn += arrow(d, g, lane.msg[i], lane, lane.t[i], total < 300);
  }
  g.globalAlpha = 1;
  d.marks += drawn;
  d.canvas.dataset.arrows = drawn;
}

function arrow(d, g, msg, lane, t, head) {
  const from = origin(d.model, msg);
  if (!from || from.lane === lane) return 0;
  const x1 = d.x(from.t), y1 = d.y(from.lane), x2 = d.x(t), y2 = d.y(lane);
  g.beginPath(); g.moveTo(x1, y1); g.lineTo(x2, y2); g.stroke();
  if (head) {
    const turn = Math.atan2(y2 - y1, x2 - x1), tip = 4;
    g.beginPath();
    g.moveTo(x2 - tip * Math.cos(turn), y2 - tip * Math.sin(turn));
    g.lineTo(x2 - (tip + 7) * Math.cos(turn - 0.35), y2 - (tip + 7) * Math.sin(turn - 0.35));
    g.lineTo(x2 - (tip + 7) * Math.cos(turn + 0.35), y2 - (tip + 7) * Math.sin(turn + 0.35));
    g.fill();
  }
  return 1;
}

// drawFaults draws the windows of faults: their names above, a shade over the
// lanes that they met, and their cuts between the lanes.
function drawFaults(d, g) {
  for (const f of d.model.faults) {
    const x1 = Math.max(d.x(f.from), d.left), x2 = Math.min(Math.max(d.x(d.model.until(f)), d.x(f.from) + 2), d.width);
    if (x2 <= d.left || d.x(f.from) > d.width) continue;
    shadeLanes(d, g, f, x1, x2);
    const y = 4 + f.row * 18;
    g.fillStyle = d.ink.fault;
    g.globalAlpha = 0.22;
    g.fillRect(x1, y, x2 - x1, 15);
    g.globalAlpha = 1;
    g.fillRect(x1, y, 2, 15);
    g.textAlign = "left";
    g.font = "11px " + d.ink.font;
    g.fillStyle = d.ink.text;
    const end = Math.min(f.free === null ? d.width : d.x(f.free) - 4, d.width), text = f.name + " " + f.id;
    if (end - x1 > 30) g.fillText(fit(g, text, end - x1 - 6), x1 + 5, y + 8);
    d.marks++;
  }
}

// fit cuts a text to a width.
function fit(g, text, room) {
  if (g.measureText(text).width <= room) return text;
  let n = text.length;
  while (n > 1 && g.measureText(text.slice(0, n) + "…").width > room) n--;
  return n > 1 ? text.slice(0, n) + "…" : "";
}

function cut(text, most) { return text.length > most ? text.slice(0, most - 1) + "…" : text; }

function shadeLanes(d, g, f, x1, x2) {
  g.fillStyle = d.ink.fault;
  if (f.pairs.length > 0) {
    g.globalAlpha = 0.05;
    g.fillRect(x1, d.top, x2 - x1, d.bottom - d.top);
    g.globalAlpha = 1;
    return;
  }
  for (const lane of d.shown) {
    if (!f.nodes.includes(lane.node) || !d.lived(lane, f.from, d.model.until(f))) continue;
    g.globalAlpha = 0.2;
    g.fillRect(x1, d.y(lane) - d.laneHeight / 2 + 2, x2 - x1, d.laneHeight - 4);
    g.globalAlpha = 1;
    d.marks++;
  }
}

// drawCuts draws a cut as lines between the lanes of the two that lost each
// other, beside one another where the fault begins; one-way ones with an arrow.
function drawCuts(d, g) {
  for (const f of d.model.faults) {
    const x1 = d.x(f.from), x2 = d.x(d.model.until(f));
    if (!f.cuts || f.pairs.length === 0 || x2 < d.left || x1 > d.width || x2 - x1 < 20) continue;
    const pairs = f.drawn ??= once(f.pairs), step = Math.min(6, (x2 - x1 - 6) / pairs.length);
    if (step < 1.5) continue;
    pairs.forEach(([a, b, oneWay], i) => {
      const x = Math.round(x1 + 5 + i * step) + 0.5, from = d.laneOf(a, f.from), to = d.laneOf(b, f.from);
      if (!from || !to || x < d.left || x > d.width) return;
      cutLine(g, x, d.y(from), d.y(to), oneWay, d.ink.cut);
      d.marks++;
    });
  }
}

function cutLine(g, x, y1, y2, oneWay, colour) {
  g.strokeStyle = g.fillStyle = colour;
  g.globalAlpha = 0.65;
  g.setLineDash([3, 3]);
  g.beginPath(); g.moveTo(x, y1); g.lineTo(x, y2); g.stroke();
  g.setLineDash([]);
  const s = Math.sign(y2 - y1) || 1;
  g.beginPath();
  if (oneWay) { g.moveTo(x, y2); g.lineTo(x - 3, y2 - 6 * s); g.lineTo(x + 3, y2 - 6 * s); } else g.rect(x - 2, y2 - 1.5, 4, 3);
  g.rect(x - 2, y1 - 1.5, 4, 3);
  g.fill();
  g.globalAlpha = 1;
}

// once gives each pair of nodes once, and whether only one of its two links is cut.
function once(pairs) {
  const key = ([a, b]) => a + "\n" + b, all = new Set(pairs.map(key));
  return pairs.filter(([a, b]) => a < b || !all.has(key([b, a]))).map(([a, b]) => [a, b, !all.has(key([b, a]))]);
}
