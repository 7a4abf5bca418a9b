// <podcast-player src="…/embed.html" theme="dark" color="0a5a9c" lang="ky">: the player in a page of yours, as high as it needs to be.
// Without src it is the latest episode of the show that this script belongs to. It has play(), pause(), seek(seconds), state, position and
// duration, and gives "state" and "time" events. What plays is a frame that may run scripts and open links, and nothing else.
const CONTEXT = "podcast-embed";
const ALLOWED = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads";
const OPTIONS = ["theme", "color", "lang"];
const EVENTS = ["state", "time"];

class PodcastPlayer extends HTMLElement {
  static observedAttributes = ["src", ...OPTIONS];
  #frame = Object.assign(document.createElement("iframe"), { allow: "autoplay; clipboard-write", loading: "lazy" });
  #told = { state: "idle", position: 0, duration: 0 };
  #listener = (event) => this.#hear(event);

  connectedCallback() {
    this.style.display = "block";
    this.#frame.setAttribute("sandbox", ALLOWED);
    this.#frame.style.cssText = "display:block;width:100%;height:300px;border:0";
    this.#load();
    this.replaceChildren(this.#frame);
    addEventListener("message", this.#listener);
  }

  disconnectedCallback() {
    removeEventListener("message", this.#listener);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#load();
  }

  get state() {
    return this.#told.state;
  }

  get position() {
    return this.#told.position;
  }

  get duration() {
    return this.#told.duration;
  }

  play() {
    this.#send({ method: "play" });
  }

  pause() {
    this.#send({ method: "pause" });
  }

  seek(position) {
    this.#send({ method: "seek", position });
  }

  #load() {
    const src = this.getAttribute("src");
    const address = src ? new URL(src, document.baseURI) : new URL("latest.html", import.meta.url);
    if (!/^https?:$/.test(address.protocol)) return;
    for (const name of OPTIONS) if (this.hasAttribute(name)) address.searchParams.set(name, this.getAttribute(name));
    if (!address.hash && /[#&]t=/.test(location.hash)) address.hash = location.hash; // a link to a moment of the page is one of its player
    this.#frame.title = this.title || "Podcast";
    if (this.#frame.src !== address.href) this.#frame.src = address.href;
  }

  // The frame has no origin of its own, so that nobody else can be meant, and no address could be named.
  #send(message) {
    this.#frame.contentWindow?.postMessage({ context: CONTEXT, ...message }, "*");
  }

  #hear({ source, origin, data }) {
    if (source !== this.#frame.contentWindow || origin !== "null" || data?.context !== CONTEXT) return;
    if (data.event === "height" && data.height > 0 && data.height < 10_000) this.#frame.style.height = `${data.height}px`;
    if (!EVENTS.includes(data.event) || ![data.position, data.duration].every(Number.isFinite)) return;
    this.#told = { state: String(data.state), position: data.position, duration: data.duration };
    this.dispatchEvent(new CustomEvent(data.event, { detail: { ...this.#told } }));
  }
}

if (!customElements.get("podcast-player")) customElements.define("podcast-player", PodcastPlayer);
