// The player: a bar of controls over the page's own <audio>, which has controls of its own where this does not run.
// WORDS, by language, is put in front of this file. Nothing is kept, and nobody else is asked for anything.
const html = document.documentElement;
const find = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const given = new URLSearchParams(location.search);

// ---- Words, and how it looks: ?lang=ky &theme=dark &color=0a5a9c

const spoken = [given.get("lang"), html.lang].map((tag) => tag?.split("-")[0].toLowerCase()).find((tag) => Object.hasOwn(WORDS, tag));
const words = WORDS[spoken ?? "en"];

function translate() {
  if (!given.has("lang")) return;
  for (const element of all("h1, bdi, .chapters")) element.lang ||= html.lang;
  [html.lang, html.dir] = [spoken ?? "en", words.direction];
  for (const element of all("[data-word]")) element.textContent = words[element.dataset.word];
}

function brightness(colour) {
  const parts = colour.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

// A colour that cannot be read on the card is moved towards black or white until it can (4.5 to 1).
function paint() {
  const paper = brightness(getComputedStyle(find(".card") ?? document.body).backgroundColor.match(/[\d.]+/g).map(Number));
  let colour = given.get("color").match(/../g).map((part) => parseInt(part, 16));
  const contrast = (other) => (Math.max(paper, other) + 0.05) / (Math.min(paper, other) + 0.05);
  while (contrast(brightness(colour)) < 4.6) colour = colour.map((part) => part + ((paper > 0.18 ? 0 : 255) - part) * 0.1);
  html.style.setProperty("--accent", `rgb(${colour.map(Math.round)})`);
}

translate();
if (["light", "dark"].includes(given.get("theme"))) html.dataset.theme = given.get("theme");
if (/^[\da-f]{6}$/i.test(given.get("color") ?? "")) {
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
}
for (const name of all(".language")) {
  name.textContent = new Intl.DisplayNames(html.lang, { type: "language" }).of(name.textContent);
}

// ---- The parts

const audio = find("audio");
const player = find(".player");
const status = find("[role=status]");
const cover = find("img.cover");
const sizes = cover ? [...cover.parentNode.children] : [];
for (const { dataset, src, srcset } of sizes) Object.assign(dataset, { src, srcset });
const chapters = all(".chapters a").map((link) => ({ link, start: position(link.hash), title: find("bdi", link).textContent }));
const icons = {
  play: '<path d="M8 5v14l11-7z"/>',
  pause: '<path d="M6.5 5h4v14h-4zm7 0h4v14h-4z"/>',
  back: '<path class="line" d="M11.5 4.9A8 8 0 1 1 4.4 10M14.2 2l-2.9 2.9 2.9 2.9"/><text x="12" y="15.4"></text>',
  forward: '<path class="line" d="M12.5 4.9A8 8 0 1 0 19.6 10M9.8 2l2.9 2.9-2.9 2.9"/><text x="12" y="15.4"></text>',
  mute: '<path d="M4 9v6h4l5 4V5L8 9z"/><path class="line" d="M16 8.5a5 5 0 0 1 0 7M18.5 6a8.5 8.5 0 0 1 0 12"/>',
  silent: '<path d="M4 9v6h4l5 4V5L8 9z"/><path class="line" d="m16.5 9.5 5 5m0-5-5 5"/>',
};
const icon = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true">${icons[name]}</svg>`;

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function name(element, word) {
  if (element.dataset.name === word) return;
  element.dataset.name = word;
  element.title = element.ariaLabel = words[word];
  element.innerHTML = icon(word);
  const number = find("text", element);
  if (number) number.textContent = /\p{Nd}+/u.exec(words[word]); // in the digits of the language
}

function button(word, act, keys) {
  const element = make("button", { type: "button", className: word, onclick: act });
  element.setAttribute("aria-keyshortcuts", keys);
  name(element, word);
  return element;
}

function range(name, word, max, step, act) {
  return make("input", { type: "range", className: name, ariaLabel: words[word], min: 0, max, step, value: 0, oninput: act });
}

// ---- States

function show(state) {
  if (audio?.error && !["empty", "error"].includes(state)) return; // a pause that follows a failure is not news
  html.dataset.state = state;
  say(words[["loading", "empty", "error", "scheduled", "withdrawn"].includes(state) ? state : ""] ?? "");
  parts.retry.hidden = !audio?.error || state === "loading";
  if (audio) name(parts.play, audio.paused || audio.error ? "play" : "pause");
  tell({ event: "state", ...standing() });
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

// A source that is gone or that nobody can decode is one thing, a network that fails is another; before the first byte only a question tells.
async function fail() {
  const lost = audio.error.code === MediaError.MEDIA_ERR_NETWORK || !(await fetch(audio.src, { method: "HEAD" }).catch(() => null));
  if (audio.error) show(lost ? "error" : "empty");
}

function play() {
  if (audio.error) return again();
  audio.play().catch(() => audio.error || show("paused")); // what goes wrong with the file arrives as an error event
}

function again() {
  const reached = audio.currentTime;
  audio.load();
  audio.currentTime = reached;
  play();
}

function toggle() {
  if (audio.paused) play();
  else audio.pause();
}

// ---- Time. A duration is the catalogue's until the file is there to be asked.

const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
};
const duration = () => (Number.isFinite(audio.duration) ? audio.duration : Number(player.dataset.duration));
const skip = (seconds) => seek(audio.currentTime + seconds);
let until = Infinity;

function seek(seconds) {
  audio.currentTime = Math.max(0, Math.min(seconds, duration()));
  until = Infinity;
  draw();
}

// #t=310, #t=5:10, #t=0:05:10.5, #t=310,400: seconds, or NaN.
function position(hash, end = false) {
  const match = /[#&]t=(?:npt:)?([\d:.]+)(?:,([\d:.]+))?/.exec(hash)?.[end ? 2 : 1];
  return match ? match.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) : NaN;
}

function follow(hash) {
  const [start, end] = [position(hash), position(hash, true)];
  if (Number.isFinite(start)) seek(start);
  if (end > start) until = end;
  return Number.isFinite(start);
}

let last = -1;
function draw() {
  const now = audio.currentTime;
  if (now >= until) (until = Infinity), audio.pause();
  parts.seek.max = Math.ceil(duration());
  parts.seek.value = now;
  parts.seek.ariaValueText = `${clock(now)} / ${clock(duration())}`;
  player.style.setProperty("--done", `${(100 * now) / duration() || 0}%`);
  parts.now.textContent = clock(now);
  parts.total.textContent = clock(duration());
  parts.start.textContent = clock(now);
  share();
  mark(now);
  if (Math.floor(now) === last) return;
  last = Math.floor(now);
  tell({ event: "time", ...standing() });
  if (!audio.paused) navigator.mediaSession?.setPositionState({ duration: duration(), position: Math.min(now, duration()), playbackRate: audio.playbackRate });
  if (last % 5 === 0) remember();
}

// ---- Chapters

let current;
function mark(now) {
  const chapter = chapters.findLast(({ start }) => start <= now + 0.01);
  if (chapter !== current) {
    current?.link.removeAttribute("aria-current");
    chapter?.link.setAttribute("aria-current", "true");
    parts.chapter.textContent = chapter?.title ?? "";
    current = chapter;
    picture(chapter?.link.dataset.picture);
    if (!audio.paused) announce();
  }
  markCue(now);
}

function picture(address) {
  if (!cover) return;
  for (const one of sizes) one.srcset = address ? "" : one.dataset.srcset;
  cover.src = address ?? cover.dataset.src;
}

function jump(by) {
  const target = chapters[chapters.indexOf(current) + by];
  if (target) seek(target.start);
}

// ---- The transcript: fetched when it is opened, a paragraph for each speaker or half minute

let cues = [];
let spokenNow;
let following = true;
const transcript = find("details.transcript");

async function loadTranscript(link) {
  say(words.loading);
  try {
    const answer = await fetch(link.dataset.json);
    if (!answer.ok) throw new Error(answer.status);
    parts.lines.lang = link.hreflang;
    fillTranscript((await answer.json()).segments);
    say("");
  } catch {
    say(words.lost);
    transcript.open = false;
    parts.lines.replaceChildren();
  }
}

function fillTranscript(segments) {
  let paragraph, speaker, from;
  cues = [];
  parts.lines.replaceChildren();
  for (const { startTime: start, body, speaker: who } of segments) {
    if (!paragraph || who !== speaker || start - from > 30) {
      [speaker, from] = [who, start];
      const time = make("button", { type: "button", className: "time", textContent: clock(start), onclick: () => go(start) });
      paragraph = make("p", { dir: "auto" }, time, ...(who ? [make("b", {}, who), " "] : []));
      parts.lines.append(paragraph);
    }
    const line = make("span", { textContent: `${body} `, onclick: () => go(start) });
    paragraph.append(line);
    cues.push({ start, line });
  }
  markCue(audio.currentTime);
}

function go(start) {
  following = true;
  seek(start);
  play();
}

function markCue(now) {
  const cue = cues.findLast(({ start }) => start <= now + 0.01);
  if (cue === spokenNow) return;
  spokenNow?.line.classList.remove("now");
  cue?.line.classList.add("now");
  spokenNow = cue;
  // Only the list itself is moved: scrollIntoView would move the page around the player too.
  if (cue && following) parts.lines.scrollTop = cue.line.offsetTop - parts.lines.clientHeight / 3;
}

function search() {
  const plain = (text) => text.normalize("NFKC").toLocaleLowerCase(parts.lines.lang);
  const wanted = plain(parts.search.value.trim());
  let found = 0;
  for (const paragraph of parts.lines.children) {
    paragraph.hidden = wanted !== "" && !plain(paragraph.textContent).includes(wanted);
    for (const line of all("span", paragraph)) line.classList.toggle("hit", wanted !== "" && plain(line.textContent).includes(wanted));
    found += !paragraph.hidden;
  }
  following = wanted === "";
  say(wanted ? `${words.found} ${found}` : "");
}

function prepareTranscript() {
  const links = all("a[data-json]", transcript);
  const first = links.find((link) => link.hreflang.split("-")[0] === spoken) ?? links[0];
  parts.search = make("input", { type: "search", placeholder: words.search, ariaLabel: words.search, oninput: search });
  parts.lines = make("div", { className: "lines", tabIndex: 0, role: "region", ariaLabel: words.transcript });
  for (const name of ["wheel", "touchmove", "keydown"]) parts.lines.addEventListener(name, () => (following = false), { passive: true });
  transcript.append(parts.search, parts.lines);
  find("p", transcript).hidden = links.length < 2;
  for (const link of links) link.addEventListener("click", (event) => (event.preventDefault(), loadTranscript(link)));
  transcript.addEventListener("toggle", () => {
    following = true;
    if (transcript.open && !cues.length) loadTranscript(first);
  });
}

// ---- Sharing, the pop-out, what is remembered

function share() {
  const field = find(".share .link");
  if (!field) return;
  field.dataset.page ??= field.value;
  field.value = field.dataset.page + (parts.here.checked && audio.currentTime >= 1 ? `#t=${Math.floor(audio.currentTime)}` : "");
}

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand("copy")) return; // it is selected at least
  }
  say(words.copied);
}

function prepareSharing() {
  for (const field of all(".share input")) {
    field.closest("p").append(make("button", { type: "button", textContent: words.copy, onclick: () => copy(field) }));
  }
  find(".share")?.append(make("p", {}, make("label", {}, parts.here, ` ${words.start} `, parts.start)));
}

function popOut(event) {
  const link = event.currentTarget;
  link.search = location.search;
  link.hash = audio.currentTime ? `t=${Math.floor(audio.currentTime)}` : "";
  if (!window.open(link.href, "podcast", "popup,width=560,height=420")) return; // the link leads there too, where the frame may open anything
  event.preventDefault();
  audio.pause();
}

// Only where the listener asks for it, and never in a frame that may not keep anything.
const MEMORY = "podcast-positions";
function memory() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY) ?? "null");
  } catch {
    return undefined;
  }
}

function remember() {
  const kept = memory();
  if (kept) localStorage.setItem(MEMORY, JSON.stringify({ ...kept, [audio.src]: audio.ended ? 0 : Math.floor(audio.currentTime) }));
}

function prepareMemory() {
  const kept = memory();
  if (kept === undefined) return;
  const choose = ({ target }) => (target.checked ? (localStorage.setItem(MEMORY, "{}"), remember()) : localStorage.removeItem(MEMORY));
  const box = make("input", { type: "checkbox", checked: kept !== null, onchange: choose });
  const settings = make("details", { name: "panel" }, make("summary", {}, words.settings), make("label", {}, box, ` ${words.remember}`));
  find(".panels > a")?.before(settings);
  if (kept?.[audio.src]) seek(kept[audio.src]);
  addEventListener("pagehide", remember);
}

// ---- The waveform: audiowaveform's JSON, one bar for each four pixels

async function loadPeaks() {
  const answer = await fetch(player.dataset.peaks);
  const { data, bits } = await answer.json();
  const peaks = data.filter((_, index) => index % 2).map((peak) => peak / 2 ** (bits - 1));
  for (const name of ["wave done", "wave"]) parts.bar.prepend(make("div", { className: name }));
  player.classList.add("drawn");
  new ResizeObserver(() => drawPeaks(peaks)).observe(parts.bar);
}

function drawPeaks(peaks) {
  const { clientWidth: width, clientHeight: height } = parts.bar;
  const count = Math.max(1, Math.floor(width / 4));
  const loudest = Math.max(...peaks, 0.01);
  const bars = Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * peaks.length) / count);
    const peak = Math.max(...peaks.slice(from, Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / count))), 0);
    const half = Math.max(1, ((peak / loudest) * (height - 4)) / 2);
    return `M${index * 4 + 2} ${height / 2 - half}v${2 * half}`;
  });
  for (const wave of all(".wave", parts.bar)) {
    wave.innerHTML = `<svg viewBox="0 0 ${count * 4} ${height}" preserveAspectRatio="none" aria-hidden="true"><path d="${bars.join("")}"/></svg>`;
  }
}

// ---- Keys: all of them by the buttons' names too. An embed is a document of its own; on a page, only inside the player.

function press(event) {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("select, [type=search], [readonly], .lines")) return;
  if (key === " " && target.closest("button, a, summary, input:not([type=range])")) return;
  const arrow = !target.matches(".volume");
  const acts = {
    k: toggle,
    " ": toggle,
    ArrowLeft: arrow && (() => skip(-15)),
    ArrowRight: arrow && (() => skip(30)),
    m: mute,
    "<": () => faster(-1),
    ">": () => faster(1),
  };
  const act = Object.hasOwn(acts, key) && acts[key];
  if (!act) return;
  event.preventDefault();
  act();
}

function mute() {
  audio.muted = !audio.muted;
}

function faster(by) {
  const { options, selectedIndex } = parts.speed;
  parts.speed.selectedIndex = Math.max(0, Math.min(options.length - 1, selectedIndex + by));
  audio.defaultPlaybackRate = audio.playbackRate = Number(parts.speed.value); // the first is what a second try begins with
}

function hear() {
  parts.mute.innerHTML = icon(audio.muted || !audio.volume ? "silent" : "mute");
  parts.mute.ariaPressed = String(audio.muted);
  parts.volume.value = audio.muted ? 0 : audio.volume;
}

// ---- What others are told: the system, and the page around

function announce() {
  const session = navigator.mediaSession;
  if (!session) return;
  const [title, artist] = ["h1", "[data-show]"].map((selector) => find(selector)?.textContent ?? "");
  session.metadata = new MediaMetadata({ title, artist, album: current?.title ?? "", artwork: cover ? [{ src: cover.currentSrc || cover.src }] : [] });
  const acts = { play, pause: () => audio.pause(), seekbackward: () => skip(-15), seekforward: () => skip(30), seekto: (to) => seek(to.seekTime) };
  if (chapters.length) Object.assign(acts, { previoustrack: () => jump(-1), nexttrack: () => jump(1) });
  for (const [name, act] of Object.entries(acts)) session.setActionHandler(name, act);
}

// The page around may be anybody's. It is told of states, times and the height; it may play, pause, seek and ask.
const around = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);
const CONTEXT = "podcast-embed";
const standing = () => ({ state: html.dataset.state ?? "idle", position: audio?.currentTime ?? 0, duration: audio ? duration() : 0 });

function tell(message) {
  if (parent !== window) parent.postMessage({ context: CONTEXT, ...message }, around && around !== "null" ? around : "*");
}

function obey({ source, origin, data }) {
  if (source !== parent || parent === window || (around && origin !== around) || data?.context !== CONTEXT) return;
  const acts = {
    play,
    pause: () => audio.pause(),
    seek: () => Number.isFinite(data.position) && seek(data.position),
    state: () => tell({ event: "state", ...standing() }),
  };
  if (audio && typeof data.method === "string" && Object.hasOwn(acts, data.method)) acts[data.method]();
}

// ---- All together

const parts = {
  play: button("play", toggle, "K Space"),
  retry: make("button", { type: "button", className: "retry", textContent: words.retry, hidden: true, onclick: () => (again(), parts.play.focus()) }),
  now: make("span"),
  chapter: make("span", { className: "chapter", dir: "auto" }),
  start: make("span"),
  here: make("input", { type: "checkbox", checked: true, onchange: share }),
};

function build() {
  parts.total = find(".card .duration") ?? make("span");
  parts.seek = range("seek", "position", 1, 1, () => seek(Number(parts.seek.value)));
  parts.bar = make("div", { className: "bar" }, parts.seek);
  parts.mute = button("mute", mute, "M");
  parts.volume = range("volume", "volume", 1, 0.05, () => ((audio.muted = false), (audio.volume = parts.volume.value)));
  const rates = [0.75, 1, 1.25, 1.5, 1.75, 2].map((rate) => make("option", { value: rate, textContent: `${rate}×`, selected: rate === 1 }));
  parts.speed = make("select", { ariaLabel: words.speed, title: words.speed, onchange: () => faster(0) }, ...rates);
  const times = make("div", { className: "times" }, parts.now, parts.chapter, parts.total);
  const back = button("back", () => skip(-15), "ArrowLeft");
  const forward = button("forward", () => skip(30), "ArrowRight");
  status.dir = html.dir;
  player.prepend(parts.play, make("div", { className: "track" }, parts.bar, times), back, forward, parts.speed, parts.mute, parts.volume);
  audio.controls = false;
}

function listen() {
  // Error events do not bubble and a <source> would keep its own, so the address stands on the element itself.
  const events = {
    error: fail,
    play: () => (show(audio.readyState < 3 ? "loading" : "playing"), announce()),
    waiting: () => show("loading"),
    playing: () => show("playing"),
    pause: () => (show(audio.ended ? "ended" : "paused"), remember()),
    ended: () => show("ended"),
    volumechange: hear,
    timeupdate: draw,
    durationchange: draw,
  };
  for (const [name, act] of Object.entries(events)) audio.addEventListener(name, act);
  (find(".card") ? document : player).addEventListener("keydown", press);
  for (const { link, start } of chapters) link.addEventListener("click", (event) => (event.preventDefault(), go(start)));
  addEventListener("hashchange", () => follow(location.hash) && play());
  const popout = find(".popout");
  popout?.addEventListener("click", popOut);
  if (popout) popout.hidden = window === parent;
}

if (audio) {
  build();
  if (transcript) prepareTranscript();
  prepareSharing();
  prepareMemory();
  listen();
  hear();
  follow(location.hash);
  draw();
  if (player.dataset.peaks) loadPeaks().catch(() => {}); // the plain bar is there
}
if (status) {
  status.after(parts.retry);
  if (audio?.error) fail();
  else show(audio ? "idle" : status.dataset.state);
  addEventListener("message", obey);
}
const card = find(".card");
if (card) new ResizeObserver(() => tell({ event: "height", height: Math.ceil(card.getBoundingClientRect().height) })).observe(card);
// Whoever put the embed of an episode into a page before it was out need not reload the page.
if (status?.dataset.state === "scheduled") setInterval(() => document.hidden || location.reload(), 60_000);
