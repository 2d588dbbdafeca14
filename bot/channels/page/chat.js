// The chat: what is said goes to the REST channel, and each answer is shown as soon as it comes.
// What was shown is kept in this browser, for the next time; the server is not asked for it.
const at = (id) => document.getElementById(id);
const log = at("log"), thread = at("thread"), field = at("message"), waiting = at("waiting");
const KEPT = "fathom.conversation", LAST = "fathom.last";
const MOST_KEPT = 200;

let conversation = load(KEPT) || begin();
let turn = Promise.resolve();
let open_turns = 0;

export function open() {
  if (!log.childElementCount) redraw();
  if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
}

export const conversationName = () => conversation.sender;

// Send a message after those that still wait for their answers.
export function say(text, shown = text) {
  if (!text.trim()) return;
  const mine = add({ me: shown });
  open_turns += 1;
  wait();
  turn = turn.then(() => ask(text, mine)).finally(() => {
    open_turns -= 1;
    wait();
  });
}

async function ask(text, mine) {
  const asked = conversation, told = [];
  try {
    const answer = await fetch("webhooks/rest/webhook", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/x-ndjson" },
      body: JSON.stringify({ sender: asked.sender, message: text }),
    });
    if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error);
    for await (const message of lines(answer.body)) {
      if (message.error) throw new Error(message.error);
      if (message.deleted) forget();
      if (asked === conversation) told.push(add(message, message.deleted ? undefined : mine));
    }
  } catch (error) {
    const reason = error instanceof TypeError ? "" : error.message;
    for (const item of told) takeBack(item);
    if (asked === conversation) fail(reason || "The server does not answer.", text);
  }
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const part of parts) yield JSON.parse(part);
  }
}

function wait() {
  waiting.textContent = open_turns ? "Fathom is thinking" : "";
  thread.setAttribute("aria-busy", String(open_turns > 0));
}

function fail(reason, text) {
  const item = shell("it trouble");
  item.append(reason + " ");
  const again = button("Try again", () => {
    item.remove();
    say(text);
  });
  item.append(again);
  bring(item);
}

// Show something that was said, and keep it.
function add(entry, mine) {
  conversation.shown = [...conversation.shown, entry].slice(-MOST_KEPT);
  store(KEPT, conversation);
  const item = draw(entry);
  item.entries = [...item.entries || [], entry];
  bring(item, mine);
  return item;
}

// What was said in a turn that then failed is not remembered by the assistant either.
function takeBack(item) {
  conversation.shown = conversation.shown.filter((entry) => !item.entries.includes(entry));
  store(KEPT, conversation);
  item.remove();
}

// The server has deleted the conversation: what this browser kept of it goes too.
function forget() {
  conversation.shown = [];
  store(LAST, null);
  redraw();
}

function draw(entry) {
  if (entry.image && !entry.html && log.lastElementChild?.matches(".it")) return illustrate(entry);
  const item = shell(entry.me === undefined ? "it" : "me");
  if (entry.me !== undefined) {
    item.append(entry.me);
    return item;
  }
  // The one place where HTML comes in. The server made it, and escaped what people typed.
  const body = document.createElement("div");
  body.innerHTML = entry.html || "";
  for (const code of body.querySelectorAll("pre")) copyable(code);
  item.append(body);
  if (entry.image) item.append(picture(entry));
  if (entry.file) item.append(download(entry.file));
  if (entry.buttons) item.append(choices(entry.buttons));
  return item;
}

// A picture comes after its text. It belongs between that and the choices.
function illustrate(entry) {
  const item = log.lastElementChild;
  item.insertBefore(picture(entry), item.querySelector(":scope > .choices"));
  return item;
}

function shell(kind) {
  const item = document.createElement("li");
  item.className = kind;
  const who = document.createElement("span");
  who.className = "unseen";
  who.textContent = kind === "me" ? "You: " : "Fathom: ";
  item.append(who);
  log.append(item);
  at("starters").hidden = true;
  return item;
}

function copyable(code) {
  const box = document.createElement("div");
  box.className = "code";
  code.replaceWith(box);
  box.append(code, button("Copy", (event) => copy(code.textContent, event.target)));
}

// Without HTTPS a browser lets a page copy on its own machine only.
export async function copy(text, pressed) {
  const title = pressed.textContent;
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  pressed.textContent = done ? "Copied" : "Not allowed here";
  pressed.disabled = true;
  setTimeout(() => Object.assign(pressed, { textContent: title, disabled: false }), 2000);
}

function picture(entry) {
  const source = new URL(entry.image, location.href).pathname;
  const link = document.createElement("a");
  const image = document.createElement("img");
  link.href = source;
  link.className = "picture";
  // A table is read out cell by cell.
  image.alt = (entry.alt || "Picture").replace(/\s*\|[|\s-]*/g, "; ");
  image.onload = () => bring(link.closest("li"), null);
  image.onerror = () => link.replaceWith("(The picture is no longer there.)");
  image.src = source;
  link.append(image);
  link.onclick = (event) => {
    event.preventDefault();
    enlarge(image);
  };
  return link;
}

// First the whole picture as large as it fits, then its own size, to be scrolled.
function enlarge({ src, alt }) {
  const large = at("large").querySelector("img");
  large.onload = () => { at("zoom").hidden = large.naturalWidth <= large.clientWidth; };
  Object.assign(large, { src, alt });
  at("large").showModal();
  zoom(false);
}

function zoom(full) {
  at("large").classList.toggle("full", full);
  at("zoom").textContent = full ? "Whole picture" : "Full size";
}

// The file stays in this browser: it came with the answer.
function download({ name, content }) {
  const link = document.createElement("a");
  link.className = "download";
  link.download = name;
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  link.textContent = `Save ${name}`;
  return link;
}

function choices(buttons) {
  const row = document.createElement("div");
  row.className = "choices";
  for (const { title, payload } of buttons) {
    row.append(button(title, () => say(payload || title, title)));
  }
  return row;
}

function button(title, pressed) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = title;
  made.onclick = pressed;
  return made;
}

// Scroll to an item, but never past the question that it answers.
function bring(item, mine) {
  if (mine === null && item !== log.lastElementChild) return;
  const question = mine || [...log.querySelectorAll(".me")].pop() || item;
  const top = (element) => element.getBoundingClientRect().top + thread.scrollTop
    - thread.getBoundingClientRect().top;
  thread.scrollTop = Math.min(thread.scrollHeight - thread.clientHeight, top(question) - 12);
}

function redraw() {
  log.replaceChildren();
  at("starters").hidden = false;
  at("back").hidden = !load(LAST);
  for (const entry of conversation.shown) draw(entry);
  if (log.lastElementChild) bring(log.lastElementChild);
}

function begin() {
  const numbers = crypto.getRandomValues(new Uint32Array(4));
  return { sender: `page-${[...numbers].map((n) => n.toString(16)).join("")}`, shown: [] };
}

function change(to, last) {
  conversation = to;
  store(KEPT, to);
  store(LAST, last);
  redraw();
  field.focus();
}

// A browser may keep nothing; then the conversation lasts as long as the page.
function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch { /* see above */ }
}

at("composer").onsubmit = (event) => {
  event.preventDefault();
  say(field.value);
  field.value = "";
};
field.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at("composer").requestSubmit();
};
at("new").onclick = () => change(begin(), conversation.shown.length ? conversation : load(LAST));
at("back").onclick = () => change(load(LAST), conversation.shown.length ? conversation : null);
for (const starter of at("starters").children) starter.onclick = () => say(starter.textContent);
at("zoom").onclick = () => zoom(!at("large").classList.contains("full"));
// A click beside the large picture closes it.
at("large").onclick = (event) => { if (event.target === at("large")) at("large").close(); };
// The same conversation may be open in another tab.
addEventListener("storage", (event) => {
  if (event.key !== KEPT || open_turns) return;
  conversation = load(KEPT) || begin();
  redraw();
});
