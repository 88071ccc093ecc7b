// From the source's frames to those that were sampled, to each path's, to the index of its mask: one
// line each on the clip's seconds, so that a mask's third number can be found in the video.
import { html, inSeconds, svg } from "./dom.js";
import { dragAlong } from "./scrubber.js";
import { nearest } from "./time.js";

const ROW = 22;
const LEFT = 206;
const RIGHT = 20;
const TIMES_ROOM = 22;
const CLOSEST = 14;

export class Ruler {
  constructor({ view, onMoment }) {
    this.view = view;
    const words = view.rails.map(({ label, seconds }) => `${label}: ${seconds.length} frames`);
    this.frame = svg("svg", {
      role: "img",
      "data-testid": "player-ruler",
      "aria-label": `From source to masks, in seconds. ${words.join(". ")}`,
    });
    const badges = view.badges.map((text) => html("p", { class: "badge" }, text));
    this.node = html("div", { class: "ruler" }, ...badges, this.frame);
    dragAlong(this.frame, () => this.#area(), (share) => {
      onMoment(nearest(view.seconds, share * view.duration));
    });
  }

  #area() {
    const box = this.frame.getBoundingClientRect();
    return { left: box.left + LEFT, width: this.width - LEFT - RIGHT };
  }

  #x(seconds) {
    const { duration } = this.view;
    return LEFT + (duration > 0 ? seconds / duration : 0) * (this.width - LEFT - RIGHT);
  }

  resize(width) {
    this.width = width;
    const { rails } = this.view;
    const height = rails.length * ROW + TIMES_ROOM;
    this.frame.setAttribute("width", width);
    this.frame.setAttribute("height", height);
    this.marker = svg("line", { class: "marker", y1: 2, y2: rails.length * ROW });
    const lines = rails.flatMap((rail, row) => this.#rail(rail, row * ROW + ROW / 2));
    this.frame.replaceChildren(...lines, this.marker, ...this.#times(rails.length * ROW + 15));
  }

  #rail({ label, seconds, names }, y) {
    const parts = [
      svg("text", { class: "axis", x: LEFT - 10, y: y + 4, "text-anchor": "end" }, label),
      svg("line", { class: "grid", x1: LEFT, x2: this.width - RIGHT, y1: y, y2: y }),
    ];
    let free = -Infinity;
    seconds.forEach((second, i) => {
      const x = this.#x(second);
      const named = names.length > 0 && x >= free;
      const tick = svg("g", { class: names.length ? "stop" : "frame" });
      if (named) {
        const text = svg("text", { class: "axis", x: x + 4, y: y - 1 }, String(names[i]));
        free = x + CLOSEST + 6 * String(names[i]).length;
        tick.append(text);
      }
      tick.append(
        svg("line", { class: "sample", x1: x, x2: x, y1: y - (names.length ? 7 : 3), y2: y + (names.length ? 7 : 3) }),
        svg("title", {}, `${label} ${names[i] ?? i}, ${inSeconds(second)}`),
      );
      parts.push(tick);
    });
    return parts;
  }

  #times(y) {
    const { duration } = this.view;
    return [0, 0.25, 0.5, 0.75, 1].map((share) => {
      const at = { class: "axis", x: this.#x(share * duration), y, "text-anchor": "middle" };
      return svg("text", at, inSeconds(share * duration));
    });
  }

  draw(moment) {
    const x = this.#x(this.view.seconds[moment]);
    this.marker.setAttribute("x1", x);
    this.marker.setAttribute("x2", x);
  }
}
