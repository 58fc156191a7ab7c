// What people fill in or choose from, by Block Kit's names (docs: "Block elements").

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

const words = (text) => text?.text ?? "";
const optionsOf = (element) => [...(element.options ?? []),
  ...(element.option_groups ?? []).flatMap((group) => group.options)];

/** Returns the <select> of a menu; `start` is the value that is chosen. */
export function select(element, start, attributes = {}) {
  const option = (each) => h("option", { value: each.value, selected: each.value === start }, words(each.text));
  const nothing = h("option", { value: "", disabled: Boolean(start) }, words(element.placeholder) || "Choose…");
  const groups = (element.option_groups ?? []).map((group) =>
    h("optgroup", { label: words(group.label) }, group.options.map(option)));
  const menu = h("select", attributes, nothing, (element.options ?? []).map(option), groups);
  menu.value = start ?? "";
  return menu;
}

/** Returns the people or rooms of a menu as its options. */
function listed(element, names) {
  const wanted = element.type.includes("users") ? "U" : "C";
  const known = [...names].filter(([id]) => id.startsWith(wanted));
  return { ...element, options: known.map(([value, name]) => ({ value, text: { text: name } })) };
}

const INPUT_TYPES = {
  plain_text_input: "text", email_text_input: "email", url_text_input: "url",
  number_input: "number", timepicker: "time", datepicker: "date",
};

/**
 * Returns {node, read} for the element of an input block: what is shown, and a function that
 * returns its value. `kept` is what was filled in before the form changed, if anything was.
 */
export function field(element, id, kept, names) {
  const attributes = { id, placeholder: words(element.placeholder) || null, autofocus: element.focus_on_load };
  switch (element.type) {
    case "static_select":
      return single(select(element, kept ?? element.initial_option?.value, attributes));
    case "users_select": case "channels_select": case "conversations_select":
      return single(select(listed(element, names), kept ?? element.initial_user
        ?? element.initial_channel ?? element.initial_conversation, attributes));
    case "checkboxes": case "multi_static_select":
      return several(element, "checkbox", id, kept ?? (element.initial_options ?? []).map((o) => o.value), names);
    case "multi_users_select":
      return several(listed(element, names), "checkbox", id, kept ?? element.initial_users ?? [], names);
    case "radio_buttons": {
      const start = kept ?? element.initial_option?.value;
      const group = several(element, "radio", id, start ? [start] : [], names);
      return { ...group, read: () => group.read()[0] ?? null };
    }
    default:
      return single(typed(element, attributes, kept));
  }
}

function typed(element, attributes, kept) {
  const value = kept ?? element.initial_value ?? element.initial_time ?? element.initial_date ?? "";
  const limits = { minlength: element.min_length, maxlength: element.max_length };
  if (element.multiline) return h("textarea", { ...attributes, ...limits, rows: 5, value });
  const type = INPUT_TYPES[element.type] ?? "text";
  const step = type === "number" && element.is_decimal_allowed ? "any" : null;
  return h("input", { ...attributes, ...limits, type, step, value, autocomplete: "off" });
}

// An empty menu says nothing, so that the element's initial value stays; an emptied text says so.
const single = (node) => ({
  node, target: node, read: () => (node.tagName === "SELECT" ? node.value || null : node.value),
});

function several(element, type, id, start, names) {
  const boxes = optionsOf(element).map((option) => h("input", {
    type, name: id, value: option.value, checked: start.includes(option.value),
  }));
  const labels = optionsOf(element).map((option, index) => h("label", { class: "option" }, boxes[index],
    h("span", {}, textObject(option.text, names),
      option.description && h("small", {}, textObject(option.description, names)))));
  const node = h("div", { id, role: "group", class: "options" }, labels);
  const read = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return { node, target: boxes[0], read };
}
