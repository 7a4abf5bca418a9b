// The player: says its state in words, keeps #t=, tells the system what plays. Native controls do the rest.
const audio = document.querySelector("audio");
const status = document.querySelector("[role=status]");
const failures = { empty: 1, error: 1 };
const text = (selector) => document.querySelector(selector)?.textContent ?? "";

function show(state) {
  if (audio?.error && !(state in failures)) return; // a pause that follows a failure is not news
  document.documentElement.dataset.state = state;
  const words = status.dataset[state] ?? "";
  if (status.textContent !== words) status.textContent = words;
  retry.hidden = !audio?.error;
}

// A source that is gone or that nobody can decode is one thing, a network that fails is another.
function fail() {
  show(audio.error.code === MediaError.MEDIA_ERR_NETWORK || !navigator.onLine ? "error" : "empty");
}

function play() {
  audio.play().catch(() => {}); // what goes wrong arrives as an error event
}

function again() {
  const position = audio.currentTime;
  audio.load();
  audio.currentTime = position;
  play();
}

// #t=310, #t=5:10, #t=0:05:10.5, #t=310,400: seconds, or NaN.
function position() {
  const match = /[#&]t=(?:npt:)?([\d:.]+)/.exec(location.hash);
  return match ? match[1].split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : NaN;
}

function seek() {
  const seconds = position();
  if (Number.isFinite(seconds)) audio.currentTime = seconds;
  return Number.isFinite(seconds);
}

function announce() {
  const session = navigator.mediaSession;
  if (!session) return;
  const cover = document.querySelector("img.cover")?.src;
  session.metadata = new MediaMetadata({
    title: text("h1"),
    artist: text("[data-show]"),
    artwork: cover ? [{ src: cover }] : [],
  });
  const skip = (seconds) => () => (audio.currentTime += seconds);
  session.setActionHandler("seekbackward", skip(-15));
  session.setActionHandler("seekforward", skip(30));
}

function popOut(event) {
  event.currentTarget.hash = audio.currentTime ? `t=${Math.floor(audio.currentTime)}` : "";
  if (window.open(event.currentTarget.href, "podcast", "popup,width=480,height=240")) event.preventDefault();
  audio.pause();
}

const retry = document.createElement("button");
if (status) {
  retry.type = "button";
  retry.textContent = status.dataset.retry;
  retry.addEventListener("click", again);
  status.after(retry);
  show(audio ? "idle" : "empty");
}

if (audio) {
  // Error events do not bubble and a <source> would keep its own, so the address stands on the element itself.
  audio.addEventListener("error", fail);
  audio.addEventListener("play", () => (audio.readyState < 3 && show("loading"), announce()));
  audio.addEventListener("waiting", () => show("loading"));
  audio.addEventListener("playing", () => show("playing"));
  audio.addEventListener("pause", () => show(audio.ended ? "ended" : "paused"));
  audio.addEventListener("ended", () => show("ended"));
  if (audio.error) fail();
  seek();
  addEventListener("hashchange", () => seek() && play());
  const popout = document.querySelector(".popout");
  popout?.addEventListener("click", popOut);
  if (popout) popout.hidden = window === parent;
}

const { lang } = document.documentElement;
for (const time of document.querySelectorAll("time.date")) {
  time.textContent = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(time.dateTime));
}
for (const name of document.querySelectorAll(".language")) {
  name.textContent = new Intl.DisplayNames(lang, { type: "language" }).of(name.textContent);
}
