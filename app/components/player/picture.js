// What the clip shows: a sampled frame while it stands, the film of all frames while it plays.
import { html } from "./dom.js";

const APART = 0.12; // seconds that film and clock may differ

export class Pictures {
  constructor({ images, view }) {
    Object.assign(this, { images, view });
    this.still = images[view.moment];
    this.filmed = false;
    if (view.film) {
      const source = new URL(view.film, document.baseURI).href;
      this.video = html("video", { src: source, preload: "auto", playsinline: true });
      this.video.muted = true;
    }
  }

  // The picture of a sample; or, at a time of the running clock, that of the film where it is there.
  at(moment, time, { speed, direction }) {
    const { video } = this;
    this.still = this.images[moment];
    this.filmed = false;
    if (time === null || direction < 0 || !video || video.readyState < 2) {
      video?.pause();
      return time;
    }
    video.playbackRate = speed;
    if (video.paused) video.play().catch(() => {});
    const apart = Math.abs(video.currentTime - time) > APART && !video.ended;
    if (apart && !video.seeking) video.currentTime = Math.min(time, video.duration - 0.001);
    this.filmed = !apart;
    return this.filmed ? Math.min(video.currentTime, this.view.duration) : time;
  }

  stop() {
    this.video?.pause();
    this.video?.removeAttribute("src");
  }

  // A part of the picture, in the view's pixels, into a box of the context.
  draw(context, [left, top, width, height], box) {
    const source = this.filmed ? this.video : this.still;
    const across = (this.filmed ? this.video.videoWidth : this.still.width) / this.view.width;
    const down = (this.filmed ? this.video.videoHeight : this.still.height) / this.view.height;
    context.imageSmoothingQuality = "high";
    context.drawImage(source, left * across, top * down, width * across, height * down, ...box);
  }
}
