// Buttons with two frames each: the clip's first and last. Python hears of a click, and of nothing else.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".picker");
  const clips = JSON.parse(new TextDecoder().decode(data));
  const same = JSON.stringify(clips.map((clip) => clip.name));
  if (root.dataset.clips !== same) {
    root.dataset.clips = same;
    root.replaceChildren(...clips.map(button));
  }
  const mark = () => {
    const chosen = document.documentElement.dataset.chosenClip;
    for (const one of root.children) {
      one.setAttribute("aria-pressed", String(one.dataset.name === chosen));
    }
  };
  for (const one of root.children) {
    one.onclick = () => setTriggerValue("picked", one.dataset.name);
  }
  mark();
  window.addEventListener("chosen-clip", mark);
  return () => window.removeEventListener("chosen-clip", mark);
}

function button(clip) {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset.name = clip.name;
  element.dataset.testid = "gallery-clip";
  const picture = document.createElement("img");
  picture.src = clip.picture;
  picture.alt = "first and last frame";
  const label = document.createElement("span");
  label.textContent = clip.label;
  element.append(picture, label);
  return element;
}
