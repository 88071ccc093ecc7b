// How large the clip and the maps beside it are drawn, so that both are seen at once.

const GAP = 20; // between the clip and the panes
const BETWEEN = 14; // panes
const WORDS = 82; // pixels of a pane above and beneath its picture
const LEAST = 110; // of a pane's picture, where there is the room
const MOST = 300;
const AROUND = 460; // pixels of a window's height that the clip leaves to answers and controls
const [LOWEST, HIGHEST] = [240, 560];
const NARROW = 640; // below, panes stand beneath the clip
const NARROWEST_PANE = 160;

// `equal` is for a clip and the same backwards.
export function arranged({ width, height, aspect, count, equal = false }) {
  const most = Math.min(Math.max(height - AROUND, LOWEST), HIGHEST);
  if (count === 0) return { beside: false, stage: Math.min(width, most * aspect), pane: 0, columns: 1 };
  if (equal) {
    const both = Math.min((width - GAP) / 2, most * aspect);
    return { beside: true, stage: both, pane: both, columns: 1 };
  }
  if (width < NARROW) {
    const across = Math.max(1, Math.min(count, Math.floor(width / NARROWEST_PANE)));
    const columns = Math.ceil(count / Math.ceil(count / across));
    const pane = Math.min(MOST, (width - (columns - 1) * BETWEEN) / columns);
    return { beside: false, stage: Math.min(width, most * aspect), pane, columns };
  }
  let best = null;
  for (let rows = 1; rows <= count; rows += 1) {
    const columns = Math.ceil(count / rows);
    const found = beside({ width, most, aspect, rows, columns });
    if (!best || found.worth > best.worth) best = found;
  }
  return { beside: true, ...best };
}

// The tallest clip beside panes that end where it ends; panes are never smaller than can be read.
function beside({ width, most, aspect, rows, columns }) {
  const gaps = GAP + (columns - 1) * BETWEEN;
  const pane = (high) => Math.min(MOST, Math.max(LEAST, (high + 30) / rows - WORDS));
  let high = most;
  while (high > 120 && high * aspect + gaps + columns * pane(high) > width) high -= 2;
  const room = (width - gaps - high * aspect) / columns;
  const side = Math.max(60, Math.min(pane(high), room));
  const over = Math.max(0, rows * (side + WORDS) - high - 30);
  return { stage: high * aspect, pane: side, columns, worth: high + side - over };
}
