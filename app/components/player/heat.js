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
  return Array.from({ length }, (_, i) => {
    const place = ((i + 0.5) * cells) / length - 0.5;
    const first = Math.floor(place);
    const inside = (cell) => Math.min(Math.max(cell, 0), cells - 1);
    return [inside(first), inside(first + 1), place - first];
  });
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
