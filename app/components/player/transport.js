// Buttons, readout and settings. They only call back; the player decides.
import { html, inSeconds, svg } from "./dom.js";

const ICONS = {
  back: "M6 5v14M19 5l-10 7 10 7z",
  forward: "M18 5v14M5 5l10 7-10 7z",
  play: "M7 4.5l12 7.5-12 7.5z",
  reverse: "M17 4.5L5 12l12 7.5z",
  pause: "M8 5v14M16 5v14",
  loop: "M4 11a7 7 0 0 1 7-6h7m-3-3l3 3-3 3M20 13a7 7 0 0 1-7 6H6m3 3l-3-3 3-3",
};

const SPEEDS = [0.25, 0.5, 1, 2];

function icon(name) {
  const path = svg("path", { d: ICONS[name] });
  const outlined = name === "loop" ? "icon line" : "icon";
  return svg("svg", { class: outlined, viewBox: "0 0 24 24", "aria-hidden": "true" }, path);
}

function button(name, label, onclick) {
  return html(
    "button",
    { type: "button", "aria-label": label, title: label, "data-testid": `player-${name}`, onclick },
    icon(name),
  );
}

function choice(testid, label, options, value, onPick) {
  const select = html(
    "select",
    { "data-testid": testid, onchange: (event) => onPick(event.target.value) },
    ...options.map(([key, words, disabled]) => html("option", { value: key, disabled }, words)),
  );
  select.value = value;
  return html("label", {}, html("span", {}, label), select);
}

function check(name, words, onCheck) {
  const box = html("input", {
    type: "checkbox",
    "data-testid": `player-${name}`,
    onchange: (event) => onCheck(event.target.checked),
  });
  return html("label", {}, box, html("span", {}, words));
}

export class Transport {
  constructor({ view, settings, on }) {
    this.view = view;
    this.play = button("play", "Play", () => on.play(1));
    this.reverse = button("reverse", "Play backwards", () => on.play(-1));
    this.loop = button("loop", "Repeat", () => on.change({ loop: !settings.loop }));
    this.readout = html("p", {
      class: "readout",
      role: "status",
      "data-testid": "player-readout",
    });
    this.node = html(
      "div",
      { class: "transport" },
      html(
        "div",
        { class: "buttons", role: "toolbar", "aria-label": "Playback" },
        button("back", "Step back", () => on.step(-1)),
        this.reverse,
        this.play,
        button("forward", "Step forward", () => on.step(1)),
        this.loop,
      ),
      this.readout,
    );
    this.settings = this.#settings(settings, on);
  }

  #settings(settings, on) {
    const { overlays, arrows, crop, width, height } = this.view;
    const compared = overlays.length;
    const speeds = SPEEDS.map((speed) => [speed, `${speed}×`]);
    const node = html(
      "div",
      { class: "settings" },
      choice("player-speed", "Speed", speeds, settings.speed, (value) => {
        on.change({ speed: Number(value) });
      }),
    );
    const [, , wide, high] = crop;
    this.checks = [
      ["filled", "Networks' part alone", wide < 0.995 * width || high < 0.995 * height],
      ["arrows", "Arrows of motion", Boolean(arrows)],
      ["contour", "Line at half of the scale", compared > 0],
    ]
      .filter(([, , offered]) => offered)
      .map(([name, words]) => [name, check(name, words, (on_) => on.change({ [name]: on_ }))]);
    const checks = this.checks.map(([, label]) => label);
    if (!compared) {
      node.append(...checks);
      return node;
    }
    const maps = [[-1, "none"], ...overlays.map(({ name }, i) => [i, name])];
    this.shown = choice("player-shown", "Map on the clip", maps, settings.shown, (shown) => {
      on.change({ shown: Number(shown) });
    });
    const scales = [
      ["frame", "this frame"],
      ["clip", "whole clip"],
      ["all", "all networks", compared < 2],
    ];
    this.opacity = html("input", {
      type: "range",
      min: 0,
      max: 100,
      step: 5,
      "data-testid": "player-opacity",
      oninput: (event) => on.change({ opacity: Number(event.target.value) / 100 }),
    });
    this.scale = choice("player-scale", "Map scale", scales, settings.scale, (scale) => {
      on.change({ scale });
    });
    node.append(
      this.shown,
      this.scale,
      html("label", {}, html("span", {}, "Map opacity"), this.opacity),
      ...checks,
    );
    return node;
  }

  draw(moment, settings, playing) {
    const { view } = this;
    const toggles = [
      [this.play, "play", "Play", 1],
      [this.reverse, "reverse", "Play backwards", -1],
    ];
    for (const [node, name, label, direction] of toggles) {
      const active = playing && settings.direction === direction;
      if (node.dataset.active === String(active)) continue;
      node.dataset.active = active;
      node.replaceChildren(icon(active ? "pause" : name));
      node.setAttribute("aria-label", active ? "Pause" : label);
      node.title = active ? "Pause" : label;
    }
    this.loop.setAttribute("aria-pressed", String(settings.loop));
    if (this.opacity) {
      this.opacity.value = Math.round(settings.opacity * 100);
      this.shown.querySelector("select").value = settings.shown;
      this.scale.querySelector("select").value = settings.scale;
    }
    for (const [name, label] of this.checks) label.firstChild.checked = settings[name];
    // Read out when someone steps, not twenty times while it plays.
    this.readout.setAttribute("aria-live", playing ? "off" : "polite");
    this.readout.textContent = [
      `frame ${view.positions[moment]}`,
      inSeconds(view.seconds[moment]),
      `sample ${moment + 1} of ${view.seconds.length}`,
    ].join(" · ");
  }
}
