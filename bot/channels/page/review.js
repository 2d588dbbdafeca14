// The review desk: what both models make of a text while it is typed.
const at = (id) => document.getElementById(id);
const text = at("text");
const DELAY = 150;
const MOST_WORDS = 8;
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

let timer = 0;
let asking = false;
let judged = null;

export function open() {
  if (judged === null) judge();
}

// One question at a time, and always the newest text.
async function judge() {
  if (asking) return;
  asking = true;
  while (judged !== text.value) {
    const asked = text.value;
    try {
      const answer = await fetch("page/review", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: asked }),
      });
      const found = await answer.json();
      if (answer.status === 429) {
        await new Promise((resume) => setTimeout(resume, 1000));
        continue;
      }
      if (!answer.ok) throw new Error(found.error);
      show(found);
      at("note").textContent = "";
    } catch (error) {
      at("note").textContent = `The review cannot be judged: ${error.message}`;
    }
    judged = asked;
  }
  asking = false;
}

function show({ models, pieces }) {
  const said = [];
  for (const model of models) {
    const card = at(`model-${model.name}`);
    if (!card) continue;
    const [verdict, , under] = card.querySelectorAll("p");
    const nothing = model.label === "no_opinion";
    const empty = model.reason === "empty";
    const likely = nothing ? "" : `${(100 * model.probability).toFixed(0)} % likely that the writer liked it.`;
    verdict.textContent = empty ? "–" : LABELS[model.label];
    card.querySelector("meter").value = model.probability;
    card.classList.toggle("nothing", nothing);
    const right = `It gets ${(100 * model.accuracy).toFixed(1)} % of ${model.tested.toLocaleString("en")} test reviews right.`;
    under.textContent = [likely, REASONS[model.reason], right].filter(Boolean).join(" ");
    said.push(`${card.querySelector("h3").textContent}: ${verdict.textContent}. ${likely}`);
  }
  at("judged").textContent = said.join(" ");
  mark(pieces);
  rank(pieces.filter(([, weight]) => weight));
}

function mark(pieces) {
  const strongest = Math.max(...pieces.map(([, weight]) => Math.abs(weight)), 0);
  at("marked").replaceChildren(...pieces.map(([piece, weight]) => {
    if (!weight) return document.createTextNode(piece);
    const word = document.createElement("mark");
    const force = Math.ceil((3 * Math.abs(weight)) / strongest);
    word.className = `${weight > 0 ? "praise" : "blame"} force${force}`;
    word.textContent = piece;
    word.title = signed(weight);
    return word;
  }));
}

function rank(words) {
  words.sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
  const strongest = words.length ? Math.abs(words[0][1]) : 1;
  const rows = words.slice(0, MOST_WORDS).map(([word, weight]) => {
    const row = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("span");
    const figure = document.createElement("span");
    name.textContent = word;
    bar.className = `bar ${weight > 0 ? "praise" : "blame"}`;
    bar.style.width = `${(40 * Math.abs(weight)) / strongest}%`;
    figure.textContent = signed(weight);
    row.append(name, bar, figure);
    return row;
  });
  if (!rows.length) {
    const none = document.createElement("li");
    none.textContent = "No word pushes it yet.";
    rows.push(none);
  }
  at("words").replaceChildren(...rows);
}

function signed(weight) {
  return `${weight > 0 ? "+" : "−"}${Math.abs(weight).toFixed(2)}`;
}

text.oninput = () => {
  clearTimeout(timer);
  timer = setTimeout(judge, DELAY);
};
for (const sample of at("samples").children) {
  sample.onclick = () => {
    text.value = sample.textContent;
    judge();
  };
}
