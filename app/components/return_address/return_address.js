// The way back after a login. Only a path of this site is kept, and only in this tab.
const NAME = "maagn-way-back";
const MINUTES = 30;

export default function ({ data, setTriggerValue }) {
  const kept = take();
  const here = location.pathname + location.search;
  if (data.act === "keep" && here !== data.base) put(here);
  if (data.act !== "go") return;
  if (kept !== null && kept !== here) location.replace(location.origin + kept);
  else setTriggerValue("stays", true);
}

// A browser may keep no storage for this site: then people stay on the first page.
function put(path) {
  try {
    sessionStorage.setItem(NAME, JSON.stringify({ path, at: Date.now() }));
  } catch {}
}

function take() {
  try {
    const { path, at } = JSON.parse(sessionStorage.getItem(NAME));
    sessionStorage.removeItem(NAME);
    return Date.now() - at < MINUTES * 60_000 ? path : null;
  } catch {
    return null;
  }
}
