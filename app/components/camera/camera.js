// The camera: opened, looked at, recorded from and closed in the browser. Python hears of "Keep".
const WANTED = { audio: false, video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" } };
const KINDS = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const BITS_PER_SECOND = 2_500_000;
const COUNTDOWN = 3;

const NO_CAMERA_API =
  "Browsers give the camera only to pages over https or from localhost. Open this page by one of these.";
const NO_RECORDER = "This browser cannot record video. Use a current Chrome, Edge, Firefox or Safari.";
const NO_PICTURE = "The browser recorded nothing. Open the camera again.";
const UNPLUGGED = "The camera was disconnected. Connect it, and open it again.";
const REASONS = {
  NotAllowedError:
    "The browser does not allow this page the camera. Allow it in the site settings beside the page's " +
    "address, or for the browser in the computer's own settings, and open the camera again.",
  NotFoundError: "No camera was found. Connect one, and open it again.",
  NotReadableError: "Another program uses the camera. Close that program, and open the camera again.",
};

const BUTTONS = {
  closed: ["open"],
  asking: ["cancel"],
  live: ["record", "close"],
  counting: ["cancel"],
  recording: ["cancel"],
  review: ["keep", "again", "close"],
};
const WORDS = {
  closed: () => "Nothing leaves this browser until you press Keep; then it goes to this page's server alone.",
  asking: () => "The browser asks whether this page may use the camera: allow it.",
  live: () => "Mirrored, as in a mirror. The recording is not.",
  counting: ({ seconds }) => `Get ready: ${seconds} s will be recorded.`,
  recording: ({ seconds }) => `Recording ${seconds} s`,
  review: () => "The recording, not mirrored: this is what is kept, and what networks see.",
};

const cameras = new WeakMap();

class Camera {
  constructor(root) {
    this.root = root;
    for (const name of ["label", "error", "stage", "preview", "playback", "count", "status"]) {
      this[name] = root.querySelector(`.${name}`);
    }
    this.buttons = [...root.querySelectorAll("button")];
    for (const button of this.buttons) button.onclick = () => this[button.dataset.act]();
    this.preview.onresize = () => {
      this.stage.style.setProperty("--ratio", this.preview.videoWidth / this.preview.videoHeight);
    };
    this.#show("closed");
  }

  update({ label, seconds }, tell) {
    Object.assign(this, { seconds, tell });
    this.label.textContent = label;
    this.root.setAttribute("aria-label", label);
    this.root.style.setProperty("--seconds", `${seconds}s`);
  }

  async open() {
    if (!navigator.mediaDevices?.getUserMedia) return this.#fail(NO_CAMERA_API);
    if (!window.MediaRecorder) return this.#fail(NO_RECORDER);
    const opening = (this.opening = {});
    this.#show("asking");
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WANTED);
      if (this.opening === opening) this.#live(stream);
      else stop(stream); // closed, or gone from the page, while the browser asked
    } catch (error) {
      if (this.opening === opening) {
        this.#fail(REASONS[error.name] ?? `The camera could not be opened (${error.name}). Try again.`);
      }
    }
  }

  async record() {
    const take = (this.take = new AbortController());
    try {
      this.#show("counting");
      for (let left = COUNTDOWN; left > 0; left -= 1) {
        this.count.textContent = left;
        await new Promise((done) => setTimeout(done, 1000));
        if (take.signal.aborted) return;
      }
      this.#show("recording");
      const film = await capture(this.stream, this.seconds, take.signal);
      if (take.signal.aborted) return;
      if (!film.size) return this.#fail(NO_PICTURE);
      this.film = film;
      this.playback.src = URL.createObjectURL(film);
      this.#show("review");
      await this.playback.play();
    } catch (error) {
      if (!take.signal.aborted) this.#fail(`The recording failed (${error.message}). Open the camera again.`);
    }
  }

  again() {
    this.#discard();
    this.record();
  }

  cancel() {
    if (!this.stream) return this.close();
    this.#discard();
    this.#show("live");
  }

  async keep() {
    const { film } = this;
    this.#discard();
    this.#show("live", "Kept. Record another, or close the camera.");
    this.tell("kept", await base64(film));
  }

  close() {
    this.opening = null;
    this.#discard();
    if (this.stream) stop(this.stream);
    this.stream = this.preview.srcObject = null;
    this.#show("closed");
  }

  #live(stream) {
    this.stream = this.preview.srcObject = stream;
    for (const track of stream.getTracks()) track.onended = () => this.#fail(UNPLUGGED);
    this.#show("live");
  }

  #discard() {
    this.take?.abort();
    URL.revokeObjectURL(this.playback.src);
    this.playback.removeAttribute("src");
    this.film = null;
  }

  #fail(words) {
    this.close();
    this.error.textContent = words;
    this.error.hidden = false;
  }

  // Whoever is at a button that goes is taken to the first that comes.
  #show(state, words = WORDS[state](this)) {
    const { root, buttons } = this;
    const focused = buttons.includes(root.getRootNode().activeElement);
    root.dataset.state = state;
    this.error.hidden = true;
    this.stage.hidden = state === "closed" || state === "asking";
    this.count.textContent = "";
    this.status.textContent = words;
    for (const button of buttons) button.hidden = !BUTTONS[state].includes(button.dataset.act);
    if (focused) buttons.find((button) => !button.hidden).focus();
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function capture(stream, seconds, signal) {
  return new Promise((done, failed) => {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS_PER_SECOND });
    const end = () => recorder.state === "inactive" || recorder.stop();
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstart = () => setTimeout(end, 1000 * seconds);
    recorder.onstop = () => done(new Blob(parts, { type: recorder.mimeType }));
    recorder.onerror = ({ error }) => failed(error);
    signal.addEventListener("abort", end);
    recorder.start();
  });
}

function base64(film) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.lastIndexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(film);
  });
}

// Streamlit calls this for every new `data`, and the returned function when the element goes; at
// times also when a later call has overtaken this one, and then the camera stays.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".camera");
  if (!cameras.has(root)) cameras.set(root, new Camera(root));
  cameras.get(root).update(data, setTriggerValue);
  return () => {
    if (!root.isConnected) cameras.get(root).close();
  };
}
