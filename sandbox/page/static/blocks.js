// Block Kit, drawn (docs: "Block Kit reference").

import { ask, h, link } from "./dom.js";
import { select } from "./fields.js";
import { richText, textObject } from "./mrkdwn.js";

/** Returns the elements of blocks; `press(element, choose)` is called for what is used. */
export function drawn(blocks, names, press) {
  return blocks.map((block) => one(block, names, (element, choose) =>
    confirmed(element, names, () => press(`${block.block_id}/${element.action_id}`, choose))));
}

function one(block, names, press) {
  switch (block.type) {
    case "header": return h("h4", { class: "block" }, textObject(block.text, names));
    case "divider": return h("hr");
    case "section": return h("div", { class: "block section" },
      h("div", { class: "words" },
        block.text && h("div", { class: "prose" }, textObject(block.text, names)),
        block.fields && h("div", { class: "fields" },
          block.fields.map((text) => h("div", { class: "prose" }, textObject(text, names))))),
      block.accessory && element(block.accessory, names, press));
    case "context": return h("div", { class: "block context" }, block.elements.map((part) =>
      (part.type === "image" ? picture(part) : h("span", { class: "prose" }, textObject(part, names)))));
    case "actions": return h("div", { class: "block actions" },
      block.elements.map((part) => element(part, names, press)));
    case "rich_text": return h("div", { class: "block prose" }, richText(block, names));
    case "markdown": return h("div", { class: "block prose" }, block.text);
    case "image": return h("div", { class: "block" }, picture(block));
    default: return null;
  }
}

// Nothing is fetched from elsewhere: a remote picture is a link with its words.
const picture = (image) => (image.image_url ? link(image.image_url, `🖼 ${image.alt_text}`)
  : h("span", {}, `🖼 ${image.alt_text}`));

function element(part, names, press) {
  const focus = { "data-focus": part.action_id };
  switch (part.type) {
    case "image": return picture(part);
    case "button": return button(part, names, press, focus);
    case "overflow": case "static_select": {
      const menu = part.type === "overflow" ? { ...part, placeholder: { text: "More…" } } : part;
      const label = menu.placeholder?.text ?? "Choose";
      return select(menu, part.initial_option?.value, { ...focus, "aria-label": label,
        onchange: ({ target }) => {
          const chosen = target.value;
          if (part.type === "overflow") target.value = "";  // it is a list of deeds, and keeps none
          return chosen && press(part, chosen);
        } });
    }
    case "datepicker": case "timepicker": {
      const kind = part.type.replace("picker", "");
      return h("input", { ...focus, type: kind, value: part[`initial_${kind}`] ?? "",
        "aria-label": part.placeholder?.text ?? kind, onchange: (event) => press(part, event.target.value) });
    }
    case "checkboxes": case "radio_buttons": return choices(part, names, press);
    default: return h("span", { class: "unknown" }, `(${part.type})`);
  }
}

function button(part, names, press, focus) {
  const use = (event) => {
    if (part.url) window.open(part.url, "_blank", "noopener,noreferrer");
    busy(event.currentTarget, press(part));
  };
  return h("button", { ...focus, type: "button", class: part.style ?? "",
    "aria-label": part.accessibility_label, onclick: use }, textObject(part.text, names));
}

function choices(part, names, press) {
  const several = part.type === "checkboxes";
  const chosen = [...(part.initial_options ?? []), part.initial_option].map((option) => option?.value);
  const group = h("div", { role: "group", class: "options" }, part.options.map((option) =>
    h("label", { class: "option" }, h("input", { type: several ? "checkbox" : "radio",
      name: part.action_id, value: option.value, checked: chosen.includes(option.value),
      onchange: () => {
        const values = [...group.querySelectorAll(":checked")].map((box) => box.value);
        press(part, several ? values : values[0]);
      } }), h("span", {}, textObject(option.text, names)))));
  return group;
}

/** Asks first, where the element wants that (docs: "Confirmation dialog object"). */
async function confirmed(part, names, go) {
  if (!part.confirm) return go();
  const { title, text, confirm, deny, style } = part.confirm;
  const body = [h("h2", {}, title?.text ?? "Are you sure?"), h("p", {}, textObject(text, names))];
  const yes = await ask(body, [[false, deny?.text ?? "Cancel", ""],
    [true, confirm?.text ?? "Yes", style ?? "primary"]]);
  return yes ? go() : null;
}

/** Shows on a button that what it began has not ended. */
export async function busy(pressed, work) {
  pressed.setAttribute("aria-busy", "true");
  await work;
  pressed.removeAttribute("aria-busy");
}
