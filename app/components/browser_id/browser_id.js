// A cookie that this site alone is sent; without one, collections last as long as the tab.
const SECONDS = 365 * 24 * 3600;

export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.name}=${data.number}; Max-Age=${SECONDS}; Path=/; SameSite=Strict${secure}`;
}
