// Which sample belongs to a time, and a clock that runs through them at the clip's own pace.

// Index of the time nearest to `moment`; between two equally near, the earlier.
export function nearest(seconds, moment) {
  let best = 0;
  for (let i = 1; i < seconds.length; i += 1) {
    if (Math.abs(seconds[i] - moment) < Math.abs(seconds[best] - moment)) best = i;
  }
  return best;
}

// The two times that `moment` lies between and how far it is towards the second; beyond the first
// and the last both are the same.
export function neighbours(seconds, moment) {
  const last = seconds.length - 1;
  const after = seconds.findIndex((second) => second > moment);
  if (after === 0) return [0, 0, 0];
  if (after < 0) return [last, last, 0];
  const before = after - 1;
  return [before, after, (moment - seconds[before]) / (seconds[after] - seconds[before])];
}

// The raw map at a time: mixed evenly from the maps before and after it, exact at their own times.
export function mapAt({ grids, peaks, seconds }, time) {
  const [before, after, share] = neighbours(seconds, time);
  if (share === 0) return { grid: grids[before], peak: peaks[before] };
  const grid = grids[before].map((value, i) => value * (1 - share) + grids[after][i] * share);
  return { grid, peak: grid.reduce((most, value) => Math.max(most, value), 0) };
}

// Where the clock is after `step` seconds (negative runs backwards), and whether it ran out.
export function advance(time, step, duration, loop) {
  const next = time + step;
  if (next >= 0 && next <= duration) return { time: next, ended: false };
  if (loop && duration > 0) return { time: ((next % duration) + duration) % duration, ended: false };
  return { time: Math.min(Math.max(next, 0), duration), ended: true };
}

export class Clock {
  // `pace()` gives {speed, direction, loop} at every tick, so that they can change while it runs.
  constructor({ duration, pace, onTime, onEnd }) {
    Object.assign(this, { duration, pace, onTime, onEnd });
    this.request = 0;
  }

  get running() {
    return this.request !== 0;
  }

  start(time) {
    this.stop();
    this.time = time;
    let before = performance.now();
    const tick = (now) => {
      const { speed, direction, loop } = this.pace();
      const elapsed = (Math.max(0, now - before) / 1000) * speed * direction;
      before = now;
      const { time: reached, ended } = advance(this.time, elapsed, this.duration, loop);
      this.time = reached;
      this.request = ended ? 0 : requestAnimationFrame(tick);
      this.onTime(reached);
      if (ended) this.onEnd();
    };
    this.request = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.request = 0;
  }
}
