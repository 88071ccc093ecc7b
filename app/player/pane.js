// One picture of the row: the bare clip, or the clip under one network's map.
import { digits, html, inSeconds } from "./dom.js";
import { heatAlpha, paintHeat } from "./heat.js";
import { nearest } from "./time.js";

export class Pane {
  // `maps` is null for the bare clip. `top` is the highest scale among the networks compared.
  constructor({ index, name, colour, headline, images, view, maps, ramp, top }) {
    Object.assign(this, { name, images, view, maps, ramp, top });
    this.canvas = html("canvas", {
      role: "img",
      width: view.width,
      height: view.height,
      "data-testid": `player-canvas-${index}`,
    });
    this.cell = html("div", { class: "cell", hidden: true });
    this.note = html("div", { class: "note", "data-testid": `player-note-${index}`, hidden: true });
    const picture = html("div", { class: "picture" }, this.canvas, this.cell, this.note);
    this.under = html("p", { class: "under", "data-testid": `player-under-${index}` });
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
      maps ? this.#colourBar(index) : html("div", { class: "bar" }),
      this.under,
    );
    if (maps) this.#listen(picture);
    this.heat = document.createElement("canvas");
    this.heat.width = view.width;
    this.heat.height = view.height;
  }

  draw(moment, { opacity, scale: mode }) {
    const { view, maps, canvas } = this;
    const context = canvas.getContext("2d");
    context.drawImage(this.images[moment], 0, 0, view.width, view.height);
    canvas.dataset.moment = moment;
    canvas.dataset.seconds = view.seconds[moment];
    let spoken = `${this.name}, frame ${view.positions[moment]}`;
    if (maps) {
      this.map = nearest(maps.seconds, view.seconds[moment]);
      this.scale = { frame: maps.peaks[this.map], clip: maps.scale, all: this.top }[mode];
      this.#drawHeat(context, opacity);
      this.#describe(opacity);
      spoken += `, map peak ${digits(maps.peaks[this.map])} of ${digits(this.scale)}`;
    }
    canvas.setAttribute("aria-label", spoken);
  }

  #drawHeat(context, opacity) {
    const { maps, heat, ramp, scale } = this;
    const brush = heat.getContext("2d");
    const image = brush.createImageData(heat.width, heat.height);
    const { rows, columns } = maps;
    paintHeat(image, maps.grids[this.map], { rows, columns, scale, opacity, ramp });
    brush.putImageData(image, 0, 0);
    context.drawImage(heat, 0, 0);
  }

  #describe(opacity) {
    const { maps, map, scale, ramp, view } = this;
    this.canvas.dataset.map = map;
    this.canvas.dataset.mapSeconds = maps.seconds[map];
    this.limit.textContent = digits(scale);
    const stops = Array.from({ length: 17 }, (_, i) => {
      const row = Math.round((i / 16) * 255) * 3;
      return `rgb(${ramp[row]} ${ramp[row + 1]} ${ramp[row + 2]} / ${heatAlpha(i / 16, opacity)})`;
    });
    this.gradient.style.setProperty("--ramp", `linear-gradient(to right, ${stops.join(", ")})`);
    const silent = maps.peaks[map] === 0;
    this.note.hidden = !silent;
    this.note.textContent = maps.empty
      ? "No positive evidence at this layer"
      : "No positive evidence in this frame";
    const own = Math.abs(maps.seconds[map] - view.seconds[Number(this.canvas.dataset.moment)]);
    this.rest = own < 0.005 ? "" : `map of ${inSeconds(maps.seconds[map])}`;
    if (this.pointed) this.#readCell();
    else this.under.textContent = this.rest;
  }

  #colourBar(index) {
    this.gradient = html("div", { class: "gradient", "aria-hidden": "true" });
    this.limit = html("span", { "data-testid": `player-limit-${index}` });
    return html("div", { class: "bar" }, html("span", {}, "0"), this.gradient, this.limit);
  }

  #listen(picture) {
    picture.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      const { rows, columns } = this.maps;
      const clamp = (value, count) => Math.min(Math.max(Math.floor(value * count), 0), count - 1);
      this.pointed = {
        row: clamp((event.clientY - box.top) / box.height, rows),
        column: clamp((event.clientX - box.left) / box.width, columns),
      };
      this.#readCell();
    });
    picture.addEventListener("pointerleave", () => {
      this.pointed = null;
      this.cell.hidden = true;
      this.under.textContent = this.rest;
    });
  }

  // The raw value of the cell under the pointer, and its outline: the map is no finer than that.
  #readCell() {
    const { rows, columns, grids } = this.maps;
    const { row, column } = this.pointed;
    const value = digits(grids[this.map][row * columns + column]);
    this.under.textContent = `${value} in cell ${row + 1}, ${column + 1} of ${rows} × ${columns}`;
    Object.assign(this.cell.style, {
      left: `${(100 * column) / columns}%`,
      top: `${(100 * row) / rows}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    });
    this.cell.hidden = false;
  }
}
