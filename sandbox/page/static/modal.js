// Slack's modals (docs: "Modals"): one at a time, the topmost; what was typed survives an update.

import { $, h } from "./dom.js";
import { act } from "./live.js";
import { drawn } from "./blocks.js";
import { field } from "./fields.js";

export class Modal {
  constructor() {
    this.dialog = $("modal");
    this.view = null;
    this.fields = new Map();
    this.dialog.addEventListener("cancel", (event) => { event.preventDefault(); this.cancel(); });
  }

  /** Shows what stands before this agent, if anything does. */
  show(agent, names) {
    const view = agent?.view ?? null;
    const same = view && this.view?.id === view.id;
    if (!view) this.hide();
    else if (!same || JSON.stringify(this.view.body) !== JSON.stringify(view.body)) {
      this.draw(agent, view, names, same ? this.values() : {});
    } else if (JSON.stringify(this.view.errors) !== JSON.stringify(view.errors)) this.complain(view.errors);
    this.view = view;
  }

  hide() {
    if (!this.dialog.open) return;
    this.dialog.close();
    // The button that opened it may have been redrawn since.
    if (document.activeElement === document.body && this.opener) {
      const again = [...document.querySelectorAll("#office [data-focus]")]
        .find((each) => each.dataset.focus === this.opener.dataset.focus);
      (again ?? $("posts")).focus();
    }
  }

  draw(agent, view, names, kept) {
    const { body } = view;
    const place = this.place = { agent: agent.id, view: view.id };
    const press = (element, choose) => act("click", { ...place, element, choose });
    const focus = this.dialog.contains(document.activeElement) ? document.activeElement.id : "";
    this.fields.clear();
    const form = h("form", { class: "sheet", novalidate: true,
      onsubmit: (event) => { event.preventDefault(); this.submit(place); } },
    h("h2", { id: "modal-title" }, body.title?.text ?? ""),
    h("div", { class: "sheet-body", tabindex: 0, role: "group", "aria-labelledby": "modal-title" },
      body.blocks.map((block) => (block.type === "input"
        ? this.input(block, kept, names) : drawn([block], names, press)))),
    h("div", { class: "sheet-buttons" },
      h("button", { type: "button", onclick: () => this.cancel() }, body.close?.text ?? "Cancel"),
      body.submit && h("button", { class: "primary" }, body.submit.text)));
    this.dialog.replaceChildren(form);
    this.complain(view.errors, { move: false });
    this.open(focus);
  }

  open(focus) {
    if (!this.dialog.open) {
      this.opener = document.activeElement;
      this.dialog.showModal();
    }
    const first = this.dialog.querySelector("[autofocus]") ?? this.dialog.querySelector("input, textarea, select");
    ((focus && document.getElementById(focus)) || first)?.focus();
  }

  input(block, kept, names) {
    const key = `${block.block_id}/${block.element.action_id}`;
    const id = `field-${block.block_id}`;
    const { node, target, read } = field(block.element, id, kept[key], names);
    const hint = block.hint && h("p", { class: "hint", id: `${id}-hint` }, block.hint.text);
    const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
    const label = node.getAttribute("role") === "group"
      ? h("span", { class: "label", id: `${id}-label` }) : h("label", { for: id });
    label.append(block.label.text, block.optional ? h("small", {}, "(optional)") : "");
    if (node.getAttribute("role") === "group") node.setAttribute("aria-labelledby", `${id}-label`);
    node.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
    this.fields.set(block.block_id, { key, node, target, read, error });
    return h("div", { class: "field" }, label, node, error, hint);
  }

  values() {
    const entries = [...this.fields.values()].map(({ key, read }) => [key, read()]);
    return Object.fromEntries(entries.filter(([, value]) => value !== null));
  }

  complain(errors, { move = true } = {}) {
    let first = null;
    for (const [block, { node, target, error }] of this.fields) {
      error.textContent = errors[block] ?? "";
      error.hidden = !errors[block];
      if (errors[block]) {
        node.setAttribute("aria-invalid", "true");
        first ??= target;
      } else node.removeAttribute("aria-invalid");
    }
    if (move) first?.focus();
  }

  async submit(place) {
    const answer = await act("submit", { ...place, values: this.values() });
    if (answer && this.view?.id === place.view) this.complain(answer.errors);
  }

  cancel() {
    if (this.view) act("close", this.place);
  }
}
