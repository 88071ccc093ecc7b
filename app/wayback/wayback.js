// The way back after a login. Only a path of this site is kept, and only in this tab.
const NAME = "maagn-way-back";
const MINUTES = 30;

export default function ({ data }) {
  const kept = sessionStorage.getItem(NAME);
  sessionStorage.removeItem(NAME);
  const here = location.pathname + location.search;
  if (data.act === "keep" && here !== data.base) {
    sessionStorage.setItem(NAME, JSON.stringify({ path: here, at: Date.now() }));
  }
  if (data.act !== "go" || kept === null) return;
  const { path, at } = JSON.parse(kept);
  if (Date.now() - at < MINUTES * 60_000) location.replace(location.origin + path);
}
