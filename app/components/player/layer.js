// One network's map over a picture: heat, the line at half of the scale, and the cell pointed at.
import { digits, html, svg } from "./dom.js";
import { contour, paintHeat } from "./heat.js";
import { mapAt, nearest } from "./time.js";

const CONTOUR = 0.5; // of the scale
const FINEST = 160; // pixels of a side of the heat: finer than any map, and enlarged evenly
const STEPS_MOVING = 3; // of the line's lattice to a cell while it plays

export class Layer {
  // `top` is the highest scale among the networks compared.
  constructor({ maps, ramp, top, named }) {
    Object.assign(this, { maps, ramp, top });
    this.cell = html("div", { class: "cell", hidden: true });
    this.lines = outline(maps, named("contour"));
    this.nodes = [this.lines, this.cell];
    this.heats = new Map(); // painted maps by their place, for one scale and opacity
    this.painted = "";
    this.contours = new Map(); // paths by map and scale
  }

  // Heat into `box` (x, y, width, height) of the context, and the line. `time` is null where the
  // clip stands: then the map is the one nearest to `seconds`, as it was computed.
  draw(context, box, { seconds, time, settings }) {
    const { maps } = this;
    const { opacity, scale: mode, contour: outlined } = settings;
    this.map = nearest(maps.seconds, time ?? seconds);
    const { grid, peak } = mapAt(maps, time ?? maps.seconds[this.map]);
    const scale = { frame: peak, clip: maps.scale, all: this.top }[mode];
    Object.assign(this, { grid, peak, scale });
    const moving = time !== null;
    const heat = moving ? this.#moving(scale, opacity) : this.#still(scale, opacity);
    context.drawImage(heat, ...box);
    this.lines.toggleAttribute("hidden", !outlined);
    const d = outlined ? (moving ? this.#line(STEPS_MOVING) : this.#contour()) : "";
    for (const path of this.lines.children) path.setAttribute("d", d);
  }

  // A clip has few maps, and who drags through it sees each again and again.
  #still(scale, opacity) {
    const { map, heats } = this;
    const asked = `${scale} ${opacity}`;
    if (asked !== this.painted) heats.clear();
    this.painted = asked;
    if (!heats.has(map)) heats.set(map, this.#paint(html("canvas"), scale, opacity));
    return heats.get(map);
  }

  #moving(scale, opacity) {
    this.sheet ??= html("canvas");
    return this.#paint(this.sheet, scale, opacity);
  }

  #paint(canvas, scale, opacity) {
    const { rows, columns } = this.maps;
    const finer = FINEST / Math.max(rows, columns);
    canvas.width = Math.max(1, Math.round(columns * finer));
    canvas.height = Math.max(1, Math.round(rows * finer));
    const brush = canvas.getContext("2d");
    const image = brush.createImageData(canvas.width, canvas.height);
    paintHeat(image, this.grid, { rows, columns, scale, opacity, ramp: this.ramp });
    brush.putImageData(image, 0, 0);
    return canvas;
  }

  #contour() {
    const asked = `${this.map} ${this.scale}`;
    if (!this.contours.has(asked)) this.contours.set(asked, this.#line());
    return this.contours.get(asked);
  }

  #line(steps) {
    const { rows, columns } = this.maps;
    const level = this.scale * CONTOUR;
    return level > 0 ? contour(this.grid, { rows, columns, level, steps }) : "";
  }

  get silent() {
    return `No positive evidence ${this.maps.empty ? "at this layer" : "in this frame"}`;
  }

  get spoken() {
    const { peak, scale } = this;
    return peak ? `map peak ${digits(peak)}, scale 0 to ${digits(scale)}` : this.silent;
  }

  // The raw value of the cell under a place in shares of the map, and the cell's outline: the map
  // is no finer than that. Null for no place.
  read(place) {
    const { rows, columns } = this.maps;
    const inside = (share, count) => Math.min(Math.max(Math.floor(share * count), 0), count - 1);
    this.cell.hidden = !place;
    if (!place) return "";
    const [row, column] = [inside(place.down, rows), inside(place.across, columns)];
    Object.assign(this.cell.style, {
      left: `${(100 * column) / columns}%`,
      top: `${(100 * row) / rows}%`,
      width: `${100 / columns}%`,
      height: `${100 / rows}%`,
    });
    const value = digits(this.grid[row * columns + column]);
    return `${value} in row ${row + 1} of ${rows}, column ${column + 1} of ${columns}`;
  }
}

// Where the pointer is over `node`, in shares of its sides, told to `onPlace`; null where it left.
export function pointing(node, onPlace) {
  node.addEventListener("pointermove", (event) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    onPlace({ across: (event.clientX - left) / width, down: (event.clientY - top) / height });
  });
  node.addEventListener("pointerleave", () => onPlace(null));
}

// A light line on a dark one, so that it is seen on any picture.
function outline({ rows, columns }, named) {
  const attributes = { viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none" };
  const path = (name) => svg("path", { class: name, "vector-effect": "non-scaling-stroke" });
  const lines = svg("svg", { class: "contour", "aria-hidden": "true", ...attributes, ...named });
  lines.append(path("under"), path("over"));
  return lines;
}
