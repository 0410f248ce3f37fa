// The space-time diagram: time goes to the right, a lane for each member.

class Diagram extends Board {
  constructor(canvas, model, span, chosen) {
    super(canvas, span, 64);
    this.model = model;
    this.chosen = chosen;  // called with what was clicked or searched for
    this.offset = 0;       // of the lanes, where there are more than fit
    this.most = 560;       // height of all lanes
    this.message = "";
    this.marked = [];      // places of a witness: {t, lane}
    this.lay();
    moves(this, {
      click: (x, y) => this.click(x, y),
      scroll: (by) => { this.scrollTo(this.offset + by); },
    });
    canvas.addEventListener("keydown", (e) => {
      if (e.key === "n") this.step(1);
      if (e.key === "p") this.step(-1);
      if (e.key === "Escape") this.choose("");
    });
  }

  // lay gives faults their rows, and lanes their height.
  lay() {
    const ends = [];
    for (const f of this.model.faults) {
      let row = ends.findIndex((end) => end <= f.from);
      if (row < 0) row = ends.length < 5 ? ends.length : 4;
      ends[row] = this.model.until(f);
      f.row = row;
    }
    // A name may run on until the next one in its row.
    this.model.faults.forEach((f, i) => {
      const next = this.model.faults.slice(i + 1).find((o) => o.row === f.row);
      f.free = next ? next.from : null;
    });
    this.top = ends.length > 0 ? 10 + 18 * Math.min(ends.length, 5) : 8;
    const lanes = Math.max(this.model.lanes.length, 1);
    this.laneHeight = Math.min(56, Math.max(26, Math.floor(this.most / lanes)));
    this.bottom = this.top + Math.min(this.laneHeight * lanes, this.most);
    this.height = this.bottom + 22;
    this.scrollTo(this.offset);
  }

  scrollTo(offset) {
    const all = this.laneHeight * this.model.lanes.length;
    this.offset = Math.min(Math.max(offset, 0), Math.max(0, all - (this.bottom - this.top)));
    this.ask();
  }

  y(lane) { return this.top + (lane.place + 0.5) * this.laneHeight - this.offset; }
  lived(lane, from, to) { return lane.born <= to && (lane.died === null || lane.died >= from); }
  // laneOf is the lane of the member that a node was at a time.
  laneOf(node, t) {
    const of = this.model.lanes.filter((l) => l.node === node);
    return of.findLast((l) => l.born <= t) || of[0];
  }

  draw(g) {
    const high = this.laneHeight;
    this.shown = this.model.lanes.filter((l) => this.y(l) > this.top - high && this.y(l) < this.bottom + high);
    this.axis(g, this.top, this.bottom);
    g.save();
    g.beginPath(); g.rect(this.left, 0, this.width - this.left, this.bottom); g.clip();
    g.save();
    g.beginPath(); g.rect(this.left, this.top, this.width - this.left, this.bottom - this.top); g.clip();
    for (const lane of this.shown) drawViews(this, g, lane);
    g.restore();
    drawFaults(this, g);
    g.beginPath(); g.rect(this.left, this.top, this.width - this.left, this.bottom - this.top); g.clip();
    drawCuts(this, g);
    drawDeliveries(this, g);
    for (const lane of this.shown) drawEnds(this, g, lane);
    this.drawChosen(g);
    g.restore();
    this.labels(g);
  }

  labels(g) {
    g.textAlign = "left";
    g.save();
    g.beginPath(); g.rect(0, this.top, this.left, this.bottom - this.top); g.clip();
    for (const lane of this.shown) {
      g.font = "600 12px " + this.ink.font;
      g.fillStyle = this.ink.text;
      g.fillText(fit(g, lane.member, this.left - 8), 0, this.y(lane));
    }
    g.restore();
    if (this.model.faults.length > 0) {
      g.font = "11px " + this.ink.font;
      g.fillStyle = this.ink.muted;
      g.fillText("faults", 0, 12);
    }
  }

  // drawChosen draws the chosen message over all else, and rings around the events
  // of a witness.
  drawChosen(g) {
    g.strokeStyle = g.fillStyle = this.ink.accent;
    const m = this.model.messages.get(this.message);
    if (m) {
      g.lineWidth = 2;
      for (const [lane, i] of m.deliveries) {
        arrow(this, g, this.message, lane, lane.t[i], true);
        g.beginPath(); g.arc(this.x(lane.t[i]), this.y(lane), 5.5, 0, 7); g.fill();
        this.marks++;
      }
      const from = origin(this.model, this.message);
      if (from) {
        const x = this.x(from.t), y = this.y(from.lane);
        g.fillRect(x - 5, y - 5, 10, 10);
        g.font = "600 12px " + this.ink.font;
        g.textAlign = "left";
        g.fillText(cut(this.message, 30), x + 8, y - 12);
      }
    }
    g.strokeStyle = this.ink.bad;
    g.lineWidth = 2.5;
    for (const p of this.marked) {
      g.beginPath(); g.arc(this.x(p.t), this.y(p.lane), 9, 0, 7); g.stroke();
      this.marks++;
    }
    g.lineWidth = 1;
  }

  // choose shows a message; "" shows none.
  choose(message) {
    this.message = message;
    if (message === "") this.marked = [];
    this.chosen(message);
    this.ask();
  }

  // go brings a message into view and chooses it.
  go(message) {
    const m = this.model.messages.get(message);
    if (!m) return false;
    const times = m.deliveries.map(([lane, i]) => lane.t[i]), from = origin(this.model, message);
    if (from) times.push(from.t);
    this.span.around(Math.min(...times), Math.max(...times));
    const lane = from ? from.lane : m.deliveries[0]?.[0];
    if (lane) this.reveal(lane);
    this.choose(message);
    return true;
  }

  reveal(lane) {
    const y = this.y(lane);
    if (y < this.top || y > this.bottom) this.scrollTo(this.offset + y - (this.top + this.bottom) / 2);
  }

  // witness shows the events on some lines of the history.
  witness(lines, from, to, message) {
    this.marked = lines.map((line) => this.find(line)).filter(Boolean);
    this.span.around(from, to);
    if (this.marked.length > 0) this.reveal(this.marked[0].lane);
    this.message = message;
    this.chosen(message);
    this.ask();
  }

  // find is the place of the event on a line of the history.
  find(line) {
    for (const lane of this.model.lanes) {
      const i = below(lane.lines, line);
      if (lane.lines[i] === line) return { t: lane.t[i], lane };
      const other = lane.views.find((v) => v.line === line) || lane.notes.find((n) => n.line === line);
      if (other) return { t: other.t, lane };
    }
    for (const m of this.model.messages.values()) if (m.sent && m.sent.line === line) return m.sent;
    return null;
  }

  // click chooses the delivery nearest to a place, within a finger's breadth.
  click(x, y) {
    const lane = this.shown.find((l) => Math.abs(this.y(l) - y) <= this.laneHeight / 2);
    if (!lane || y > this.bottom) return this.choose("");
    const i = below(lane.t, this.time(x));
    const near = [i - 1, i].filter((k) => k >= 0 && k < lane.t.length)
      .sort((a, b) => Math.abs(this.x(lane.t[a]) - x) - Math.abs(this.x(lane.t[b]) - x))[0];
    if (near === undefined || Math.abs(this.x(lane.t[near]) - x) > 16) return this.choose("");
    this.at = { lane, i: near };
    this.choose(lane.msg[near]);
  }

  // step goes to the next or the last delivery at the member chosen.
  step(by) {
    if (!this.at || this.at.lane.msg[this.at.i] !== this.message) {
      const d = this.model.messages.get(this.message)?.deliveries[0];
      const lane = d ? d[0] : this.shown.find((l) => l.t.length > 0);
      if (!lane) return;
      this.at = { lane, i: d ? d[1] : below(lane.t, this.span.from) - by };
    }
    const i = Math.min(Math.max(this.at.i + by, 0), this.at.lane.t.length - 1);
    this.at.i = i;
    const t = this.at.lane.t[i];
    if (t < this.span.from || t > this.span.to) this.span.pan(t - (this.span.from + this.span.to) / 2);
    this.choose(this.at.lane.msg[i]);
  }
}
