// What people wrote, as elements: marks and links, and nothing that could do anything else.

import { h } from "./dom.js";
import { say } from "./texts.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strike: "s", code: "code", pre: "code",
  quote: "q", mention: "b" };
const LONG = 1200;
const ADDRESS = /https?:\/\/[^\s<>"'`]*[^\s<>"'`.,:;!?()[\]{}]/gi;

/** Returns an element with the text in it; a long one is folded. */
export function words(text) {
  const length = text.reduce((sum, each) => sum + each.t.length, 0);
  const element = h("div", { class: "words", dir: "auto" }, text.flatMap(run));
  if (length < LONG) return element;
  element.classList.add("folded");
  const more = h("button", { type: "button", class: "more", onclick: () => {
    element.classList.remove("folded");
    more.remove();
  } }, say("MORE"));
  return h("div", {}, element, more);
}

function run({ t, m = [], href }) {
  const isLink = Boolean(href) && isSafe(href);
  const inner = isLink || m.includes("code") || m.includes("pre") ? [t] : withLinks(t);
  const marked = m.filter((each) => TAGS[each])
    .reduceRight((nodes, each) => [h(TAGS[each], { class: each }, nodes)], inner);
  const shown = isLink ? [link(href, marked)] : marked;
  return m.includes("spoiler") ? [spoiler(shown)] : shown;
}

function withLinks(text) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESS)) {
    nodes.push(text.slice(at, found.index), isSafe(found[0]) ? link(found[0], [found[0]]) : found[0]);
    at = found.index + found[0].length;
  }
  return [...nodes, text.slice(at)].filter(Boolean);
}

/** Whether an address leads to a page or opens a mail, and does nothing else. */
export function isSafe(address) {
  try {
    return ["http:", "https:", "mailto:"].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

const link = (href, nodes) =>
  h("a", { href, target: "_blank", rel: "noopener noreferrer" }, nodes);

function spoiler(nodes) {
  const hidden = h("span", { hidden: true }, nodes);
  const show = h("button", { type: "button", class: "more", onclick: () => {
    hidden.hidden = false;
    show.remove();
  } }, say("SPOILER"));
  return h("span", {}, show, hidden);
}
