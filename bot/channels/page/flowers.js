// The playground: the model on the server answers for a flower that is dragged among the 150.
// Its state is in the sliders, which take no value beyond their ends.
import { present, say } from "./chat.js";
import { Panel } from "./panel.js";
import { ask, at, copy, make, newest } from "./shared.js";

const MOST_ROWS = 15;
const ADDRESS_DELAY = 300; // ms; a browser takes only so many addresses a minute
const AS_IN_THE_ARTICLE = "false,80";

const lengths = [...at("measures").querySelectorAll("input")]; // in cm, in the model's order
const { k, train, scaled } = at("recipe").elements;
const [data] = await ask("page/flowers");
const panels = Object.entries(data.panels).map(([name, panel]) => {
  const sliders = [lengths[panel.x], lengths[panel.y]];
  sliders.forEach((slider, axis) => {
    Object.assign(slider, { min: panel.from[axis], max: panel.to[axis] });
  });
  return new Panel(name, panel, data, (...place) => {
    sliders.forEach((slider, axis) => { slider.value = place[axis]; });
    change();
  });
});
let addressTimer = 0;

export function open(query) {
  if (query) read(new URLSearchParams(query));
  change();
}

const flower = () => lengths.map(({ value }) => Number(value));

function read(query) {
  const given = [...(query.get("flower") ?? "").split(","), query.get("k"), query.get("train")];
  [...lengths, k, train].forEach((slider, number) => {
    if (Number(given[number])) slider.value = given[number];
  });
  scaled.checked = query.get("scaled") === "1";
}

function written() {
  return `flower=${flower()}&k=${k.value}&scaled=${Number(scaled.checked)}&train=${train.value}`;
}

const address = () => `#flowers?${written()}`;

// After every change: show the flower at once, ask for the answer, keep the address.
function change() {
  place();
  answer();
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    if (document.body.dataset.view === "flowers") history.replaceState(null, "", address());
  }, ADDRESS_DELAY);
}

function place() {
  for (const panel of panels) panel.place(flower());
  for (const slider of [...lengths, k, train]) slider.nextElementSibling.value = slider.value;
}

const answer = newest(() => ask(`page/flower?${written()}`), (found) => {
  const { species, votes, neighbours, training, tested } = found;
  k.max = found.most_k;
  place();
  for (const panel of panels) panel.show(found);
  for (const now of document.querySelectorAll(".now")) {
    now.textContent = `${species}, ${Math.max(...votes)} of ${found.k}`;
  }
  at("species").textContent = `Iris ${species}`;
  at("votes").replaceChildren(...votes.map((count, at) => bar(data.species[at], count, found.k)));
  at("remark").textContent = remark(found);
  at("tested").textContent = `Trained on ${training.length} flowers; of the other ${tested.total} `
    + `it gets ${tested.correct} right.`;
  at("neighbours").replaceChildren(...neighbours.slice(0, MOST_ROWS).map(row));
  const rest = neighbours.length - MOST_ROWS;
  at("more").textContent = rest > 0 ? `and ${rest} more` : "";
});

function bar(name, value, max) {
  const ariaLabel = `${name}: ${value} of ${max} votes`;
  return make("p", {}, name, make("meter", { max, value, className: name, ariaLabel }), `${value}`);
}

function row({ flower: [a, b, c, d], species, distance }) {
  const cells = [species, `${a} × ${b}, ${c} × ${d}`, distance.toFixed(2)];
  return make("tr", {}, ...cells.map((text) => make("td", {}, text)));
}

function remark({ species, tied, unusual, other_k: others }) {
  const parts = [];
  if (tied) parts.push("It is a tie; the first species in the list wins.");
  if (unusual.length) parts.push(`No flower here has such a ${unusual.join(" or ")}.`);
  const different = others.filter((other) => other.species !== species);
  if (!different.length) parts.push("Every odd k from 1 to 15 says the same.");
  for (const name of new Set(different.map((other) => other.species))) {
    const ks = different.filter((other) => other.species === name).map((other) => other.k);
    parts.push(`With k = ${ks.join(", ")} it would be ${name}.`);
  }
  return parts.join(" ");
}

// Let the chat answer for this flower and this model. It keeps its settings, so it is told once in
// a conversation what differs from the article's.
function tell() {
  const settings = `${scaled.checked},${train.value}`, { told = AS_IN_THE_ARTICLE } = present();
  present().told = settings;
  location.hash = "#chat";
  if (settings !== told) {
    if (told !== AS_IN_THE_ARTICLE) say("use the article's settings");
    if (scaled.checked) say("scale the features");
    if (train.value !== train.defaultValue) say(`train on ${train.value} %`);
  }
  say(`${flower().join(" ")} with k=${k.value}`);
}

at("view-flowers").oninput = change;
at("article").onclick = () => {
  at("recipe").reset();
  change();
};
at("tell").onclick = tell;
at("share").onclick = ({ target }) => copy(new URL(address(), location).href, target);
