// Files from the browser: the figure above as Plotly itself draws it, and the numbers that came along.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".saver");
  const kinds = [
    ["PNG", data.picture, () => picture(root, data.name, "png")],
    ["SVG", data.picture, () => picture(root, data.name, "svg")],
    ["CSV", data.csv !== null, () => save(`${data.name}.csv`, new Blob([data.csv], { type: "text/csv" }))],
    ["NPZ", data.npz !== null, () => save(`${data.name}.npz`, new Blob([bytes(data.npz)]))],
  ];
  root.replaceChildren(...kinds.filter(([, there]) => there).map(([kind, , act]) => button(kind, data.name, act)));
}

function button(kind, name, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = kind;
  element.title = `Save as ${kind}`;
  element.setAttribute("aria-label", `Save ${name} as ${kind}`);
  element.onclick = act;
  return element;
}

// Plotly's own button draws all layers, WebGL too; its settings decide the kind of file.
function picture(root, name, format) {
  const plot = root.closest("[class*='st-key-figure-']")?.querySelector(".js-plotly-plot");
  if (!plot) return;
  plot._context.toImageButtonOptions = { format, filename: name, scale: format === "png" ? 2 : 1 };
  plot.querySelector(".modebar-btn[data-title*='ownload']")?.click();
}

function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
