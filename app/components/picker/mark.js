// Tells the thumbnails, which are another component, which of them is on the page.
export default function ({ data }) {
  document.documentElement.dataset.chosenClip = data.chosen ?? "";
  window.dispatchEvent(new Event("chosen-clip"));
}
