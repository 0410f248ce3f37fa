// What all canvases of a page share: the stretch of time that is shown, and how a
// canvas is set up, moved and coloured.

// Span is a stretch of time that several canvases show.
class Span {
  constructor(low, high) {
    this.listeners = [];
    this.bounds(low, high);
    this.reset();
  }
  bounds(low, high) { this.low = low; this.high = Math.max(high, low + 1000); }
  reset() { this.set(this.low, this.high); }
  get width() { return this.to - this.from; }
  // set shows a stretch, kept inside the bounds; 20 µs is the least.
  set(from, to) {
    const width = Math.min(Math.max(to - from, 20), this.high - this.low);
    this.from = Math.min(Math.max(from, this.low), this.high - width);
    this.to = this.from + width;
    for (const f of this.listeners) f();
  }
  pan(by) { this.set(this.from + by, this.from + by + this.width); }
  // zoom keeps the time at in its place.
  zoom(factor, at = (this.from + this.to) / 2) {
    const from = at - (at - this.from) * factor;
    this.set(from, from + this.width * factor);
  }
  // around shows a stretch with room on both sides.
  around(from, to) {
    const room = Math.max((to - from) * 0.25, 2000);
    this.set(from - room, to + room);
  }
}

// ink gives the colours of the style sheet as they are now.
function ink() {
  const style = getComputedStyle(document.documentElement), found = {};
  for (const name of ["text", "muted", "faint", "line", "paper", "panel", "accent", "ok", "bad", "unsure", "fault", "cut"]) found[name] = style.getPropertyValue("--" + name).trim();
  found.dark = style.getPropertyValue("--dark").trim() === "1";
  found.font = style.getPropertyValue("--sans").trim();
  return found;
}

// Hues that stay apart for most eyes; neighbours differ in lightness too.
const HUES = [212, 28, 152, 276, 48, 338, 186, 100];

// tint is the fill of view number n. Each takes the golden angle from the one before, so
// that no two of some dozens are alike and neighbours are far apart.
function tint(n, dark) {
  const hue = Math.round(HUES[0] + n * 137.508) % 360, step = Math.floor(n / 8) % 3;
  return `hsl(${hue} ${dark ? 38 - 4 * step : 62 - 8 * step}% ${dark ? 22 + 5 * step : 89 - 5 * step}%)`;
}

// lineOf is the stroke of series n.
function lineOf(n, dark) {
  return `hsl(${HUES[n % HUES.length]} 62% ${dark ? 66 : n % 2 ? 36 : 42}%)`;
}

// seconds is a time for people, as exact as the stretch that is shown asks for.
function seconds(t, width) {
  const digits = width > 2e7 ? 0 : width > 2e6 ? 1 : width > 2e5 ? 2 : width > 2e4 ? 3 : width > 2e3 ? 4 : 6;
  return (t / 1e6).toFixed(digits) + " s";
}

// steps gives round times for an axis.
function steps(from, to, most) {
  const raw = (to - from) / most, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= raw);
  const list = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) list.push(t);
  return list;
}

// MARGIN is the room to the right of what a board shows, so that a mark at its end
// is whole.
const MARGIN = 8;

// Board is a canvas that shows a span. A board is drawn at most once a frame;
// marks counts what the last frame drew, for those who ask what a frame costs.
class Board {
  constructor(canvas, span, left) {
    this.canvas = canvas;
    this.span = span;
    this.left = left;
    this.height = 200;
    this.marks = 0;
    this.frames = 0;
    span.listeners.push(() => this.ask());
    new ResizeObserver(() => this.ask()).observe(canvas.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.ask());
    addEventListener("beforeprint", () => this.frame());
    addEventListener("afterprint", () => this.ask());
    this.ask();
  }
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => { this.asked = false; this.frame(); });
  }
  x(t) { return this.left + (t - this.span.from) / this.span.width * (this.width - this.left); }
  time(x) { return this.span.from + (x - this.left) / (this.width - this.left) * this.span.width; }
  frame() {
    const scale = Math.max(devicePixelRatio || 1, 1);
    const room = this.canvas.parentElement.clientWidth;
    if (room === 0) return;
    this.width = room - MARGIN;
    const w = Math.round(room * scale), h = Math.round(this.height * scale);
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.height = this.height + "px";
    }
    const g = this.canvas.getContext("2d");
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, room, this.height);
    this.ink = ink();
    g.font = "12px " + this.ink.font;
    g.textBaseline = "middle";
    this.marks = 0;
    this.draw(g);
    this.frames++;
    this.canvas.dataset.marks = this.marks;
    this.canvas.dataset.frames = this.frames;
  }
  // axis draws the times, and the windows of faults from top to bottom.
  axis(g, top, bottom) {
    g.fillStyle = this.ink.muted;
    g.strokeStyle = this.ink.faint;
    g.textAlign = "center";
    for (const t of steps(this.span.from, this.span.to, Math.max(3, this.width / 120))) {
      const x = Math.round(this.x(t)) + 0.5;
      g.beginPath(); g.moveTo(x, top); g.lineTo(x, bottom); g.stroke();
      if (x > this.left + 16 && x < this.width - 16) g.fillText(seconds(t, this.span.width), x, bottom + 10);
    }
  }
  shade(g, model, top, bottom) {
    for (const f of model.faults) {
      const from = Math.max(this.x(f.from), this.left), to = Math.min(this.x(model.until(f)), this.width);
      if (to < this.left || from > this.width) continue;
      g.globalAlpha = 0.1;
      g.fillStyle = this.ink.fault;
      g.fillRect(from, top, Math.max(to - from, 1), bottom - top);
      g.globalAlpha = 1;
      this.marks++;
    }
  }
}

// moves gives a board the mouse, the fingers and the keys. click is called with a
// place that was pressed and let go; up, with lines to scroll by.
function moves(board, { click, scroll }) {
  const c = board.canvas, span = board.span, fingers = new Map();
  let moved = 0, spread = 0;
  const at = (e) => e.clientX - c.getBoundingClientRect().left;
  c.addEventListener("pointerdown", (e) => {
    c.setPointerCapture(e.pointerId);
    fingers.set(e.pointerId, e);
    moved = 0;
    spread = 0;
  });
  c.addEventListener("pointermove", (e) => {
    const before = fingers.get(e.pointerId);
    if (!before) return;
    moved += Math.abs(e.clientX - before.clientX) + Math.abs(e.clientY - before.clientY);
    fingers.set(e.pointerId, e);
    const perPixel = span.width / (board.width - board.left);
    if (fingers.size === 1) {
      span.pan((before.clientX - e.clientX) * perPixel);
      scroll(before.clientY - e.clientY);
      return;
    }
    const [a, b] = [...fingers.values()], now = Math.max(10, Math.abs(a.clientX - b.clientX));
    if (spread) span.zoom(spread / now, board.time((at(a) + at(b)) / 2));
    spread = now;
  });
  const up = (e) => {
    if (!fingers.delete(e.pointerId)) return;
    if (moved < 5 && e.type === "pointerup") click(at(e), e.clientY - c.getBoundingClientRect().top);
  };
  c.addEventListener("pointerup", up);
  c.addEventListener("pointercancel", up);
  c.addEventListener("wheel", (e) => {
    // A page must still scroll past the diagram: it takes the wheel when it has
    // the keyboard, or is asked to with Ctrl; sideways movement always.
    if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) span.pan(e.deltaX * span.width / board.width);
    else if (e.ctrlKey || e.metaKey || document.activeElement === c) span.zoom(Math.exp(e.deltaY * 0.0025), board.time(at(e)));
    else return;
    e.preventDefault();
  }, { passive: false });
  const keys = {
    ArrowLeft: () => span.pan(-span.width / 8), ArrowRight: () => span.pan(span.width / 8),
    ArrowUp: () => scroll(-40), ArrowDown: () => scroll(40),
    "+": () => span.zoom(0.6), "=": () => span.zoom(0.6), "-": () => span.zoom(1 / 0.6),
    Home: () => span.reset(), 0: () => span.reset(),
  };
  c.addEventListener("keydown", (e) => {
    if (!keys[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
    keys[e.key]();
    e.preventDefault();
  });
}
