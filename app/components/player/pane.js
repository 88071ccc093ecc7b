// One picture of the row: the bare clip, or the clip under one network's map.
import { digits, html, inSeconds, svg } from "./dom.js";
import { contour, cover, paintHeat } from "./heat.js";
import { nearest } from "./time.js";

const RAMP_STOPS = 16;
const CONTOUR = 0.5; // of the scale

export class Pane {
  // `maps` is null for the bare clip. `top` is the highest scale among the networks compared.
  constructor({ index, name, colour, headline, images, view, maps, ramp, top, backwards }) {
    Object.assign(this, { name, images, view, maps, ramp, top, backwards });
    const named = (part) => ({ "data-testid": `player-${part}-${index}` });
    const { width, height } = view;
    this.canvas = html("canvas", { role: "img", width, height, ...named("canvas") });
    this.cell = html("div", { class: "cell", hidden: true });
    this.silence = html("div", { class: "silence", hidden: true, ...named("silence") });
    this.gradient = html("div", { class: "gradient", "aria-hidden": "true" });
    this.limit = html("span", named("limit"));
    this.bar = html("div", { class: "bar" }, html("span", {}, "0"), this.gradient, this.limit);
    this.words = html("p", { class: "words", ...named("words") });
    this.held = html("div", { class: "held", hidden: true, ...named("held") });
    this.lines = maps ? outline(maps, named("contour")) : null;
    const drawn = maps ? [this.lines] : [];
    const layers = [this.canvas, ...drawn, this.cell, this.held, this.silence];
    const picture = html("div", { class: "picture" }, ...layers);
    this.node = html(
      "figure",
      { class: "pane", style: `--ink: ${colour}` },
      html(
        "figcaption",
        {},
        html("span", { class: "name" }, name),
        html("span", { class: "headline", title: headline }, headline),
      ),
      picture,
      html("div", { class: "beneath" }, ...(maps ? [this.bar] : []), this.words),
    );
    this.heats = new Map(); // painted maps by their place, for one scale and opacity
    this.painted = "";
    this.contours = new Map(); // paths by map and scale
    if (maps) this.#listen(picture);
  }

  draw(moment, settings) {
    const { view, canvas } = this;
    const context = canvas.getContext("2d");
    const shown = this.backwards ? view.seconds.length - 1 - moment : moment;
    context.drawImage(this.images[shown], 0, 0, view.width, view.height);
    const frame = `frame ${view.positions[shown]} · ${inSeconds(view.seconds[shown])}`;
    canvas.dataset.moment = moment;
    canvas.dataset.seconds = view.seconds[moment];
    canvas.setAttribute("aria-label", `${this.name}, ${frame}`);
    if (this.maps) this.#drawMap(context, view.seconds[moment], settings);
    else this.words.textContent = frame;
  }

  #drawMap(context, seconds, { opacity, contour: outlined, scale: mode }) {
    const { maps, canvas } = this;
    this.map = nearest(maps.seconds, seconds);
    const peak = maps.peaks[this.map];
    const scale = { frame: peak, clip: maps.scale, all: this.top }[mode];
    context.drawImage(this.#heat(scale, opacity), 0, 0);
    this.lines.toggleAttribute("hidden", !outlined);
    for (const path of this.lines.children) path.setAttribute("d", this.#contour(scale));
    canvas.dataset.map = this.map;
    canvas.dataset.mapSeconds = maps.seconds[this.map];
    const spoken = peak ? `map peak ${digits(peak)}, scale 0 to ${digits(scale)}` : this.#silent();
    canvas.setAttribute("aria-label", `${canvas.getAttribute("aria-label")}, ${spoken}`);
    this.#describe(peak, scale, opacity);
    this.held.hidden = maps.empty || Math.abs(maps.seconds[this.map] - seconds) < 0.005;
    this.held.textContent = `map of ${inSeconds(maps.seconds[this.map])}`;
    this.#readCell();
  }

  // A clip has few maps, and who drags through it sees each again and again.
  #heat(scale, opacity) {
    const { maps, map, heats, ramp } = this;
    const asked = `${scale} ${opacity}`;
    if (asked !== this.painted) heats.clear();
    this.painted = asked;
    if (!heats.has(map)) {
      const { width, height } = this.view;
      const heat = html("canvas", { width, height });
      const brush = heat.getContext("2d");
      const image = brush.createImageData(width, height);
      const { rows, columns } = maps;
      paintHeat(image, maps.grids[map], { rows, columns, scale, opacity, ramp });
      brush.putImageData(image, 0, 0);
      heats.set(map, heat);
    }
    return heats.get(map);
  }

  #contour(scale) {
    const { maps, map, contours } = this;
    const asked = `${map} ${scale}`;
    if (!contours.has(asked)) {
      const { rows, columns, grids } = maps;
      const level = scale * CONTOUR;
      contours.set(asked, level > 0 ? contour(grids[map], { rows, columns, level }) : "");
    }
    return contours.get(asked);
  }

  #silent() {
    return `No positive evidence ${this.maps.empty ? "at this layer" : "in this frame"}`;
  }

  // The colour bar, or the words that stand for it where there is nothing to colour.
  #describe(peak, scale, opacity) {
    if (opacity !== this.opacity) this.#shade(opacity);
    this.limit.textContent = digits(scale);
    this.bar.style.visibility = scale > 0 ? "visible" : "hidden";
    this.silence.hidden = peak > 0;
    this.silence.textContent = this.#silent();
  }

  #shade(opacity) {
    const { ramp } = this;
    const stops = Array.from({ length: RAMP_STOPS + 1 }, (_, i) => {
      const share = i / RAMP_STOPS;
      const row = Math.round(share * 255) * 3;
      return `rgb(${ramp[row]} ${ramp[row + 1]} ${ramp[row + 2]} / ${cover(share) * opacity})`;
    });
    this.gradient.style.setProperty("--ramp", `linear-gradient(to right, ${stops.join(", ")})`);
    this.opacity = opacity;
  }

  #listen(picture) {
    const inside = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
    picture.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      const row = inside((event.clientY - box.top) / box.height, this.maps.rows);
      const column = inside((event.clientX - box.left) / box.width, this.maps.columns);
      this.pointed = { row, column };
      this.#readCell();
    });
    picture.addEventListener("pointerleave", () => {
      this.pointed = null;
      this.#readCell();
    });
  }

  // The raw value of the cell under the pointer, in place of the colour bar, and the cell's
  // outline: the map is no finer than that.
  #readCell() {
    this.cell.hidden = !this.pointed;
    this.words.hidden = !this.pointed;
    this.bar.hidden = Boolean(this.pointed);
    if (!this.pointed) return;
    const { rows, columns, grids } = this.maps;
    const { row, column } = this.pointed;
    const value = digits(grids[this.map][row * columns + column]);
    this.words.textContent = `${value} in row ${row + 1} of ${rows}, column ${column + 1} of ${columns}`;
    Object.assign(this.cell.style, {
      left: `${(100 * column) / columns}%`,
      top: `${(100 * row) / rows}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    });
  }
}

// A light line on a dark one, so that it is seen on any picture.
function outline({ rows, columns }, named) {
  const attributes = { viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none" };
  const path = (name) => svg("path", { class: name, "vector-effect": "non-scaling-stroke" });
  const lines = svg("svg", { class: "contour", "aria-hidden": "true", ...attributes, ...named });
  lines.append(path("under"), path("over"));
  return lines;
}
