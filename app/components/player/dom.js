// Elements without markup strings: names of classes and files are only ever text.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children);
  return node;
}

export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

// Enough digits to tell values apart, no more than can be read: 0.0123, 61.4, 1.2e-7.
export function digits(value, count = 3) {
  return String(Number(value.toPrecision(count)));
}

// As many decimals as a range needs: 0.62 between 0 and 1, 62 between 0 and 100.
export function decimals(value, low, high) {
  const places = 2 - Math.floor(Math.log10(high - low) + 1e-9);
  return value.toFixed(Math.min(Math.max(places, 0), 8));
}

export function inSeconds(value) {
  return `${value.toFixed(2)} s`;
}
