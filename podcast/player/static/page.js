// What the pages have beside the player: dates in the reader's words, and the search in a show's list of episodes.
const html = document.documentElement;
// In the language of the page, or as they are: half of a page in the browser's own language helps nobody.
const isKnown = Intl.DateTimeFormat.supportedLocalesOf([html.lang]).length > 0;
const dates = isKnown && new Intl.DateTimeFormat(html.lang, { dateStyle: "long", timeZone: "UTC" });

function tellDates(from) {
  // The text is the day in the newsroom's time zone.
  if (!dates) return;
  for (const time of from.querySelectorAll("time.date")) time.textContent = dates.format(new Date(time.textContent));
}

tellDates(document);

// ---- The search. The page has its newest episodes; older pages are fetched when somebody searches. Without this script the list stands.

// Letters that people type for one another, without case (NFKC, case folded).
const ALIKE = { ς: "σ", ي: "ی", ى: "ی", ك: "ک", ё: "е" };
function plain(text) {
  const folded = text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
  return folded.replace(/\p{Default_Ignorable_Code_Point}/gu, "").replace(/[ςيىكё]/g, (letter) => ALIKE[letter]);
}

function prepareSearch(part) {
  const list = document.querySelector(".list");
  const field = part.querySelector("input");
  const told = part.querySelector("output");
  const turn = document.querySelector(".turn");
  let rows = read(list, false);
  let older;
  let asked; // by the server, where there is one: the addresses of episodes whose notes have the words
  let timer;

  function read(from, isOlder) {
    return [...from.children].map((item) => {
      const link = item.querySelector("a");
      return { item, isOlder, page: link.href, text: plain(`${link.textContent} ${item.textContent} ${item.querySelector("time")?.dateTime}`) };
    });
  }

  async function fetchOlder() {
    const pages = Array.from({ length: Number(part.dataset.older) }, (_, index) =>
      fetch(`episodes-${part.dataset.older - index}.html`).then((answer) => (answer.ok ? answer.text() : ""), () => ""),
    );
    for (const page of pages) {
      const found = new DOMParser().parseFromString(await page, "text/html").querySelector(".list");
      if (!found) continue;
      tellDates(found);
      const more = read(found, true);
      for (const { item } of more) item.hidden = true;
      list.append(...found.children);
      rows = rows.concat(more);
      filter();
    }
  }

  async function ask(words) {
    const answer = await fetch(`${part.dataset.api}?limit=100&q=${encodeURIComponent(words)}`).catch(() => null);
    if (!answer?.ok || !answer.headers.get("Content-Type").startsWith("application/json")) {
      part.dataset.api = ""; // a bucket
      return;
    }
    const { episodes } = await answer.json();
    if (words !== field.value.trim()) return;
    asked = new Set(episodes.map(({ links }) => links.page));
    filter();
  }

  function filter() {
    const words = plain(field.value).split(/\s+/u).filter(Boolean);
    let found = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.text.includes(word)) || asked?.has(row.page);
      row.item.hidden = words.length ? !fits : row.isOlder;
      found += !row.item.hidden;
    }
    if (turn) turn.hidden = words.length > 0;
    clearTimeout(timer);
    // A screen reader is told when the typing has paused.
    timer = setTimeout(() => (told.textContent = words.length ? `${told.dataset.found} ${new Intl.NumberFormat(html.lang).format(found)}` : ""), 300);
  }

  let pause;
  field.addEventListener("input", () => {
    asked = undefined;
    if (field.value.trim()) older ??= fetchOlder();
    filter();
    clearTimeout(pause);
    if (part.dataset.api && field.value.trim().length > 2) pause = setTimeout(() => ask(field.value.trim()), 400);
  });
  part.hidden = false;
}

const search = document.querySelector("[role=search]");
if (search) prepareSearch(search);
