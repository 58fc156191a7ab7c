// Everything begins here: one element on the page, one name on its window.

import { Chat } from "./chat.js";
import { paint } from "./colour.js";
import { guarded, h } from "./dom.js";
import { readSite } from "./site.js";

const STYLE = /*STYLE*/"";
const KEYS = ["keydown", "keypress", "keyup"];

const site = guarded(readSite)(document.currentScript);

function begin() {
  const host = h("podrska-chat", {});
  const shadow = host.attachShadow({ mode: "open" });
  // A sheet that is made here needs no 'unsafe-inline' from the page's policy.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shadow.adoptedStyleSheets = [sheet];
  const root = h("section", { class: `root ${site.theme} ${site.left ? "left" : "right"}` });
  // The page's shortcuts are not for what is typed here.
  for (const each of KEYS) root.addEventListener(each, (event) => event.stopPropagation());
  shadow.append(root);
  document.body.append(host);
  paint(root, site.colour);
  const chat = new Chat(site, root);
  if (window.podrskaIdentity) chat.visit.session.identify(window.podrskaIdentity);
  chat.begin();
  chat.follow();
  return chat;
}

function offer() {
  const ready = new Promise((resolve) => {
    if (document.body) resolve();
    else document.addEventListener("DOMContentLoaded", resolve);
  }).then(guarded(begin));
  const later = (act) => guarded(async (...values) => {
    const chat = await ready;
    if (chat) await act(chat, ...values);
  });
  return Object.freeze({
    open: later((chat) => chat.open()),
    close: later((chat) => chat.close()),
    identify: later((chat, identity) => chat.identify(identity)),
    logout: later((chat) => chat.logout()),
  });
}

// A page that has the script twice has one chat.
window.podrska ??= offer();
