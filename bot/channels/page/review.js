// The review desk: what both models make of a text while it is typed.
import { ask, at, make, newest } from "./shared.js";

const text = at("text");
const MOST_WORDS = 8;
const NAMES = { default: "Fathom's model", article: "The article's model" };
const LABELS = {
  positive: "Positive", negative: "Negative", unsure: "Not sure", no_opinion: "No opinion to judge",
};
const REASONS = {
  mixed: "It finds praise and blame of about the same weight.",
  undecided: "That is too close to call.",
  unknown_words: "It knows too few of these words.",
  foreign: "It reads English only.",
  not_a_review: "It takes this for something else than a review.",
};

export function open() {
  if (!at("verdicts").childElementCount) judge();
}

const question = () => ask("page/review", { text: text.value });
const judge = newest(question, ({ models, pieces }) => {
  at("verdicts").replaceChildren(...models.map(card));
  at("judged").textContent = models.map(said).join(" ");
  const words = pieces.filter(([, weight]) => weight);
  words.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
  const strongest = Math.abs(words[0]?.[1]);
  at("marked").replaceChildren(...pieces.map((piece) => mark(piece, strongest)));
  at("words").replaceChildren(...words.slice(0, MOST_WORDS).map((word) => row(word, strongest)));
});

const verdict = ({ label, reason }) => (reason === "empty" ? "–" : LABELS[label]);
const likely = ({ label, probability }) => (label === "no_opinion" ? ""
  : `${(100 * probability).toFixed(0)} % likely that the writer liked it.`);
const said = (model) => `${NAMES[model.name]}: ${verdict(model)}. ${likely(model)}`;

function card(model) {
  const right = `It gets ${(100 * model.accuracy).toFixed(1)} % of `
    + `${model.tested.toLocaleString("en")} test reviews right.`;
  const ariaLabel = "How likely it is that the writer liked the film";
  const made = make("div", { className: "card", id: `model-${model.name}` },
    make("h3", {}, NAMES[model.name]),
    make("p", { className: "big" }, verdict(model)),
    make("meter", { value: model.probability, ariaLabel }),
    make("p", { className: "ends" }, make("span", {}, "disliked it"), make("span", {}, "liked it")),
    make("p", { className: "under" }, `${likely(model)} ${REASONS[model.reason] ?? ""} ${right}`));
  made.classList.toggle("nothing", model.label === "no_opinion");
  return made;
}

const side = (weight) => (weight > 0 ? "praise" : "blame");
const signed = (weight) => `${weight > 0 ? "+" : "−"}${Math.abs(weight).toFixed(2)}`;

function mark([piece, weight], strongest) {
  if (!weight) return piece;
  const word = make("mark", { className: side(weight), title: signed(weight) }, piece);
  word.style.setProperty("--force", Math.ceil((3 * Math.abs(weight)) / strongest));
  return word;
}

function row([word, weight], max) {
  const value = Math.abs(weight), ariaLabel = `How hard "${word}" pushes`;
  const bar = make("meter", { max, value, className: side(weight), ariaLabel });
  return make("li", {}, make("span", {}, word), bar, signed(weight));
}

text.oninput = judge;
for (const sample of at("samples").children) {
  sample.onclick = () => {
    text.value = sample.textContent;
    judge();
  };
}
