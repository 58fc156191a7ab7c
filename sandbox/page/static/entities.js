// Telegram's formatted text: offsets count UTF-16 units, as JavaScript's strings do.

import { h, link } from "./dom.js";

/** Returns the nodes of a text with its entities (Bot API, "MessageEntity"). */
export function formatted(text, entities) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return stretch(text, 0, text.length, sorted);
}

function stretch(text, start, end, entities) {
  const nodes = [];
  let at = start;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || stop <= at) continue;
    nodes.push(text.slice(at, entity.offset));
    const inside = entities.slice(index + 1).filter((other) => other.offset < stop);
    nodes.push(wrapped(entity, text.slice(entity.offset, stop),
      stretch(text, entity.offset, stop, inside)));
    at = stop;
  }
  nodes.push(text.slice(at, end));
  return nodes;
}

function wrapped(entity, words, children) {
  switch (entity.type) {
    case "bold": return h("strong", {}, children);
    case "italic": return h("em", {}, children);
    case "underline": return h("u", {}, children);
    case "strikethrough": return h("s", {}, children);
    case "code": return h("code", {}, children);
    case "pre": return h("pre", {}, children);
    case "blockquote": case "expandable_blockquote": return h("blockquote", {}, children);
    case "spoiler": return spoiler(children);
    case "text_link": return link(entity.url, children);
    case "url": return link(words, children);
    case "email": return link(`mailto:${words}`, children);
    case "mention": case "text_mention": case "bot_command": case "hashtag":
      return h("span", { class: "mention" }, children);
    default: return h("span", {}, children);
  }
}

function spoiler(children) {
  const veil = h("button", { type: "button", class: "spoiler", "aria-label": "Show what is hidden",
    onclick: () => veil.replaceWith(h("span", {}, children)) }, children);
  return veil;
}
