// The player: one moment and a few settings, and everything on screen drawn from them.
import { html } from "./dom.js";
import { bytes, decodeMaps } from "./heat.js";
import { Chart, margins } from "./chart.js";
import { Pane } from "./pane.js";
import { Ruler } from "./ruler.js";
import { Scrubber } from "./scrubber.js";
import { Clock, nearest } from "./time.js";
import { Transport } from "./transport.js";

const DEFAULTS = {
  moment: 0,
  opacity: 0.8,
  contour: true,
  speed: 1,
  scale: "clip",
  loop: true,
  direction: 1,
};
const SCALES = ["frame", "clip", "all"];
const NARROWEST_PANE = 160;
const REST_MS = 100;
const KEYS = "← → step · space plays · home, end · + − map opacity · s scale · c line";

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
    addEventListener("beforeprint", () => this.#fit(), { signal }); // no observer is called in time
  }

  // Draw new data. The old picture stays until the new frames are decoded, so nothing flashes.
  async show(view) {
    this.calls += 1;
    const call = this.calls;
    const images = await Promise.all(view.frames.map(decodeFrame));
    if (call !== this.calls || this.listening.signal.aborted) return;
    const times = view.seconds.join(" ");
    const settings = remembered.get(view.key) ?? { ...DEFAULTS };
    const sameTimes = settings.times === times && settings.moment < view.seconds.length;
    if (!sameTimes) Object.assign(settings, { moment: view.moment, times });
    if (settings.scale === "all" && view.overlays.length < 2) settings.scale = "clip";
    remembered.set(view.key, settings);
    const playing = sameTimes && this.clock?.running;
    this.clock?.stop();
    Object.assign(this, { view, settings });
    this.clock = new Clock({
      duration: view.duration,
      pace: () => settings,
      onTime: (time) => this.#go(nearest(view.seconds, time)),
      onEnd: () => this.#draw(),
    });
    this.#build(images);
    if (playing) this.clock.start(view.seconds[settings.moment]);
    this.#draw();
  }

  destroy() {
    this.listening.abort();
    this.observer.disconnect();
    this.clock?.stop();
    clearTimeout(this.resting);
  }

  #build(images) {
    const { view, settings, root } = this;
    const onMoment = (moment) => this.#jump(moment);
    this.panes = this.#makePanes(images);
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
    const groups = this.#makeCharts(onMoment);
    const focused = root.getRootNode().activeElement?.dataset.testid;
    root.setAttribute("aria-label", `Clip player: ${view.title}`);
    root.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight Space Home End Plus Minus S C");
    root.replaceChildren(
      this.row,
      html("div", { class: "deck" }, this.scrubber.node, this.transport.node),
      html("div", { class: "options" }, this.transport.settings, html("p", { class: "keys" }, KEYS)),
      ...(this.ruler ? [this.ruler.node] : []),
      ...(groups.length ? [html("div", { class: "charts" }, ...groups)] : []),
    );
    if (focused) root.querySelector(`[data-testid="${focused}"]`)?.focus();
    this.width = 0;
    this.#fit();
  }

  #makePanes(images) {
    const { view } = this;
    const ramp = bytes(view.ramp);
    const top = Math.max(0, ...view.overlays.map((overlay) => overlay.scale));
    const bare = {
      name: view.backwards ? "Forwards" : "Clip",
      colour: "var(--st-text-color)",
      headline: view.note,
    };
    const turned = { ...bare, name: "Backwards", backwards: true };
    const clips = view.backwards ? [bare, turned] : [bare];
    return [...clips, ...view.overlays].map((overlay, index) => {
      const { name, colour, headline, backwards } = overlay;
      const maps = clips.includes(overlay) ? null : decodeMaps(overlay);
      return new Pane({ index, name, colour, headline, images, view, maps, ramp, top, backwards });
    });
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

  // As many panes a row as are wide enough to read, in rows as even as can be.
  #fit() {
    const width = this.root.clientWidth;
    if (!this.view || width === 0 || width === this.width) return;
    this.width = width;
    const most = Math.max(1, Math.min(this.panes.length, Math.floor(width / NARROWEST_PANE)));
    const rows = Math.ceil(this.panes.length / most);
    this.row.style.setProperty("--columns", Math.ceil(this.panes.length / rows));
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
    for (const pane of this.panes) pane.draw(moment, settings);
    for (const chart of this.charts) chart.draw(moment);
    this.scrubber.draw(moment);
    this.ruler?.draw(moment);
    this.transport.draw(moment, settings, clock.running);
    if (view.linked) this.#link();
  }

  // Browsers ignore addresses that follow each other too fast: it gets the moment that rests.
  #link() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (!this.clock.running) putMomentInAddress(this.settings.moment);
    }, REST_MS);
  }

  #change(changes) {
    Object.assign(this.settings, changes);
    this.#draw();
  }

  #go(moment) {
    if (moment !== this.settings.moment) this.#change({ moment });
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
    }
    this.#draw();
  }

  #press(event) {
    const { target, key } = event;
    if (!this.view || event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.matches("input, select") || (key === " " && target.matches("button"))) return;
    if (!this.view.overlays.length && (key === "s" || key === "c")) return;
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
    };
    if (!Object.hasOwn(actions, key)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[key]();
  }
}

// A copied address opens at this moment; the first is where every clip opens anyway.
function putMomentInAddress(moment) {
  const url = new URL(window.location.href);
  if (moment > 0) url.searchParams.set("moment", moment);
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
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root));
  const player = players.get(root);
  player.show(data);
  const call = player.calls;
  return () => {
    if (call !== player.calls) return;
    player.destroy();
    players.delete(root);
  };
}
