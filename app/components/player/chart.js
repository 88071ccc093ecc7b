// Numbers over the clip's time: fixed axes, labels at the lines, the shared moment's marker.
import { decimals, digits, html, inSeconds, svg } from "./dom.js";
import { dragAlong } from "./scrubber.js";
import { nearest } from "./time.js";

const DASHES = { solid: null, dashed: "7 4", dotted: "1 4.5", dashdot: "9 4 1 4", bars: null };
const PLOT = 88;
const ABOVE = 10;
const BELOW = 24;
const LETTER = 6.5;
const LINE = 15;
const SWATCH = 16;
const WIDEST_BAR = 22;
const LONGEST_LABEL = 14;

// Room beside the plots for the longest numbers and labels, the same in all charts, so that one
// moment has one place in each column.
export function margins(charts) {
  const numbers = charts.flatMap(({ low, high }) => [low, (low + high) / 2, high].map((value) => digits(value)));
  const labels = charts.flatMap(({ low, high, series }) => {
    const value = Math.max(decimals(low, low, high).length, decimals(high, low, high).length);
    return series.map((one) => short(one.label).length + value + 1);
  });
  const longest = (lengths) => LETTER * Math.max(0, ...lengths);
  return {
    left: 12 + longest(numbers.map((text) => text.length)),
    right: SWATCH + 16 + longest(labels),
  };
}

// Heights for labels that want to be at `wanted`: moved apart by at least `gap` within the plot.
export function spread(wanted, { gap, low, high }) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  let floor = low;
  for (const i of order) {
    placed[i] = Math.max(placed[i], floor);
    floor = placed[i] + gap;
  }
  let ceiling = high;
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i], ceiling);
    ceiling = placed[i] - gap;
  }
  return placed;
}

function short(label) {
  return label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;
}

export class Chart {
  constructor({ index, spec, view, margin, last, onMoment }) {
    Object.assign(this, { index, spec, view, last, ...margin });
    this.frame = svg("svg", {
      role: "img",
      "data-testid": `player-chart-${index}`,
      "aria-label": this.#words(),
    });
    this.tip = html("div", { class: "tip", hidden: true, "data-testid": `player-tip-${index}` });
    this.node = html(
      "div",
      { class: "chart" },
      html(
        "p",
        { class: "title" },
        html("span", {}, spec.title),
        html("span", { class: "unit" }, spec.unit),
      ),
      html("div", { class: "plot" }, this.frame, this.tip),
    );
    dragAlong(this.frame, () => this.#area(), (share) => {
      onMoment(nearest(view.seconds, share * view.duration));
    });
    this.frame.addEventListener("pointermove", (event) => this.#hover(event));
    this.frame.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
      this.cross.setAttribute("visibility", "hidden");
    });
  }

  #words() {
    const { title, unit, series, low, high } = this.spec;
    const lines = series.map((one) => `${one.label} ${one.values.map((v) => digits(v)).join(", ")}`);
    return `${title}, ${unit}, axis ${digits(low)} to ${digits(high)}. ${lines.join(". ")}`;
  }

  #x(seconds) {
    const { duration } = this.view;
    return this.left + (duration > 0 ? seconds / duration : 0) * (this.width - this.left - this.right);
  }

  #y(value) {
    const { low, high } = this.spec;
    return ABOVE + (1 - (value - low) / (high - low)) * PLOT;
  }

  #area() {
    const box = this.frame.getBoundingClientRect();
    return { left: box.left + this.left, width: this.width - this.left - this.right };
  }

  // Everything that depends on the width; the moment is put in afterwards by `draw`.
  resize(width) {
    this.width = width;
    const height = ABOVE + PLOT + (this.last ? BELOW : 8);
    this.frame.setAttribute("width", width);
    this.frame.setAttribute("height", height);
    this.cross = svg("line", {
      class: "cross",
      y1: ABOVE,
      y2: ABOVE + PLOT,
      visibility: "hidden",
    });
    this.marker = svg("line", {
      class: "marker",
      y1: ABOVE - 6,
      y2: ABOVE + PLOT + 4,
      "data-testid": `player-marker-${this.index}`,
    });
    const drawn = this.spec.series.map((one) => this.#series(one));
    this.points = drawn.map(({ point }) => point);
    this.labels = this.#labels();
    this.frame.replaceChildren(
      ...this.#axes(),
      this.cross,
      ...drawn.map(({ shape }) => shape),
      this.marker,
      ...this.points,
      ...this.labels.map(({ node }) => node),
    );
  }

  #axes() {
    const { low, high } = this.spec;
    const end = this.width - this.right;
    const across = [low, (low + high) / 2, high].flatMap((value) => {
      const y = this.#y(value);
      return [
        svg("line", { class: "grid", x1: this.left, x2: end, y1: y, y2: y }),
        svg("text", { class: "axis", x: this.left - 7, y: y + 4, "text-anchor": "end" }, digits(value)),
      ];
    });
    const floor = ABOVE + PLOT;
    const ticks = this.view.seconds.map((seconds) => {
      const x = this.#x(seconds);
      return svg("line", { class: "sample", x1: x, x2: x, y1: floor, y2: floor + 5 });
    });
    return [...across, ...ticks, ...(this.last ? this.#times(floor) : [])];
  }

  // As many times as fit, the first always; the unit stands after the last.
  #times(floor) {
    let free = -Infinity;
    const texts = [];
    for (const seconds of this.view.seconds) {
      const x = this.#x(seconds);
      if (x < free) continue;
      free = x + 34;
      const words = seconds.toFixed(2);
      texts.push(svg("text", { class: "axis", x, y: floor + 19, "text-anchor": "middle" }, words));
    }
    const x = this.width - this.right + 12 + SWATCH;
    return [...texts, svg("text", { class: "axis", x, y: floor + 19 }, "seconds")];
  }

  #series(one) {
    const xs = one.seconds.map((seconds) => this.#x(seconds));
    const ys = one.values.map((value) => this.#y(value));
    const style = `--ink: ${one.colour}`;
    const kind = one.mark === "bars" ? "bars" : "line";
    const shape = svg("g", { style, class: one.faint ? `${kind} faint` : kind });
    if (one.band) shape.append(this.#band(xs, one.band));
    if (one.mark === "bars") {
      const gap = Math.min(...xs.slice(1).map((x, i) => x - xs[i]), WIDEST_BAR / 0.64);
      const base = this.#y(Math.min(Math.max(0, this.spec.low), this.spec.high));
      xs.forEach((x, i) => {
        const [y, height] = [Math.min(ys[i], base), Math.abs(base - ys[i])];
        shape.append(svg("rect", { x: x - gap * 0.32, y, width: gap * 0.64, height }));
      });
    } else {
      const d = xs.map((x, i) => `${i ? "L" : "M"}${x} ${ys[i]}`).join("");
      shape.append(svg("path", { d, "stroke-dasharray": DASHES[one.mark] }));
      xs.forEach((x, i) => shape.append(svg("circle", { cx: x, cy: ys[i], r: 2.5 })));
    }
    return { shape, point: svg("circle", { class: "point", r: 5, style }) };
  }

  // Where most clips lie: from the lower edge forwards, then back along the upper one. A band of one
  // frame has a width of its own.
  #band(xs, [low, high]) {
    const at = xs.length > 1 ? xs : [xs[0] - WIDEST_BAR / 2, xs[0] + WIDEST_BAR / 2];
    const edge = (values) => at.map((x, i) => [x, this.#y(values[Math.min(i, values.length - 1)])]);
    const points = [...edge(low), ...edge(high).reverse()];
    return svg("polygon", { class: "band", points: points.map((point) => point.join(",")).join(" ") });
  }

  #labels() {
    const { series } = this.spec;
    const ends = series.map((one) => this.#y(one.values[one.values.length - 1]));
    const places = spread(ends, { gap: LINE, low: ABOVE + 2, high: ABOVE + PLOT - 2 });
    const x = this.width - this.right + 6;
    return series.map((one, i) => {
      const y = places[i];
      const value = svg("tspan", { class: "value" });
      const style = `--ink: ${one.colour}`;
      const swatch = svg("line", {
        class: one.mark === "bars" ? "swatch thick" : "swatch",
        style,
        x1: x,
        x2: x + SWATCH,
        y1: y,
        y2: y,
        "stroke-dasharray": one.mark === "solid" ? null : DASHES[one.mark],
      });
      const words = svg("text", { class: "label", x: x + SWATCH + 6, y: y + 4 }, `${short(one.label)} `, value);
      words.append(svg("title", {}, one.label));
      return { node: svg("g", {}, swatch, words), value };
    });
  }

  draw(moment) {
    const seconds = this.view.seconds[moment];
    const { low, high } = this.spec;
    const x = this.#x(seconds);
    this.marker.setAttribute("x1", x);
    this.marker.setAttribute("x2", x);
    this.marker.dataset.seconds = seconds;
    this.marker.dataset.moment = moment;
    this.spec.series.forEach((one, i) => {
      const at = nearest(one.seconds, seconds);
      this.points[i].setAttribute("cx", this.#x(one.seconds[at]));
      this.points[i].setAttribute("cy", this.#y(one.values[at]));
      this.labels[i].value.textContent = decimals(one.values[at], low, high);
    });
  }

  #hover(event) {
    const { left, width } = this.#area();
    const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
    const { view, spec } = this;
    const moment = nearest(view.seconds, share * view.duration);
    const x = this.#x(view.seconds[moment]);
    this.cross.setAttribute("x1", x);
    this.cross.setAttribute("x2", x);
    this.cross.setAttribute("visibility", "visible");
    const lines = spec.series.map((one) => {
      const at = nearest(one.seconds, view.seconds[moment]);
      const when = one.seconds[at] === view.seconds[moment] ? "" : ` at ${inSeconds(one.seconds[at])}`;
      return html("div", {}, `${one.label} ${digits(one.values[at], 4)}${when}`);
    });
    const head = `${inSeconds(view.seconds[moment])} · frame ${view.positions[moment]}`;
    this.tip.replaceChildren(html("div", { class: "when" }, head), ...lines);
    this.tip.hidden = false;
    const room = this.width - this.tip.offsetWidth;
    const beside = x + 12 > room ? x - 12 - this.tip.offsetWidth : x + 12;
    this.tip.style.left = `${Math.max(0, Math.min(beside, room))}px`;
  }
}
