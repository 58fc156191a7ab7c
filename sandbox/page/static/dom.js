// Elements are made here and nowhere else: text becomes text nodes, never markup.

const AS_PROPERTY = new Set(["value", "checked", "selected", "disabled", "hidden"]);

/** Returns an element; `on…` names in `attributes` are listeners, empty children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (AS_PROPERTY.has(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined
    && child !== false && child !== ""));
  return element;
}

export const $ = (id) => document.getElementById(id);

const OPENED = new Set(["http:", "https:", "mailto:", "tel:", "tg:"]);

/** Returns a link that opens a window of its own, or just its words if it leads nowhere safe. */
export function link(url, ...words) {
  let target;
  try {
    target = new URL(url.includes(":") ? url : `https://${url}`);
  } catch {
    return h("span", {}, ...words);
  }
  if (!OPENED.has(target.protocol)) return h("span", {}, ...words);
  return h("a", { href: target.href, target: "_blank", rel: "noopener noreferrer" }, ...words);
}

/** Says something to those who do not see the screen. */
export function announce(text) {
  $("announcer").append(h("p", {}, text));
  while ($("announcer").children.length > 5) $("announcer").firstChild.remove();
}

/** Shows a few words for a few seconds. */
export function toast(text, kind = "") {
  const shown = h("p", { class: `toast ${kind}` }, text);
  $("toasts").append(shown);
  setTimeout(() => shown.remove(), 6000);
}

/** Shows `body` until one of the `choices` [value, label, class] is pressed; Escape gives null. */
export function ask(body, choices) {
  const dialog = $("notice");
  return new Promise((resolve) => {
    let chosen = null;
    const buttons = choices.map(([value, label, style]) =>
      h("button", { type: "button", class: style, onclick: () => { chosen = value; dialog.close(); } },
        label));
    dialog.replaceChildren(h("div", { class: "sheet" },
      h("div", { id: "notice-text" }, body), h("div", { class: "sheet-buttons" }, buttons)));
    dialog.addEventListener("close", () => resolve(chosen), { once: true });
    dialog.showModal();
  });
}

/** Returns a file size for people. */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}
