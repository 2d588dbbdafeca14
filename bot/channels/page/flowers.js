// The playground: the model on the server answers for a flower that is dragged among the 150.
import { conversationName, copy } from "./chat.js";

const at = (id) => document.getElementById(id);
const MARGIN = { left: 40, right: 10, top: 8, bottom: 38 };
const SHAPE = 0.74; // height by width of a panel
const ARTICLE = { flower: [5.9, 3, 4.2, 1.5], k: 3, scaled: false, train: 80 };
const STEP = 0.05, KEY_STEP = 0.1, LONG_STEP = 0.5;
const MOST_ROWS = 15;
const TOLD = "fathom.told";
const UNTOLD = JSON.stringify({ scaled: ARTICLE.scaled, train: ARTICLE.train, k: ARTICLE.k });

let state = structuredClone(ARTICLE);
let data = null; // what the server said once: flowers, species, panels
let answer = null; // what it said last
let asking = false, newer = false, addressTimer = 0, note = at("note");

export async function open(query) {
  if (query) state = read(new URLSearchParams(query));
  if (!data) {
    data = await ask("page/flowers").catch(trouble);
    if (!data) return;
    prepare();
  }
  layOut();
  change();
}

function read(query) {
  const flower = (query.get("flower") || "").split(",").map(Number);
  const within = (value, low, high, other) => (value >= low && value <= high ? value : other);
  return {
    flower: flower.length === 4 && flower.every((cm) => cm > 0) ? flower : [...ARTICLE.flower],
    k: within(Math.round(query.get("k")), 1, 135, ARTICLE.k),
    train: within(Number(query.get("train")), 10, 90, ARTICLE.train),
    scaled: query.get("scaled") === "1",
  };
}

function written() {
  return `flower=${state.flower.join(",")}&k=${state.k}&scaled=${Number(state.scaled)}&train=${state.train}`;
}

async function ask(address) {
  const reply = await fetch(address);
  const found = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(found.error), { status: reply.status });
  return found;
}

function trouble(error) {
  note.textContent = `The model does not answer: ${error.message}`;
}

// After every change: show the flower at once, ask for the answer, keep the address.
function change() {
  state.flower = state.flower.map((cm, number) => fit(cm, number));
  place();
  answerLatest();
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    if (location.hash.startsWith("#flowers")) history.replaceState(null, "", `#flowers?${written()}`);
  }, 300);
}

// One question at a time, and always the newest state.
async function answerLatest() {
  newer = true;
  if (asking) return;
  asking = true;
  while (newer) {
    newer = false;
    try {
      answer = await ask(`page/flower?${written()}`);
      note.textContent = "";
      if (state.k > answer.most_k) state.k = answer.most_k;
      show();
    } catch (error) {
      if (error.status === 429) await new Promise((resume) => setTimeout(resume, 1000));
      newer ||= error.status === 429;
      if (!newer) trouble(error);
    }
  }
  asking = false;
}

function fit(cm, number) {
  const panel = Object.values(data.panels).find(({ x, y }) => x === number || y === number);
  const axis = panel.x === number ? 0 : 1;
  const kept = Math.min(panel.to[axis], Math.max(panel.from[axis], cm));
  return Number((Math.round(kept / STEP) * STEP).toFixed(2));
}

// ---- the panels

function make(name, attributes, parent) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

function prepare() {
  for (const [name, panel] of Object.entries(data.panels)) {
    Object.assign(panel, { svg: at(name), name });
    for (const layer of ["regions", "axes", "lines", "flowers", "rings"]) {
      panel[layer] = make("g", { class: layer, "aria-hidden": "true" }, panel.svg);
    }
    panel.star = make("g", {
      class: "star", role: "slider", tabindex: 0, "aria-label": `Your flower among the ${name}`,
      "aria-valuemin": panel.from[0], "aria-valuemax": panel.to[0],
    }, panel.svg);
    make("circle", { r: 24, class: "grip" }, panel.star);
    make("path", { d: star(12, 5.5) }, panel.star);
    listen(panel);
  }
  data.features.forEach((_, number) => {
    const slider = at(`m${number}`);
    const panel = Object.values(data.panels).find(({ x, y }) => x === number || y === number);
    const axis = panel.x === number ? 0 : 1;
    Object.assign(slider, { min: panel.from[axis], max: panel.to[axis], step: STEP });
    slider.oninput = () => { state.flower[number] = Number(slider.value); change(); };
  });
  new ResizeObserver(layOut).observe(data.panels.sepals.svg);
}

function star(outer, inner) {
  const corners = Array.from({ length: 10 }, (_, n) => {
    const radius = n % 2 ? inner : outer, angle = (Math.PI * n) / 5;
    return `${(radius * Math.sin(angle)).toFixed(1)} ${(-radius * Math.cos(angle)).toFixed(1)}`;
  });
  return `M${corners.join("L")}Z`;
}

// Everything whose place depends on the width of the page.
function layOut() {
  for (const panel of Object.values(data.panels)) {
    const width = panel.svg.clientWidth, height = Math.round(width * SHAPE);
    if (!width || panel.width === width) continue;
    panel.width = width;
    panel.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    panel.inner = [width - MARGIN.left - MARGIN.right, height - MARGIN.top - MARGIN.bottom];
    axes(panel, height);
    panel.flowers.replaceChildren();
    panel.dots = data.flowers.map((row) => glyph(panel, row));
  }
  if (answer) show();
  place();
}

function spot(panel, flower) {
  const part = (axis, number) => (flower[number] - panel.from[axis]) / (panel.to[axis] - panel.from[axis]);
  return [MARGIN.left + part(0, panel.x) * panel.inner[0], MARGIN.top + (1 - part(1, panel.y)) * panel.inner[1]];
}

function axes(panel, height) {
  const [wide, high] = panel.inner;
  panel.axes.replaceChildren();
  const say = (text, x, y, anchor, more = {}) => {
    make("text", { x, y, "text-anchor": anchor, ...more }, panel.axes).textContent = text;
  };
  for (let cm = Math.ceil(panel.from[0]); cm <= panel.to[0]; cm += 1) {
    const flower = { [panel.x]: cm, [panel.y]: panel.from[1] };
    say(cm, spot(panel, flower)[0], height - 22, "middle");
  }
  for (let cm = Math.ceil(2 * panel.from[1]) / 2; cm <= panel.to[1]; cm += 0.5) {
    const flower = { [panel.x]: panel.from[0], [panel.y]: cm };
    say(cm, MARGIN.left - 6, spot(panel, flower)[1] + 4, "end");
  }
  make("rect", { x: MARGIN.left, y: MARGIN.top, width: wide, height: high }, panel.axes);
  say("length (cm)", MARGIN.left + wide / 2, height - 4, "middle");
  const [x, y] = [10, MARGIN.top + high / 2];
  say("width (cm)", x, y, "middle", { transform: `rotate(-90 ${x} ${y})` });
}

function glyph(panel, row) {
  const [x, y] = spot(panel, row), species = row[4];
  const place = { class: `s${species}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` };
  if (species === 0) return make("circle", { ...place, r: 4 }, panel.flowers);
  if (species === 1) return make("rect", { ...place, x: -3.6, y: -3.6, width: 7.2, height: 7.2 }, panel.flowers);
  return make("path", { ...place, d: "M0-4.8L4.6 3.6H-4.6Z" }, panel.flowers);
}

function place() {
  if (!data) return;
  for (const panel of Object.values(data.panels)) {
    if (!panel.inner) continue;
    const [x, y] = spot(panel, state.flower);
    panel.star.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    panel.star.setAttribute("aria-valuenow", state.flower[panel.x]);
    panel.star.setAttribute("aria-valuetext",
      `length ${state.flower[panel.x]} cm, width ${state.flower[panel.y]} cm`);
  }
  state.flower.forEach((cm, number) => fill(`m${number}`, cm, `${cm} cm`));
  fill("k", state.k, state.k);
  fill("train", state.train, `${state.train} %`);
  at("scaled").checked = state.scaled;
}

function fill(id, value, text) {
  at(id).value = value;
  document.querySelector(`output[for="${id}"]`).textContent = text;
}

// ---- what the model said

function show() {
  const { species, votes, neighbours } = answer;
  at("k").max = answer.most_k;
  fill("k", state.k, state.k);
  for (const panel of Object.values(data.panels)) {
    if (panel.inner) { regions(panel, answer.regions[panel.name]); around(panel, neighbours); }
  }
  const training = new Set(answer.training);
  for (const panel of Object.values(data.panels)) {
    panel.dots?.forEach((dot, number) => dot.classList.toggle("held", !training.has(number)));
  }
  at("species").textContent = `Iris ${species}`;
  for (const now of document.querySelectorAll(".now")) {
    now.textContent = `${species}, ${votes[data.species.indexOf(species)]} of ${answer.k}`;
  }
  at("votes").replaceChildren(...votes.map((count, number) => bar(count, number)));
  at("remark").textContent = remark();
  at("tested").textContent = `Trained on ${answer.training.length} flowers; of the other ${answer.tested.total} it gets ${answer.tested.correct} right.`;
  at("neighbours").replaceChildren(...neighbours.slice(0, MOST_ROWS).map(row));
  at("more").textContent = neighbours.length > MOST_ROWS ? `and ${neighbours.length - MOST_ROWS} more` : "";
}

// Each species is one path, made of a rectangle for every run of cells in a row.
function regions(panel, rows) {
  const paths = ["", "", ""];
  rows.forEach((cells, y) => {
    for (const run of cells.matchAll(/0+|1+|2+/g)) {
      paths[run[0][0]] += `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`;
    }
  });
  const scale = [panel.inner[0] / rows[0].length, panel.inner[1] / rows.length];
  panel.regions.setAttribute("transform", `translate(${MARGIN.left} ${MARGIN.top}) scale(${scale})`);
  panel.regions.replaceChildren(...paths.map((d, number) => make("path", { d, class: `r${number}` })));
}

function around(panel, neighbours) {
  const [x1, y1] = spot(panel, state.flower);
  panel.lines.replaceChildren();
  panel.rings.replaceChildren();
  for (const { flower } of neighbours) {
    const [x2, y2] = spot(panel, flower);
    make("line", { x1, y1, x2, y2 }, panel.lines);
    make("circle", { cx: x2, cy: y2, r: 8 }, panel.rings);
  }
}

function bar(count, number) {
  const line = document.createElement("p");
  const meter = document.createElement("meter");
  const name = data.species[number];
  Object.assign(meter, { min: 0, max: state.k, value: count, className: `m${number}` });
  meter.setAttribute("aria-label", `${name}: ${count} of ${state.k} votes`);
  line.append(name, meter, String(count));
  return line;
}

function remark() {
  const different = answer.other_k.filter(({ species }) => species !== answer.species);
  const parts = [];
  if (answer.tied) parts.push("It is a tie; the first species in the list wins.");
  if (answer.unusual.length) parts.push(`No flower here has such a ${answer.unusual.join(" or ")}.`);
  if (!different.length) parts.push("Every odd k from 1 to 15 says the same.");
  for (const name of new Set(different.map(({ species }) => species))) {
    const ks = different.filter(({ species }) => species === name).map(({ k }) => k);
    parts.push(`With k = ${ks.join(", ")} it would be ${name}.`);
  }
  return parts.join(" ");
}

function row({ flower, species, distance }) {
  const line = document.createElement("tr");
  const size = `${flower[0]} × ${flower[1]}, ${flower[2]} × ${flower[3]}`;
  for (const text of [species, size, distance.toFixed(2)]) line.insertCell().textContent = text;
  return line;
}

// ---- hands

function listen(panel) {
  const move = ({ clientX, clientY }) => {
    const box = panel.svg.getBoundingClientRect();
    const x = (clientX - box.left - MARGIN.left) / panel.inner[0];
    const y = 1 - (clientY - box.top - MARGIN.top) / panel.inner[1];
    state.flower[panel.x] = panel.from[0] + x * (panel.to[0] - panel.from[0]);
    state.flower[panel.y] = panel.from[1] + y * (panel.to[1] - panel.from[1]);
    change();
  };
  // A finger drags the star only, so that the rest of the panel still scrolls the page.
  panel.svg.onpointerdown = (event) => {
    if (event.button || (event.pointerType !== "mouse" && !panel.star.contains(event.target))) return;
    event.preventDefault();
    panel.svg.setPointerCapture(event.pointerId);
    panel.svg.onpointermove = move;
    panel.star.focus({ preventScroll: true });
    if (!panel.star.contains(event.target)) move(event);
  };
  panel.svg.onpointerup = panel.svg.onpointercancel = () => { panel.svg.onpointermove = null; };
  panel.svg.onclick = (event) => { if (!panel.star.contains(event.target)) move(event); };
  panel.star.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  panel.star.onkeydown = (event) => {
    const step = event.shiftKey ? LONG_STEP : KEY_STEP;
    const steps = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const [right, up] = steps[event.key];
    state.flower[panel.x] += right;
    state.flower[panel.y] += up;
    change();
  };
}

at("k").oninput = () => { state.k = Number(at("k").value); change(); };
at("train").oninput = () => { state.train = Number(at("train").value); change(); };
at("scaled").onchange = () => { state.scaled = at("scaled").checked; change(); };
at("article").onclick = () => { state = { ...structuredClone(ARTICLE), flower: state.flower }; change(); };
at("share").onclick = (event) => {
  copy(`${location.href.split("#")[0]}#flowers?${written()}`, event.target);
};
for (const form of ["measures", "recipe"]) at(form).onsubmit = (event) => event.preventDefault();

// Call back with what to say so that the chat answers for this flower and this model.
export function onTell(tell) {
  at("tell").onclick = () => {
    const { scaled, train, k } = state;
    const settings = JSON.stringify({ scaled, train, k });
    const told = recall(), messages = [];
    if (told !== settings) {
      if (told !== UNTOLD) messages.push("use the article's settings");
      if (scaled) messages.push("scale the features");
      if (train !== ARTICLE.train) messages.push(`train on ${train} %`);
    }
    messages.push(state.flower.join(" ") + (k === ARTICLE.k ? "" : ` with k=${k}`));
    try {
      localStorage.setItem(TOLD, JSON.stringify({ name: conversationName(), settings }));
    } catch { /* then it is told again */ }
    tell(messages);
  };
}

// The chat keeps its settings; this is what it was told in the present conversation.
function recall() {
  try {
    const told = JSON.parse(localStorage.getItem(TOLD));
    if (told?.name === conversationName()) return told.settings;
  } catch { /* see above */ }
  return UNTOLD;
}
