// The clip itself: the whole picture, the part that networks see outlined, one map over it.
import { html, inSeconds } from "./dom.js";
import { Arrows } from "./arrows.js";
import { Layer, pointing } from "./layer.js";
import { neighbours } from "./time.js";

const ALL = 0.995; // of a side: what is cut off is not seen

export class Stage {
  constructor({ view, overlays, ramp, top }) {
    Object.assign(this, { view });
    const named = (part) => ({ "data-testid": `player-${part}-0` });
    this.canvas = html("canvas", { role: "img", ...named("canvas") });
    this.layers = overlays.map((maps) => new Layer({ maps, ramp, top, named }));
    this.arrows = view.arrows ? new Arrows(view.arrows) : null;
    this.label = html("span", { class: "seen-name" }, "what the networks see");
    this.over = html("div", { class: "over-map" });
    this.seen = html("div", { class: "seen", "data-testid": "player-seen" }, this.over, this.label);
    this.picture = html("div", { class: "picture" }, this.canvas, this.seen);
    this.words = html("p", { class: "words", role: "note", ...named("words") });
    this.name = html("span", { class: "map-name" });
    const heading = html("div", { class: "heading" }, html("span", { class: "name" }, "Forwards"));
    this.node = html(
      "figure",
      { class: "stage", style: "--ink: var(--st-text-color)" },
      ...(view.backwards ? [heading] : []),
      this.picture,
      html("figcaption", { class: "beneath" }, this.name, this.words),
    );
    const [, , wide, high] = view.crop;
    this.cut = wide < ALL * view.width || high < ALL * view.height;
    pointing(this.seen, (place) => {
      this.pointed = place;
      this.#read();
    });
  }

  // Width by height of what is shown.
  aspect({ filled }) {
    const [, , wide, high] = this.view.crop;
    return filled ? wide / high : this.view.width / this.view.height;
  }

  draw(still, { moment, time, settings }) {
    const { view, canvas } = this;
    const { shown, filled } = settings;
    const part = filled ? view.crop : [0, 0, view.width, view.height];
    const [left, top, wide, high] = part;
    const [width, height] = [Math.round(wide), Math.round(high)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    still.draw(context, part, [0, 0, width, height]);
    const [x, y, across, down] = view.crop;
    const box = [x - left, y - top, across, down];
    this.#frame(box, { width: wide, height: high, filled });
    const seconds = view.seconds[moment];
    this.layer = this.layers[shown] ?? null;
    this.layer?.draw(context, box, { seconds, time, settings });
    this.arrows?.draw(time === null ? moment : neighbours(view.seconds, time)[0], settings);
    const nodes = [...(this.layer?.nodes ?? []), ...(this.arrows ? [this.arrows.node] : [])];
    if (nodes.some((node, i) => node !== this.over.children[i])) this.over.replaceChildren(...nodes);
    canvas.dataset.moment = moment;
    canvas.dataset.seconds = seconds;
    canvas.dataset.film = still.filmed;
    this.seconds = seconds;
    const frame = `frame ${view.positions[moment]} · ${inSeconds(seconds)}`;
    const map = this.layer ? `, map of ${view.overlays[shown].name}, ${this.layer.spoken}` : "";
    canvas.setAttribute("aria-label", `${view.backwards ? "Forwards" : "Clip"}, ${frame}${map}`);
    this.name.textContent = this.layer ? `Map of ${view.overlays[shown].name}` : "Clip";
    this.name.style.setProperty("--of", this.layer ? view.overlays[shown].colour : "transparent");
    this.settings = settings;
    this.#read();
  }

  // Where the networks' part lies on the picture; outlined where it is not all of it.
  #frame([x, y, across, down], { width, height, filled }) {
    const outlined = this.cut && !filled;
    this.seen.classList.toggle("outlined", outlined);
    this.label.hidden = !outlined;
    Object.assign(this.seen.style, {
      left: `${(100 * x) / width}%`,
      top: `${(100 * y) / height}%`,
      width: `${(100 * across) / width}%`,
      height: `${(100 * down) / height}%`,
    });
  }

  // What is shown, or the value of the cell that is pointed at.
  #read() {
    const cell = this.layer?.read(this.pointed ?? null);
    const arrows = this.settings.arrows && this.arrows ? this.arrows.words : "";
    const note = this.cut || !this.view.note ? this.view.note : "";
    const size = `${this.view.width} × ${this.view.height} pixels`;
    this.words.textContent = cell || [size, note, arrows].filter(Boolean).join(" · ");
    this.words.title = [this.words.textContent, this.view.why].filter(Boolean).join("\n");
  }
}
