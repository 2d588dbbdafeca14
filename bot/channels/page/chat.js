// The chat: what is said goes to the REST channel, and what it answers is shown. Both are kept in
// this browser, for the next time; the server is not asked for them.
import { ask, at, button, copy, make } from "./shared.js";

const log = at("log"), field = at("message"), large = at("large");
const KEPT = "fathom.conversation", LAST = "fathom.last";
const MOST_KEPT = 200;

let conversation = load(KEPT) ?? begin();
let turn = Promise.resolve();
let waiting = 0; // messages that have no answer yet

export function open() {
  if (!log.childElementCount) redraw();
  if (matchMedia("(pointer: fine)").matches) field.focus({ preventScroll: true });
}

export const present = () => conversation;

// Send a message after those that still wait for their answers.
export function say(text, shown = text) {
  if (!text.trim()) return;
  add({ me: shown });
  wait(1);
  turn = turn.then(() => answer(text)).finally(() => wait(-1));
}

function wait(more) {
  waiting += more;
  at("waiting").textContent = waiting ? "Fathom is thinking…" : "";
  at("thread").ariaBusy = waiting > 0;
}

async function answer(message) {
  const asked = conversation;
  try {
    const told = await ask("webhooks/rest/webhook", { sender: asked.sender, message });
    if (told.some(({ deleted }) => deleted)) forget();
    if (asked === conversation) joined(told).forEach(add);
  } catch (error) {
    if (asked === conversation) fail(error.message, message);
  }
}

// A picture comes after its text. It belongs between that and the choices.
function joined(messages) {
  const told = [];
  for (const message of messages) {
    const before = told.at(-1);
    if (message.image && before && !before.image) Object.assign(before, message);
    else told.push(message);
  }
  return told;
}

// What was deleted on the server goes here too.
function forget() {
  conversation.shown = [];
  store(LAST, null);
  redraw();
}

function fail(reason, text) {
  const item = draw({ trouble: reason || "The server does not answer." });
  const again = button("Try again", () => {
    item.remove();
    say(text);
  });
  item.append(" ", again);
  follow();
}

// Show something that was said, and keep it.
function add(entry) {
  conversation.shown = [...conversation.shown, entry].slice(-MOST_KEPT);
  store(KEPT, conversation);
  draw(entry);
  follow();
}

function redraw() {
  log.replaceChildren();
  at("back").hidden = !load(LAST);
  conversation.shown.forEach(draw);
  follow();
}

// Scroll on, but never past the last question.
function follow() {
  log.querySelector(":nth-last-child(1 of .me)")?.scrollIntoView();
}

function draw({ me, trouble, html = "", image, alt, file, buttons }) {
  const who = make("span", { className: "unseen" }, me === undefined ? "Fathom: " : "You: ");
  const item = make("li", { className: me === undefined ? "it" : "me" }, who, me ?? trouble ?? "");
  item.classList.toggle("trouble", trouble !== undefined);
  // The one place where HTML comes in. The server made it, and escaped what people typed.
  if (html) item.append(make("div", { innerHTML: html }));
  for (const code of item.querySelectorAll("pre")) {
    code.before(button("Copy", ({ target }) => copy(code.textContent, target)));
  }
  if (image) item.append(picture(image, alt));
  if (file) item.append(download(file));
  if (buttons) item.append(make("div", { className: "choices" }, ...buttons.map(choice)));
  log.append(item);
  return item;
}

function choice({ title, payload }) {
  return button(title, () => say(payload || title, title));
}

function picture(address, alt = "Picture") {
  const image = make("img", {
    src: new URL(address, location.href).pathname,
    alt: alt.replace(/\s*\|[|\s-]*/g, "; "), // a table is read out cell by cell
    onload: follow,
    onerror: () => link.replaceWith("(The picture is no longer there.)"),
  });
  const link = make("a", { className: "picture", href: image.src, onclick: enlarge }, image);
  return link;
}

// The file stays in this browser: it came with the answer.
function download({ name, content }) {
  const href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  return make("a", { download: name, href }, `Save ${name}`);
}

// First the whole picture as large as it fits, then its own size, to be scrolled.
function enlarge(event) {
  event.preventDefault();
  const { src, alt } = event.currentTarget.firstChild, image = large.querySelector("img");
  const onload = () => { at("zoom").hidden = image.naturalWidth <= image.clientWidth; };
  Object.assign(image, { onload, src, alt });
  large.showModal();
  zoom(false);
}

function zoom(isFull) {
  large.classList.toggle("full", isFull);
  at("zoom").textContent = isFull ? "Whole picture" : "Full size";
}

function begin() {
  const numbers = crypto.getRandomValues(new BigUint64Array(2));
  return { sender: `page-${numbers.join("-")}`, shown: [] };
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
for (const starter of at("starters").children) starter.onclick = () => say(starter.textContent);
at("new").onclick = () => change(begin(), conversation.shown.length ? conversation : load(LAST));
at("back").onclick = () => change(load(LAST), conversation.shown.length ? conversation : null);
at("zoom").onclick = () => zoom(!large.classList.contains("full"));
// The same conversation may be open in another tab.
addEventListener("storage", ({ key }) => {
  if (key !== KEPT || waiting) return;
  conversation = load(KEPT) ?? begin();
  redraw();
});
