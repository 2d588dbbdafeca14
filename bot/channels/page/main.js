// The way from one view to another: the part of the address behind # names the view and holds its
// state, so that the address can be kept and shared. A view is loaded when it is first opened.
import { at, note } from "./shared.js";

const TITLES = { chat: "Fathom", flowers: "Flowers · Fathom", review: "Reviews · Fathom" };
let shown = "";

async function show() {
  const [name, state] = location.hash.slice(1).split("?");
  if (name === "main" && shown) return; // the link that skips the header
  const view = name in TITLES ? name : "chat";
  for (const other in TITLES) {
    at(`view-${other}`).hidden = other !== view;
    document.querySelector(`nav [href="#${other}"]`).ariaCurrent = other === view ? "page" : null;
  }
  document.body.dataset.view = view;
  document.title = TITLES[view];
  if (shown && shown !== view) at("main").focus({ preventScroll: true });
  shown = view;
  await import(`./${view}.js`).then(({ open }) => open(state), ({ message }) => note(message));
}

addEventListener("hashchange", show);
show();
