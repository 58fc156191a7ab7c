// Elements are made here and nowhere else, and never from markup: what people wrote is only text.

const SVG = "http://www.w3.org/2000/svg";

/** Returns an element; a property that begins with "on" is a listener, false and null are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), guarded(value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((each) => each != null && each !== false));
  return element;
}

const PATHS = {
  chat: "M12 3.5c-5 0-9 3.4-9 7.6 0 2.4 1.3 4.5 3.4 5.9l-.9 3.5 3.9-2.1c.8.2 1.7.3 2.6.3 5 0 9-3.4 "
    + "9-7.6s-4-7.6-9-7.6M8 11.2h.01M12 11.2h.01M16 11.2h.01",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9.5l6 6 6-6",
  menu: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.8v4.4M8 14.8v4.4",
  attach: "M20 11.5l-8.2 8.2a5.2 5.2 0 0 1-7.4-7.4l8.6-8.5a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 "
    + "1-2.5-2.5l7.7-7.7",
  send: "M12 19.5V5M5.5 11L12 4.5l6.5 6.5",
  file: "M13.5 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.5zM13.5 3v5.5H19",
  save: "M12 4v11.5M6.5 11l5.5 5.5 5.5-5.5M5 20h14",
  edit: "M4.5 19.5l.9-3.9L16.2 4.8a2 2 0 0 1 2.9 2.9L8.4 18.6z",
  delete: "M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l.8 13h9.4l.8-13M10.2 10.5v5M13.8 10.5v5",
  sent: "M5 12.5l4.6 4.6L19.5 7",
  sending: "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
  failed: "M12 7.5v5.5M12 16.5h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0",
};

/** Returns a drawing of 24 by 24, in the colour of the text; with a label it says what it is. */
export function icon(name, label = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Returns a button with only a drawing on it. */
export function iconButton(name, label, onclick, more = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label,
    onclick, ...more }, icon(name));
}

/** Returns *act* such that no error of ours ever reaches the page that we are a guest of. */
export function guarded(act) {
  const complain = (error) => console.warn("podrska:", error);
  return (...values) => {
    try {
      const result = act(...values);
      if (result instanceof Promise) result.catch(complain);
      return result;
    } catch (error) {
      complain(error);
      return undefined;
    }
  };
}

/** Brings the children of *parent* in line with *wanted*, touching only what differs. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const each of [...parent.children]) if (!keep.has(each)) each.remove();
  wanted.forEach((each, at) => {
    if (parent.children[at] !== each) parent.insertBefore(each, parent.children[at] ?? null);
  });
}
