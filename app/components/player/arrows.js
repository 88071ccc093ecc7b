// What moves from one sampled frame to the next: an arrow a field of the part that networks see.
import { digits, html, svg } from "./dom.js";
import { bytes } from "./heat.js";

const SLOWEST = 0.1; // of the fastest: less is not drawn
const HEAD = 0.28; // of an arrow's length, and at least as many fields:
const LEAST_HEAD = 0.14;

export class Arrows {
  constructor({ rows, columns, levels, fastest, unit }) {
    Object.assign(this, { rows, columns, fastest, unit });
    this.flow = new Int8Array(bytes(levels).buffer);
    const attributes = { viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none" };
    const path = (name) => svg("path", { class: name, "vector-effect": "non-scaling-stroke" });
    this.node = svg(
      "svg",
      { class: "arrows", "aria-hidden": "true", "data-testid": "player-flow", ...attributes },
      path("under"),
      path("over"),
    );
  }

  get words() {
    return `longest arrow: ${digits(this.fastest)} ${this.unit}`;
  }

  // Those from a frame to the next one; none after the last.
  draw(moment, { arrows }) {
    this.node.toggleAttribute("hidden", !arrows);
    if (!arrows || this.drawn === moment) return;
    this.drawn = moment;
    const d = this.#paths(moment);
    for (const path of this.node.children) path.setAttribute("d", d);
  }

  #paths(moment) {
    const { rows, columns, flow } = this;
    const start = moment * rows * columns * 2;
    const paths = [];
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const at = start + (row * columns + column) * 2;
        if (at >= flow.length) return "";
        const [right, down] = [flow[at] / 127, flow[at + 1] / 127];
        if (Math.hypot(right, down) > SLOWEST) paths.push(arrow(column + 0.5, row + 0.5, right, down));
      }
    }
    return paths.join("");
  }
}

// A line with a head, from a place by a step; the longest is one field long.
function arrow(x, y, right, down) {
  const length = Math.hypot(right, down);
  const head = Math.max(HEAD * length, LEAST_HEAD);
  const [ux, uy] = [right / length, down / length];
  const [tx, ty] = [x + right, y + down];
  const side = (turn) => {
    const [dx, dy] = [-ux - turn * uy, -uy + turn * ux];
    return `${(tx + head * dx * 0.8).toFixed(3)} ${(ty + head * dy * 0.8).toFixed(3)}`;
  };
  const tip = `${tx.toFixed(3)} ${ty.toFixed(3)}`;
  return `M${x} ${y}L${tip}M${side(0.7)}L${tip}L${side(-0.7)}`;
}
