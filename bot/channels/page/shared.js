// What the views share: elements, questions to the server, the clipboard.
export const at = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function button(title, onclick) {
  return make("button", { type: "button", onclick }, title);
}

export function note(text) {
  at("note").textContent = text;
}

// Return the lines of JSON that the server answers, mostly one. What it refuses is an error.
export async function ask(address, body) {
  const headers = { "content-type": "application/json", accept: "application/x-ndjson" };
  const question = body && { method: "POST", headers, body: JSON.stringify(body) };
  let answer, lines;
  try {
    answer = await fetch(address, question);
    lines = (await answer.text()).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  } catch {
    throw new Error("The server does not answer.");
  }
  const refused = lines.find(({ error }) => error);
  if (!answer.ok || refused) throw new Error(refused?.error, { cause: answer.status });
  return lines;
}

// Return how to ask and show: one question at a time, and always about the newest state.
export function newest(question, show) {
  let isAsking = false, isNewer = false;
  return async function again() {
    isNewer = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      show(...await question());
      note("");
    } catch (error) {
      note(error.message);
      if (error.cause === 429) setTimeout(again, 1000);
    }
    isAsking = false;
    if (isNewer) again();
  };
}

// Without HTTPS a browser lets a page copy on its own machine only.
export async function copy(text, pressed) {
  const title = pressed.textContent;
  const isDone = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  Object.assign(pressed, { textContent: isDone ? "Copied" : "Not allowed here", disabled: true });
  setTimeout(() => Object.assign(pressed, { textContent: title, disabled: false }), 2000);
}
