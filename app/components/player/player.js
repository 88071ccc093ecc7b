// The player: one moment and a few settings, and everything on screen drawn from them.
import { html } from "./dom.js";
import { bytes, decodeMaps } from "./heat.js";
import { Chart, margins } from "./chart.js";
import { Pane } from "./pane.js";
import { Pictures } from "./picture.js";
import { Ruler } from "./ruler.js";
import { Scrubber } from "./scrubber.js";
import { arranged } from "./shape.js";
import { Stage } from "./stage.js";
import { Clock, nearest } from "./time.js";
import { Transport } from "./transport.js";

const DEFAULTS = {
  moment: 0,
  shown: 0, // whose map lies on the clip; -1 for none
  filled: false, // with the part that the networks see
  arrows: false,
  opacity: 0.8,
  contour: true,
  speed: 1,
  scale: "clip",
  loop: true,
  direction: 1,
};
const SCALES = ["frame", "clip", "all"];
const REST_MS = 100;
const KEYS = "← → step · space plays · home, end";
const KEYS_OF_MAPS = "1 to 9 whose map, 0 none · + − map opacity · s scale · c line";
const KEY_OF_ARROWS = "a arrows";
const KEY_OF_PART = "f networks' part";

// By the key that Python gives: a player that is drawn again goes on where it was.
const remembered = new Map();
const players = new WeakMap();

class Player {
  constructor(root) {
    this.root = root;
    this.calls = 0;
    this.listening = new AbortController();
    const { signal } = this.listening;
    root.addEventListener("keydown", (event) => this.#press(event), { signal });
    this.observer = new ResizeObserver(() => this.#fit());
    this.observer.observe(root);
    addEventListener("resize", () => this.#fit(), { signal }); // the clip keeps within its height
    addEventListener("beforeprint", () => this.#fit(), { signal }); // no observer is called in time
  }

  // Draw new data. The old picture stays until the new frames are decoded, so nothing flashes.
  // `ask` tells Python that somebody plays the clip; there is none in a report.
  async show(view, ask) {
    this.calls += 1;
    const call = this.calls;
    const same = this.view?.frames.join() === view.frames.join();
    const images = same ? this.pictures.images : await Promise.all(view.frames.map(decodeFrame));
    if (call !== this.calls || this.listening.signal.aborted) return;
    const times = view.seconds.join(" ");
    const settings = remembered.get(view.key) ?? { ...DEFAULTS };
    const sameTimes = settings.times === times && settings.moment < view.seconds.length;
    if (!sameTimes) Object.assign(settings, { moment: view.moment, times });
    if (settings.scale === "all" && view.overlays.length < 2) settings.scale = "clip";
    if (settings.shown >= view.overlays.length) settings.shown = Math.min(0, view.overlays.length - 1);
    remembered.set(view.key, settings);
    const playing = sameTimes && this.clock?.running;
    const reached = this.clock?.time;
    this.clock?.stop();
    this.pictures?.stop();
    Object.assign(this, { view, settings, ask });
    this.pictures = new Pictures({ images, view });
    this.clock = new Clock({
      duration: view.duration,
      pace: () => settings,
      onTime: (time) => this.#go(time),
      onEnd: () => this.#draw(),
    });
    this.#build();
    if (playing) this.clock.start(reached);
    this.#draw();
  }

  destroy() {
    this.listening.abort();
    this.observer.disconnect();
    this.clock?.stop();
    this.pictures?.stop();
    clearTimeout(this.resting);
  }

  #build() {
    const { view, settings, root } = this;
    const onMoment = (moment) => this.#jump(moment);
    this.#makePictures();
    this.scrubber = new Scrubber({ view, onMoment });
    this.ruler = view.rails.length ? new Ruler({ view, onMoment }) : null;
    this.transport = new Transport({
      view,
      settings,
      on: {
        play: (direction) => this.#toggle(direction),
        step: (by) => this.#step(by),
        change: (changes) => this.#change(changes),
      },
    });
    this.row = html("div", { class: "panes" }, ...this.panes.map((pane) => pane.node));
    this.first = html("div", { class: "first" }, this.stage.node, ...(this.panes.length ? [this.row] : []));
    const groups = this.#makeCharts(onMoment);
    const focused = root.getRootNode().activeElement?.dataset.testid;
    root.setAttribute("aria-label", `Clip player: ${view.title}`);
    root.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Space Home End Plus Minus S C A F");
    root.replaceChildren(
      this.first,
      html("div", { class: "deck" }, this.scrubber.node, this.transport.node),
      html("div", { class: "options" }, this.transport.settings, html("p", { class: "keys" }, this.#keys())),
      ...(this.ruler ? [this.ruler.node] : []),
      ...(groups.length ? [html("div", { class: "charts" }, ...groups)] : []),
    );
    if (focused) root.querySelector(`[data-testid="${focused}"]`)?.focus();
    this.width = 0;
    this.fitted = "";
    this.#fit();
  }

  #keys() {
    const { overlays, arrows } = this.view;
    return [
      KEYS,
      ...(overlays.length ? [KEYS_OF_MAPS] : []),
      ...(arrows ? [KEY_OF_ARROWS] : []),
      ...(this.stage.cut ? [KEY_OF_PART] : []),
    ].join(" · ");
  }

  #makePictures() {
    const { view } = this;
    const ramp = bytes(view.ramp);
    const top = Math.max(0, ...view.overlays.map((overlay) => overlay.scale));
    const overlays = view.overlays.map(decodeMaps);
    this.stage = new Stage({ view, overlays, ramp, top });
    this.panes = view.overlays.map(({ name, colour, headline }, i) => {
      const onPick = () => this.#show(i);
      const maps = overlays[i];
      return new Pane({ index: i + 1, name, colour, headline, view, maps, ramp, top, onPick });
    });
    if (view.backwards) {
      const bare = { name: "Backwards", colour: "var(--st-text-color)", headline: "", maps: null };
      this.panes.push(new Pane({ index: this.panes.length + 1, ...bare, view, ramp, top }));
    }
  }

  // One column a group, in the order in which groups first appear.
  #makeCharts(onMoment) {
    const { view } = this;
    const margin = margins(view.charts);
    const names = [...new Set(view.charts.map((chart) => chart.group))];
    this.charts = [];
    return names.map((name) => {
      const members = view.charts.filter((chart) => chart.group === name);
      const charts = members.map((spec, i) => {
        const index = view.charts.indexOf(spec);
        const last = i === members.length - 1;
        return new Chart({ index, spec, view, margin, last, onMoment });
      });
      this.charts.push(...charts);
      const heading = name ? [html("h3", {}, name)] : [];
      const nodes = charts.map((chart) => chart.node);
      return html("section", { class: "group", "aria-label": name || null }, ...heading, ...nodes);
    });
  }

  // The clip as large as leaves the maps beside it a size that can be read.
  #fit() {
    const width = this.root.clientWidth;
    const asked = `${width} ${innerHeight} ${this.settings?.filled}`;
    if (!this.view || width === 0 || asked === this.fitted) return;
    this.fitted = asked;
    const aspect = this.stage.aspect(this.settings);
    const count = this.panes.length;
    const { beside, stage, pane, columns } = arranged({
      width,
      height: innerHeight,
      aspect,
      count,
      equal: this.view.backwards,
    });
    this.first.classList.toggle("beside", beside);
    this.stage.node.style.setProperty("--wide", `${Math.floor(stage)}px`);
    this.stage.picture.style.aspectRatio = aspect;
    this.row.style.setProperty("--columns", columns);
    this.row.style.setProperty("--pane", `${Math.floor(pane)}px`);
    if (width === this.width) return;
    this.width = width;
    if (this.ruler) {
      this.ruler.resize(this.ruler.node.clientWidth);
      this.ruler.draw(this.settings.moment);
    }
    for (const chart of this.charts) {
      chart.resize(chart.node.clientWidth);
      chart.draw(this.settings.moment);
    }
  }

  #draw() {
    const { root, settings, clock, view } = this;
    const { moment } = settings;
    root.dataset.moment = moment;
    root.dataset.playing = clock.running;
    this.#fit();
    this.#picture();
    for (const chart of this.charts) chart.draw(moment);
    this.ruler?.draw(moment);
    this.transport.draw(moment, settings, clock.running);
    if (view.linked) this.#link();
  }

  // The clip and the maps over it: of a sample where the clip stands, at the clock's time else.
  #picture() {
    const { settings, clock, pictures } = this;
    const { moment } = settings;
    const time = pictures.at(moment, clock.running ? clock.time : null, settings);
    this.stage.draw(pictures, { moment, time, settings });
    this.panes.forEach((pane, i) => {
      pane.draw(pictures, { moment, time, settings, shown: i === settings.shown });
    });
    this.scrubber.draw(moment, clock.running ? clock.time : null);
  }

  // Browsers ignore addresses that follow each other too fast: it gets the moment that rests.
  #link() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (!this.clock.running) putMomentInAddress(this.settings.moment, this.view.opening);
    }, REST_MS);
  }

  #change(changes) {
    Object.assign(this.settings, changes);
    this.#draw();
  }

  #go(time) {
    const moment = nearest(this.view.seconds, time);
    if (moment === this.settings.moment) this.#picture();
    else this.#change({ moment });
  }

  // Whose map lies on the clip; the same again takes it off.
  #show(index) {
    this.#change({ shown: index === this.settings.shown ? -1 : index });
  }

  #jump(moment) {
    this.clock.stop();
    this.#change({ moment });
  }

  #step(by) {
    const last = this.view.seconds.length - 1;
    this.#jump(Math.min(Math.max(this.settings.moment + by, 0), last));
  }

  #nextScale() {
    const scales = SCALES.filter((scale) => scale !== "all" || this.view.overlays.length > 1);
    const at = scales.indexOf(this.settings.scale);
    this.#change({ scale: scales[(at + 1) % scales.length] });
  }

  #toggle(direction) {
    const { clock, settings, view } = this;
    const stop = clock.running && settings.direction === direction;
    if (stop) clock.stop();
    else {
      settings.direction = direction;
      const end = direction > 0 ? view.seconds.length - 1 : 0;
      const atEnd = settings.moment === end;
      const start = direction > 0 ? 0 : view.duration;
      clock.start(atEnd ? start : view.seconds[settings.moment]);
      if (direction > 0 && view.filmed && !view.film) this.ask?.();
    }
    this.#draw();
  }

  #press(event) {
    const { target, key } = event;
    if (!this.view || event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.matches("input, select") || (key === " " && target.matches("button"))) return;
    if (!this.view.overlays.length && "sc0123456789".includes(key)) return;
    if (!this.view.arrows && key === "a") return;
    if (!this.stage.cut && key === "f") return;
    const { opacity, direction } = this.settings;
    const fade = (by) => this.#change({ opacity: Math.min(Math.max(opacity + by, 0), 1) });
    const actions = {
      ArrowLeft: () => this.#step(-1),
      ArrowRight: () => this.#step(1),
      Home: () => this.#jump(0),
      End: () => this.#jump(this.view.seconds.length - 1),
      " ": () => this.#toggle(direction),
      "+": () => fade(0.1),
      "=": () => fade(0.1),
      "-": () => fade(-0.1),
      s: () => this.#nextScale(),
      c: () => this.#change({ contour: !this.settings.contour }),
      a: () => this.#change({ arrows: !this.settings.arrows }),
      f: () => this.#change({ filled: !this.settings.filled }),
      0: () => this.#change({ shown: -1 }),
    };
    this.view.overlays.forEach((_, i) => {
      actions[i + 1] = () => this.#change({ shown: i });
    });
    if (!Object.hasOwn(actions, key)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[key]();
  }
}

// A copied address opens at this moment, unless the clip opens there anyway.
function putMomentInAddress(moment, opening) {
  const url = new URL(window.location.href);
  if (moment !== opening) url.searchParams.set("moment", moment);
  else url.searchParams.delete("moment");
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}

async function decodeFrame(base64) {
  const image = new Image();
  image.src = `data:image/jpeg;base64,${base64}`;
  await image.decode();
  return createImageBitmap(image); // else the browser may decode it again for every picture
}

// Streamlit calls this for every new `data`, and the returned function when the element goes. A
// call that a newer one has overtaken is told to clean up too, and must then leave the player be.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root));
  const player = players.get(root);
  player.show(data, setTriggerValue && (() => setTriggerValue("played", true)));
  const call = player.calls;
  return () => {
    if (call !== player.calls) return;
    player.destroy();
    players.delete(root);
  };
}
