// The line of time, with a tick at every sample; dragging snaps to the nearest.
import { html, inSeconds } from "./dom.js";
import { nearest } from "./time.js";

// Calls `onTime(share)` with the place in [0, 1] while the pointer is down on `node`.
export function dragAlong(node, area, onShare) {
  const report = (event) => {
    const { left, width } = area();
    onShare(Math.min(Math.max((event.clientX - left) / width, 0), 1));
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    node.setPointerCapture(event.pointerId);
    report(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) report(event);
  });
}

export class Scrubber {
  constructor({ view, onMoment }) {
    this.view = view;
    const share = (seconds) => (view.duration > 0 ? (100 * seconds) / view.duration : 0);
    this.share = share;
    this.thumb = html("div", { class: "thumb" });
    this.played = html("div", { class: "played" });
    const ticks = view.seconds.map((seconds) => {
      return html("div", { class: "tick", style: `left: ${share(seconds)}%` });
    });
    if (view.why) {
      const place = `left: ${share(view.seconds[view.opening])}%`;
      ticks.push(html("div", { class: "most", style: place, title: view.why, "aria-hidden": "true" }, "▼"));
    }
    const rail = html("div", { class: "rail" }, this.played, ...ticks, this.thumb);
    this.slider = html(
      "div",
      {
        class: "slider",
        role: "slider",
        tabindex: 0,
        "aria-label": "Time in the clip",
        "aria-valuemin": 0,
        "aria-valuemax": view.duration.toFixed(2),
        "data-testid": "player-scrubber",
      },
      rail,
    );
    this.node = html(
      "div",
      { class: "scrubber" },
      html("span", {}, "0 s"),
      this.slider,
      html("span", {}, inSeconds(view.duration)),
    );
    dragAlong(this.slider, () => rail.getBoundingClientRect(), (place) => {
      onMoment(nearest(view.seconds, place * view.duration));
    });
  }

  // The thumb follows the clock where it runs; what is read out is the sample.
  draw(moment, time) {
    const { view } = this;
    const seconds = view.seconds[moment];
    this.thumb.style.left = `${this.share(time ?? seconds)}%`;
    this.played.style.width = `${this.share(time ?? seconds)}%`;
    if (this.slider.dataset.moment === String(moment)) return;
    this.slider.dataset.moment = moment;
    this.slider.setAttribute("aria-valuenow", seconds.toFixed(2));
    this.slider.setAttribute(
      "aria-valuetext",
      `${seconds.toFixed(2)} seconds, sample ${moment + 1} of ${view.seconds.length}`,
    );
  }
}
