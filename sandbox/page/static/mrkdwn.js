// Slack's formatted texts: mrkdwn (docs: "Formatting message text") and rich_text blocks.

import { h, link } from "./dom.js";
import { clockTime, day } from "./clock.js";
import { emoji } from "./emoji.js";

const INLINE = new RegExp([
  "<(?<angle>[^<>\\n]+)>",
  "`(?<code>[^`\\n]+)`",
  "(?<![\\p{L}\\p{N}])(?<mark>[*_~])(?=\\S)(?<styled>[^\\n]+?)(?<=\\S)\\k<mark>(?![\\p{L}\\p{N}])",
  ":(?<emoji>[a-z0-9_+'-]+):",
].join("|"), "gu");
const TAGS = { "*": "strong", _: "em", "~": "s" };

const plain = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Returns the nodes of a text object; `names` says who ids are. */
export function textObject(text, names) {
  if (!text) return [];
  return text.type === "mrkdwn" ? mrkdwn(text.text, names) : emojied(text.text);
}

/** Returns the nodes of mrkdwn. */
export function mrkdwn(text, names) {
  return text.split(/```\n?([^]*?)\n?```/).flatMap((piece, index) =>
    (index % 2 ? [h("pre", {}, plain(piece))] : quotes(piece, names)));
}

function quotes(text, names) {
  const nodes = [];
  let quoted = null;
  text.split("\n").forEach((line, index) => {
    const found = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (found) {
      if (quoted) quoted.append("\n");
      else nodes.push(quoted = h("blockquote"));
      quoted.append(...inline(found[1], names));
    } else {
      if (index && !quoted) nodes.push("\n");
      quoted = null;
      nodes.push(...inline(line, names));
    }
  });
  return nodes;
}

function inline(text, names) {
  const nodes = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    const { angle, code, mark, styled, emoji: name } = found.groups;
    nodes.push(plain(text.slice(at, found.index)));
    if (angle) nodes.push(special(angle, names));
    else if (code) nodes.push(h("code", {}, plain(code)));
    else if (mark) nodes.push(h(TAGS[mark], {}, inline(styled, names)));
    else nodes.push(emoji(name));
    at = found.index + found[0].length;
  }
  return [...nodes, plain(text.slice(at))];
}

function special(angle, names) {
  const [target, label] = [angle.replace(/\|.*$/u, ""), /\|(.*)$/u.exec(angle)?.[1]];
  if (target.startsWith("@")) return mention(`@${names.get(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("#")) return mention(`#${names.get(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith("!date^")) return h("span", {}, date(target.split("^"), label));
  if (target.startsWith("!subteam^")) return mention(`@${names.get(target.slice(9)) ?? label ?? "group"}`);
  if (target.startsWith("!")) return mention(`@${target.slice(1)}`);
  return link(plain(target), plain(label ?? target.replace(/^mailto:/, "")));
}

const mention = (words) => h("span", { class: "mention" }, words);

function date([, seconds, format], fallback) {
  const moment = new Date(Number(seconds) * 1000);
  if (Number.isNaN(moment.getTime())) return plain(fallback ?? "");
  return format.replace(/\{date\w*\}/g, day(moment)).replace(/\{time\w*\}/g, clockTime(moment));
}

const emojied = (text) => text.split(/:([a-z0-9_+'-]+):/)
  .map((piece, index) => (index % 2 ? emoji(piece) : piece));

/** Returns the nodes of a rich_text block. */
export function richText(block, names) {
  return block.elements.map((element) => {
    const inner = () => element.elements.map((part) => richPart(part, names));
    switch (element.type) {
      case "rich_text_list": return h(element.style === "ordered" ? "ol" : "ul",
        { class: `indent-${element.indent ?? 0}`, start: (element.offset ?? 0) + 1 },
        element.elements.map((item) => h("li", {}, item.elements.map((part) => richPart(part, names)))));
      case "rich_text_quote": return h("blockquote", {}, inner());
      case "rich_text_preformatted": return h("pre", {}, inner());
      default: return h("div", {}, inner());
    }
  });
}

function richPart(part, names) {
  const { bold, italic, strike, code, underline } = part.style ?? {};
  let node = richLeaf(part, names);
  for (const [tag, on] of Object.entries({ code, u: underline, s: strike, em: italic, strong: bold })) {
    if (on) node = h(tag, {}, node);
  }
  return node;
}

function richLeaf(part, names) {
  switch (part.type) {
    case "text": return part.text;
    case "link": return link(part.url, part.text || part.url);
    case "user": return mention(`@${names.get(part.user_id) ?? part.user_id}`);
    case "usergroup": return mention(`@${names.get(part.usergroup_id) ?? "group"}`);
    case "channel": return mention(`#${names.get(part.channel_id) ?? part.channel_id}`);
    case "broadcast": return mention(`@${part.range}`);
    case "emoji": return emoji(part.name);
    case "date": return date(["", part.timestamp, part.format], part.fallback);
    default: return part.text ?? "";
  }
}
