// Bars to drag, or to move by the arrow keys. Python hears of a bar once it is let go.
const edited = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".brush");
  const same = JSON.stringify(data.rows);
  if (root.dataset.rows === same) return;
  root.dataset.rows = same;
  const edits = edited.get(root) ?? {};
  edited.set(root, edits);
  root.replaceChildren(...data.rows.map((row) => section(row, edits, () => setStateValue("edits", { ...edits }))));
}

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function section(row, edits, tell) {
  const title = element("h4", {}, `${row.title}, 0 to ${row.high}`);
  const bars = element("div", { class: "bars", style: `--ink: ${row.colour}` });
  const feet = element("div", { class: "feet" });
  row.values.forEach((start, frame) => {
    const foot = element("span", {});
    bars.append(bar({ row, frame, start, foot, edits, tell }));
    feet.append(foot);
  });
  return element("section", { "aria-label": row.title }, title, bars, feet);
}

function bar({ row, frame, start, foot, edits, tell }) {
  const fill = element("div", { class: "fill" });
  const mark = element("div", { class: "own", style: `bottom: ${(100 * row.own[frame]) / row.high}%` });
  const node = element("div", { class: "bar", role: "slider", tabindex: "0",
    "aria-label": `${row.title}, frame ${frame} at ${row.seconds[frame].toFixed(2)} s`,
    "aria-valuemin": 0, "aria-valuemax": row.high, "aria-orientation": "vertical",
    "data-testid": `brush-${row.title}-${frame}` }, fill, mark);
  let value = edits[row.title]?.[frame] ?? start;
  const draw = () => {
    fill.style.height = `${(100 * value) / row.high}%`;
    node.setAttribute("aria-valuenow", value.toFixed(3));
    node.dataset.edited = edits[row.title]?.[frame] !== undefined && edits[row.title]?.[frame] !== null;
    foot.textContent = value.toFixed(2);
  };
  const set = (next) => {
    value = Math.min(Math.max(next, 0), row.high);
    edits[row.title] ??= row.values.map(() => null);
    edits[row.title][frame] = value;
    draw();
  };
  const follow = (event) => {
    const box = node.getBoundingClientRect();
    set(((box.bottom - event.clientY) / box.height) * row.high);
  };
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    follow(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) follow(event);
  });
  node.addEventListener("pointerup", tell);
  node.addEventListener("pointercancel", tell);
  node.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.25, PageDown: -0.25 };
    const ends = { Home: 0, End: row.high };
    if (Object.hasOwn(steps, event.key)) set(value + steps[event.key] * row.high);
    else if (Object.hasOwn(ends, event.key)) set(ends[event.key]);
    else return;
    event.preventDefault();
    tell();
  });
  draw();
  return node;
}
