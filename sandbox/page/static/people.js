// A row of people (or rooms) of whom one is chosen.

import { h } from "./dom.js";

const TINTS = 6;

/** Returns the coloured circle with a person's initial. */
export function avatar(name, kind = "") {
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  const initial = [...name.trim()][0]?.toUpperCase() ?? "?";
  return h("span", { class: `avatar tint-${sum % TINTS} ${kind}`, "aria-hidden": "true" }, initial);
}

/** Returns a List's renderer for the buttons of such a row. */
export function chooser(choose) {
  return ({ key, name, detail, chosen, unread }) => h("button", {
    type: "button", class: "person", "aria-pressed": String(chosen), "data-focus": "me",
    onclick: () => choose(key),
  }, avatar(name), h("span", { class: "who" }, name, detail && h("small", {}, detail)),
  unread && h("span", { class: "dot" }, h("span", { class: "unseen" }, "(something new)")));
}
