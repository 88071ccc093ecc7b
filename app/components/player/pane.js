// A picture beside the clip: the part that a network sees, under its map; or, without one, the whole
// clip with its last frame first.
import { digits, html, inSeconds } from "./dom.js";
import { cover } from "./heat.js";
import { Layer, pointing } from "./layer.js";

const RAMP_STOPS = 16;
const SIDE = 320; // pixels of the canvas: more is not seen at a pane's size

export class Pane {
  // `maps` is null for the clip backwards. `top` is the highest scale among the networks compared.
  constructor({ index, name, colour, headline, view, maps, ramp, top, onPick }) {
    const part = maps ? view.crop : [0, 0, view.width, view.height];
    Object.assign(this, { name, view, maps, ramp, part });
    const named = (part) => ({ "data-testid": `player-${part}-${index}` });
    const [, , wide, high] = part;
    const scale = maps ? Math.min(1, SIDE / Math.max(wide, high)) : 1;
    const [width, height] = [wide, high].map((side) => Math.max(1, Math.round(side * scale)));
    this.canvas = html("canvas", { role: "img", width, height, ...named("canvas") });
    this.layer = maps ? new Layer({ maps, ramp, top, named }) : null;
    this.silence = html("div", { class: "silence", hidden: true, ...named("silence") });
    this.gradient = html("div", { class: "gradient", "aria-hidden": "true" });
    this.limit = html("span", named("limit"));
    this.bar = html("div", { class: "bar" }, html("span", {}, "0"), this.gradient, this.limit);
    this.words = html("p", { class: "words", hidden: Boolean(maps), ...named("words") });
    this.held = html("div", { class: "held", hidden: true, ...named("held") });
    const title = maps ? `Show the map of ${name} on the clip (${index})` : null;
    this.picture = html(
      "div",
      { class: "picture", title, onclick: onPick },
      this.canvas,
      ...(maps ? this.layer.nodes : []),
      this.held,
      this.silence,
    );
    this.node = html(
      "figure",
      { class: "pane", style: `--ink: ${colour}` },
      html(
        "figcaption",
        {},
        html(
          "div",
          { class: "caption" },
          html("span", { class: "name" }, name),
          html("span", { class: "headline", title: headline }, headline),
        ),
      ),
      this.picture,
      html("div", { class: "beneath" }, ...(maps ? [this.bar] : []), this.words),
    );
    if (!maps) return;
    pointing(this.picture, (place) => {
      this.pointed = place;
      this.#read();
    });
  }

  // `pictures` has what the clip shows now, `time` where it plays, null where it stands.
  draw(pictures, { moment, time, settings, shown }) {
    const { view, canvas, maps, layer } = this;
    const context = canvas.getContext("2d");
    const box = [0, 0, canvas.width, canvas.height];
    if (!maps) {
      this.#turned(context, box, { pictures, moment });
      return;
    }
    pictures.draw(context, this.part, box);
    const seconds = view.seconds[moment];
    layer.draw(context, box, { seconds, time, settings });
    canvas.dataset.moment = moment;
    canvas.dataset.seconds = seconds;
    canvas.dataset.map = layer.map;
    canvas.dataset.mapSeconds = maps.seconds[layer.map];
    const frame = `frame ${view.positions[moment]} · ${inSeconds(seconds)}`;
    canvas.setAttribute("aria-label", `${this.name}, ${frame}, ${layer.spoken}`);
    this.node.classList.toggle("shown", shown);
    this.#describe(settings.opacity);
    const away = Math.abs(maps.seconds[layer.map] - seconds) >= 0.005;
    this.held.hidden = maps.empty || time !== null || !away;
    this.held.textContent = `map of ${inSeconds(maps.seconds[layer.map])}`;
    this.#read();
  }

  // The sample that is as far from the last as this one is from the first.
  #turned(context, box, { pictures, moment }) {
    const { view, canvas } = this;
    const turned = view.seconds.length - 1 - moment;
    context.drawImage(pictures.images[turned], ...box);
    canvas.dataset.moment = moment;
    canvas.dataset.seconds = view.seconds[turned];
    const frame = `frame ${view.positions[turned]} · ${inSeconds(view.seconds[turned])}`;
    canvas.setAttribute("aria-label", `${this.name}, ${frame}`);
    this.words.textContent = frame;
  }

  // The colour bar, or the words that stand for it where there is nothing to colour.
  #describe(opacity) {
    const { layer } = this;
    if (opacity !== this.opacity) this.#shade(opacity);
    this.limit.textContent = digits(layer.scale);
    this.bar.style.visibility = layer.scale > 0 ? "visible" : "hidden";
    this.silence.hidden = layer.peak > 0;
    this.silence.textContent = layer.silent;
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

  // The cell under the pointer in place of the colour bar.
  #read() {
    const words = this.layer.read(this.pointed ?? null);
    this.words.textContent = words;
    this.words.hidden = !words;
    this.bar.hidden = Boolean(words);
  }
}
