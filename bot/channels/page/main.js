// The way from one view to another: the part of the address behind # names the view and holds its
// state, so that the address can be kept and shared.
import * as chat from "./chat.js";
import * as flowers from "./flowers.js";
import * as review from "./review.js";

const views = { chat, flowers, review };
let shown = "";

function show() {
  const [name, state = ""] = location.hash.slice(1).split("?");
  if (name === "main" && shown) return; // the link that skips the header
  const view = name in views ? name : "chat";
  for (const other of Object.keys(views)) {
    document.getElementById(`view-${other}`).hidden = other !== view;
    const link = document.querySelector(`nav a[href="#${other}"]`);
    if (other === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.body.dataset.view = view;
  document.title = { chat: "Fathom", flowers: "Flowers · Fathom", review: "Reviews · Fathom" }[view];
  if (shown && shown !== view) document.getElementById("main").focus({ preventScroll: true });
  shown = view;
  views[view].open(state);
}

addEventListener("hashchange", show);
flowers.onTell((messages) => {
  location.hash = "#chat";
  for (const message of messages) chat.say(message);
});
show();
