// A film in a row with two handles. Python hears of the section once a handle is let go, or a
// moment after the last key.
const strips = new WeakMap();
const WAIT = 500; // milliseconds after a key: holding one down is one change
const STEP = 0.1; // seconds of an arrow key
const PAGE = 1; // seconds of Page Up and Page Down

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".strip");
  const old = strips.get(root);
  const strip = old?.film === data.film ? old : new Strip(root, data);
  strips.set(root, strip);
  strip.tell = (section) => setTriggerValue("section", section);
  strip.take(data);
}

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const rounded = (seconds) => Math.round(seconds * 1000) / 1000; // as an address has them
const written = (seconds) => `${seconds.toFixed(2)} s`;

class Strip {
  constructor(root, data) {
    Object.assign(this, { film: data.film, length: data.length, data, held: null, timer: 0 });
    this.pictures = element("div", { class: "pictures" });
    this.curve = element("div", { class: "curve" }, curve(data));
    this.before = element("div", { class: "outside before" });
    this.after = element("div", { class: "outside after" });
    this.middle = this.slider("middle", "Section: moved as a whole", "strip-section");
    this.start = this.slider("handle start", "Section's start", "strip-start");
    this.end = this.slider("handle end", "Section's end", "strip-end");
    const cuts = data.cuts.map((cut) => element("div", {
      class: "cut", style: `left: ${this.share(cut)}%`, title: `Cut at ${written(cut)}`, "data-testid": "strip-cut",
    }));
    this.rail = element("div", { class: "rail" }, this.pictures, this.curve, this.before, this.after,
      ...cuts, this.middle, this.start, this.end);
    this.ticks = element("div", { class: "ticks", "aria-hidden": "true" });
    this.from = this.field("Section's start in seconds", (value) => this.type("start", value));
    this.to = this.field("Section's end in seconds", (value) => this.type("end", value));
    this.lasting = element("span", { "data-testid": "strip-length" });
    const least = `at least ${data.shortest.toFixed(2)} s: ${data.needed}`;
    const foot = element("div", { class: "foot" }, "from", this.from, "to", this.to, "s:", this.lasting,
      element("span", { class: "faint" }, least),
      element("span", { class: "faint end" }, "curve: how much moves", ...cutsInWords(data.cuts)));
    root.replaceChildren(this.rail, this.ticks, foot);
    this.follow();
    new ResizeObserver(() => this.lay()).observe(this.rail);
  }

  share(seconds) {
    return (100 * seconds) / this.length;
  }

  // What Python says holds, unless a hand is on it.
  take(data) {
    this.data = data;
    if (this.held || this.timer) return;
    this.section = { start: data.start, end: data.end };
    this.draw();
  }

  slider(kind, label, testid) {
    const node = element("div", { class: kind, role: "slider", tabindex: "0", "aria-label": label,
      "aria-valuemin": "0", "aria-valuemax": this.length.toFixed(2), "data-testid": testid });
    node.addEventListener("keydown", (event) => this.key(event, kind.split(" ").pop()));
    return node;
  }

  field(label, set) {
    const node = element("input", { type: "number", step: String(STEP), min: "0",
      max: this.length.toFixed(2), "aria-label": label });
    node.addEventListener("change", () => {
      const value = Number.parseFloat(node.value);
      if (Number.isFinite(value)) set(value);
      this.draw();
      this.later();
    });
    return node;
  }

  // The handles and the middle are dragged; a press elsewhere brings the section there.
  follow() {
    const seconds = (event) => {
      const { left, width } = this.rail.getBoundingClientRect();
      return ((event.clientX - left) / width) * this.length;
    };
    this.rail.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const part = { [this.start.className]: "start", [this.end.className]: "end" }[event.target.className] ?? "middle";
      const { start, end } = this.section;
      const half = (end - start) / 2;
      const outside = part === "middle" && event.target !== this.middle;
      if (outside) this.move("middle", seconds(event) - half);
      this.held = { part, offset: seconds(event) - this.section[part === "end" ? "end" : "start"] };
      this.rail.setPointerCapture(event.pointerId);
      this[part].focus({ preventScroll: true });
      event.preventDefault();
    });
    this.rail.addEventListener("pointermove", (event) => {
      if (this.held) this.move(this.held.part, seconds(event) - this.held.offset);
    });
    const release = () => {
      if (!this.held) return;
      this.held = null;
      this.send();
    };
    this.rail.addEventListener("pointerup", release);
    this.rail.addEventListener("pointercancel", release);
  }

  key(event, part) {
    const step = event.shiftKey ? this.data.frame : STEP;
    const steps = { ArrowRight: step, ArrowUp: step, ArrowLeft: -step, ArrowDown: -step, PageUp: PAGE, PageDown: -PAGE };
    const ends = { Home: -Infinity, End: Infinity };
    const at = this.section[part === "end" ? "end" : "start"];
    if (Object.hasOwn(steps, event.key)) this.move(part, at + steps[event.key]);
    else if (Object.hasOwn(ends, event.key)) this.move(part, ends[event.key]);
    else return;
    event.preventDefault();
    this.later();
  }

  // A handle as far as the other and the film let it, or the whole section.
  move(part, seconds) {
    const { start, end } = this.section;
    const { shortest } = this.data;
    const within = (low, high) => Math.max(low, Math.min(high, seconds));
    if (part === "start") this.section.start = Math.max(0, rounded(within(0, end - shortest)));
    else if (part === "end") this.section.end = Math.min(this.length, rounded(within(start + shortest, this.length)));
    else {
      const lasts = end - start;
      const begins = Math.max(0, Math.min(this.length - lasts, rounded(within(0, this.length - lasts))));
      this.section = { start: begins, end: Math.min(this.length, begins + lasts) };
    }
    this.draw();
  }

  // A time beyond the other handle takes that along: who types the one is about to type the other.
  type(part, seconds) {
    const { start, end } = this.section;
    const beyond = part === "start" ? seconds > end - this.data.shortest : seconds < start + this.data.shortest;
    if (beyond && part === "start") this.section.end = Math.min(this.length, seconds + end - start);
    if (beyond && part === "end") this.section.start = Math.max(0, seconds - end + start);
    this.move(part, seconds);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), WAIT);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = 0;
    const { start, end } = this.section;
    if (start !== this.data.start || end !== this.data.end) this.tell({ start, end });
  }

  draw() {
    const { start, end } = this.section;
    const [left, right] = [this.share(start), this.share(end)];
    this.before.style.width = `${left}%`;
    this.after.style.left = `${right}%`;
    this.middle.style.left = this.start.style.left = `${left}%`;
    this.middle.style.width = `${right - left}%`;
    this.end.style.left = `${right}%`;
    const lasts = end - start;
    for (const [node, value, text] of [
      [this.start, start, `from ${written(start)}`],
      [this.end, end, `to ${written(end)}`],
      [this.middle, start, `${start.toFixed(2)} to ${written(end)}, ${written(lasts)} long`],
    ]) {
      node.setAttribute("aria-valuenow", value.toFixed(2));
      node.setAttribute("aria-valuetext", text);
    }
    this.from.value = start.toFixed(2);
    this.to.value = end.toFixed(2);
    this.lasting.textContent = `${written(lasts)} long`;
  }

  // As many pictures as fit, each the nearest to the middle of its place, and times beneath.
  lay() {
    const { width, height } = this.pictures.getBoundingClientRect();
    if (!width) return;
    this.rail.classList.toggle("dense", this.data.cuts.length * 12 > width);
    const count = Math.max(1, Math.round(width / (height * this.data.aspect)));
    const at = (index) => ((index + 0.5) / count) * this.length;
    this.pictures.replaceChildren(...Array.from({ length: count }, (_, index) => {
      const picture = nearest(this.data.pictures, at(index));
      return element("img", { src: picture.source, alt: "", draggable: "false" });
    }));
    const every = niceStep(this.length / Math.max(2, width / 90));
    const marks = Array.from({ length: Math.floor(this.length / every) + 1 }, (_, index) => index * every);
    this.ticks.replaceChildren(...marks.map((mark) => element("span", { style: `left: ${this.share(mark)}%` },
      `${Number(mark.toFixed(2))} s`)));
  }
}

function cutsInWords(cuts) {
  if (!cuts.length) return [];
  return [element("i", { class: "mark" }), `${cuts.length} ${cuts.length === 1 ? "cut" : "cuts"}`];
}

function nearest(pictures, seconds) {
  return pictures.reduce((best, one) =>
    Math.abs(one.seconds - seconds) < Math.abs(best.seconds - seconds) ? one : best);
}

// 1, 2 or 5 times a power of ten, at least that large.
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((times) => times * power >= least);
}

function curve({ motion, length }) {
  const name = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(name, "svg");
  for (const [key, value] of Object.entries({ viewBox: `0 0 ${length} 1`, preserveAspectRatio: "none", "aria-hidden": "true" }))
    picture.setAttribute(key, value);
  if (!motion.length) return picture;
  const area = document.createElementNS(name, "path");
  const points = motion.map(([seconds, height]) => `L${seconds} ${1 - height}`).join("");
  area.setAttribute("d", `M${motion[0][0]} 1${points}L${motion[motion.length - 1][0]} 1Z`);
  picture.append(area);
  return picture;
}
