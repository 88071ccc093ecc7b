// Class activation maps: small grids of raw values, enlarged and coloured here.

export function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

// A clip's maps with their raw values back: level 255 of each map stands for its own peak.
export function decodeMaps({ rows, columns, levels, peaks, seconds, scale, empty }) {
  const size = rows * columns;
  const raw = Float32Array.from(bytes(levels), (level, i) => {
    return (level * peaks[Math.floor(i / size)]) / 255;
  });
  const grids = peaks.map((_, i) => raw.subarray(i * size, (i + 1) * size));
  return { rows, columns, grids, peaks, seconds, scale, empty };
}

// For each of `length` pixels: the two cells it lies between and how far it is towards the second.
// Centres of cells and pixels are half a step in, as in every image library's bilinear resize.
export function between(cells, length) {
  return Array.from({ length }, (_, i) => around(((i + 0.5) * cells) / length - 0.5, cells));
}

// The cells on both sides of a place, and how far it is towards the second; beyond the outer
// centres both are the same.
function around(place, cells) {
  const first = Math.floor(place);
  const inside = (cell) => Math.min(Math.max(cell, 0), cells - 1);
  return [inside(first), inside(first + 1), place - first];
}

// How much of the frame a share of the scale hides: nothing at 0, all at 1, three quarters at a
// half. Cividis is grey in the middle, and a straight line would lose it against the frame.
export function cover(share) {
  return share * (2 - share);
}

// Paint one grid into `image` (RGBA): colour by value against `scale`, opacity by value too, so
// that what has no say leaves the frame as it is.
export function paintHeat(image, grid, { rows, columns, scale, opacity, ramp }) {
  const down = between(rows, image.height);
  const across = between(columns, image.width);
  const { data } = image;
  let at = 0;
  for (const [top, bottom, v] of down) {
    for (const [left, right, u] of across) {
      const above = grid[top * columns + left] * (1 - u) + grid[top * columns + right] * u;
      const below = grid[bottom * columns + left] * (1 - u) + grid[bottom * columns + right] * u;
      const share = scale > 0 ? Math.min((above * (1 - v) + below * v) / scale, 1) : 0;
      const row = Math.round(share * 255) * 3;
      data[at] = ramp[row];
      data[at + 1] = ramp[row + 1];
      data[at + 2] = ramp[row + 2];
      data[at + 3] = 255 * cover(share) * opacity;
      at += 4;
    }
  }
}

// Where a grid, enlarged as `paintHeat` does it, passes `level`: lines of an SVG path whose unit is
// a cell. Marching squares on a lattice of `steps` to a cell.
export function contour(grid, { rows, columns, level, steps = 6 }) {
  const down = lattice(rows, steps);
  const across = lattice(columns, steps);
  const above = down.map(([top, bottom, v]) =>
    across.map(([left, right, u]) => {
      const mix = (row) => grid[row * columns + left] * (1 - u) + grid[row * columns + right] * u;
      return mix(top) * (1 - v) + mix(bottom) * v - level;
    }),
  );
  const lines = [];
  for (let y = 0; y + 1 < down.length; y++) {
    for (let x = 0; x + 1 < across.length; x++) {
      const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]];
      const crossings = corners.flatMap((from, i) => crossing(above, steps, from, corners[(i + 1) % 4]));
      // Two crossings are one line; at a saddle four are two.
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        lines.push(`M${crossings[i]}L${crossings[i + 1]}`);
      }
    }
  }
  return lines.join("");
}

// The lattice's places along one axis, edges included.
function lattice(cells, steps) {
  return Array.from({ length: cells * steps + 1 }, (_, i) => around(i / steps - 0.5, cells));
}

// Where the edge between two corners passes zero, in cells; none where it does not.
function crossing(above, steps, [x0, y0], [x1, y1]) {
  const [one, other] = [above[y0][x0], above[y1][x1]];
  if (one > 0 === other > 0) return [];
  const part = one / (one - other);
  const at = (from, to) => ((from + part * (to - from)) / steps).toFixed(3);
  return [`${at(x0, x1)} ${at(y0, y1)}`];
}
