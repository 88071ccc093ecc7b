// Lists what of a page's names is cut, shortened, covered, or outside of its chart or of the page.
() => {
  const found = new Set();
  const told = (element) => element.textContent.replace(/\s+/g, " ").slice(0, 80);
  const shown = { opacityProperty: true, visibilityProperty: true };
  const box = ({ left, top, right, bottom }) =>
    [[left, top], [right, top], [right, bottom], [left, bottom]];
  // The corners of a text on the screen: ticks may be turned.
  const corners = (text) => {
    const { x, y, width, height } = text.getBBox();
    const m = text.getScreenCTM();
    return box({ left: x, top: y, right: x + width, bottom: y + height })
      .map(([a, b]) => [m.a * a + m.c * b + m.e, m.b * a + m.d * b + m.f]);
  };
  // Two convex shapes overlap by more than a pixel unless an edge of one has the other beyond it.
  const parted = (one, other) => one.some((from, i) => {
    const to = one[(i + 1) % one.length];
    const [across, down] = [to[1] - from[1], from[0] - to[0]];
    const long = Math.hypot(across, down) || 1;
    const places = (shape) => shape.map(([x, y]) => (x * across + y * down) / long);
    const [a, b] = [places(one), places(other)];
    return Math.max(...a) <= Math.min(...b) + 1 || Math.max(...b) <= Math.min(...a) + 1;
  });
  const meet = (one, other) => !parted(one, other) && !parted(other, one);

  for (const plot of document.querySelectorAll(".js-plotly-plot")) {
    const room = plot.querySelector(".main-svg").getBoundingClientRect();
    const bar = plot.querySelector(".modebar");
    const tools = bar && box(bar.getBoundingClientRect());
    const inside = ([x, y]) =>
      x >= room.left - 1 && x <= room.right + 1 && y >= room.top - 1 && y <= room.bottom + 1;
    const texts = [...plot.querySelectorAll("svg text")].filter((text) => told(text).trim());
    const shapes = texts.map(corners);
    texts.forEach((text, i) => {
      if (told(text).includes("…")) found.add(`shortened: ${told(text)}`);
      if (!shapes[i].every(inside)) found.add(`outside its chart: ${told(text)}`);
      if (tools && meet(shapes[i], tools)) found.add(`under the tools: ${told(text)}`);
      for (let j = 0; j < i; j++) {
        if (meet(shapes[i], shapes[j])) found.add(`over another: ${told(text)} | ${told(texts[j])}`);
      }
    });
  }

  for (const table of document.querySelectorAll(".dvn-scroller")) {
    const key = table.closest("[class*=st-key-table]")?.className.match(/st-key-table\S*/);
    if (table.scrollWidth > table.clientWidth + 1) found.add(`wider than the page: ${key}`);
  }

  // The one line of a list may be too short for what is chosen, which then stands beneath it.
  for (const list of document.querySelectorAll("input[role=combobox]")) {
    if (list.scrollWidth <= list.clientWidth + 1 || !list.checkVisibility(shown)) continue;
    const beneath = [...document.querySelectorAll("p, h3")].some((p) => p.textContent === list.value);
    if (!beneath) found.add(`cut in its list: ${list.value}`);
  }

  // Not asked: kinds of files and numbers of pages, which are Streamlit's own, and formulas.
  const others = ".katex, [data-testid=stFileUploader], [data-testid=stPagination], svg, canvas";
  const parts = "[data-testid=stMain] *, [data-testid=stSidebar] *";
  for (const element of document.querySelectorAll(parts)) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || element.closest(others) || !element.checkVisibility(shown)) continue;
    if (element.textContent.includes("…")) found.add(`shortened: ${told(element)}`);
    let holder = element;
    while (holder && getComputedStyle(holder).overflowX === "visible") holder = holder.parentElement;
    if (!holder || holder.clientWidth < 3) continue; // what is read aloud alone
    const scrolls = ["auto", "scroll"].includes(getComputedStyle(holder).overflowX);
    if (!scrolls && holder.scrollWidth > holder.clientWidth + 1) found.add(`cut: ${told(element)}`);
  }
  return [...found];
}
