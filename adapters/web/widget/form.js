// What a first-time visitor is asked: who they are and what it is about, once.

import { Attachments } from "./attachments.js";
import { h } from "./dom.js";
import { say } from "./texts.js";

const FORM_DRAFT = "form";
const LOOKS_WHOLE = /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/;

export class Form {
  constructor(chat) {
    this.chat = chat;
    this.files = new Attachments(chat);
    this.departments = [];
    this.name = this.#field("name", say("NAME"),
      h("input", { type: "text", autocomplete: "name", maxlength: "100", dir: "auto" }));
    this.email = this.#field("email", say("EMAIL"), h("input", { type: "email", autocomplete: "email",
      inputmode: "email", maxlength: "254", autocapitalize: "none", spellcheck: "false" }), say("EMAIL_HINT"));
    this.department = this.#field("department", say("DEPARTMENT"), h("select", {}));
    this.text = this.#field("text", say("PROBLEM"), h("textarea", { rows: "4", dir: "auto" }));
    this.fields = [this.name, this.email, this.department, this.text];
    this.lead = h("p", { class: "lead" });
    this.submitButton = h("button", { class: "primary" }, say("START"));
    this.element = h("form", { class: "form", novalidate: true, oninput: () => this.#keep(),
      onsubmit: (event) => {
        event.preventDefault();
        this.submit();
      } },
    h("h3", {}, say("WELCOME")), this.lead, this.name.element, this.email.element,
    this.department.element, this.text.element, this.files.list, this.files.error, this.files.picker,
    h("div", { class: "form-foot" }, this.files.button, this.submitButton));
    this.#write(chat.drafts.get(FORM_DRAFT) ?? {});
  }

  /** Shows what depends on the desk: whether it is open, and its departments. */
  show({ open, more, departments = [] }) {
    this.lead.textContent = open === false ? more : say("FORM_LEAD");
    this.lead.classList.toggle("closed", open === false);
    this.submitButton.textContent = say(open === false ? "START_CLOSED" : "START");
    const keys = departments.map((each) => each.key).join("\n");
    this.department.element.hidden = departments.length < 2;
    if (keys === this.keys) return;
    this.keys = keys;
    this.departments = departments.length < 2 ? [] : departments;
    this.department.input.replaceChildren(h("option", { value: "" }, say("CHOOSE")),
      ...this.departments.map(({ key, name }) => h("option", { value: key }, name)));
  }

  focus() {
    (this.fields.find(({ input, element }) => !element.hidden && !input.value) ?? this.text).input.focus();
  }

  submit() {
    const values = this.#values();
    const wrong = this.#wrong(values);
    for (const each of this.fields) this.#complain(each, wrong[each.key] ?? "");
    const first = this.fields.find((each) => wrong[each.key]);
    if (first) first.input.focus();
    else if (this.files.isGoing) {
      this.submitButton.classList.add("busy");
      this.files.onReady = () => this.submit();
    } else if (!this.files.isBroken) {
      this.submitButton.classList.remove("busy");
      const { department, ...rest } = values;
      this.chat.ask({ ...rest, ...(department ? { department } : {}) }, this.files.take());
      this.text.input.value = "";
      this.#keep();
    }
  }

  /** Puts back what the desk did not take, with its words beside the field that they are about. */
  fill(frame, files, { why = "", field, suggestion }) {
    this.#write(frame);
    this.files.put(files);
    const about = this.fields.find((each) => each.key === field) ?? this.text;
    this.#complain(about, why, suggestion);
    about.input.focus();
  }

  #values() {
    return Object.fromEntries(this.fields.map(({ key, input }) => [key, input.value.trim()]));
  }

  #wrong({ name, email, department, text }) {
    const wrong = {};
    const { limits } = this.chat;
    if (!name) wrong.name = say("NAME_MISSING");
    if (!email) wrong.email = say("EMAIL_MISSING");
    else if (!LOOKS_WHOLE.test(email)) wrong.email = say("EMAIL_WRONG");
    if (this.departments.length && !department) wrong.department = say("DEPARTMENT_MISSING");
    if (!text) wrong.text = say("PROBLEM_MISSING");
    else if (text.length > limits.text) wrong.text = say("TOO_LONG", { n: text.length, limit: limits.text });
    return wrong;
  }

  #field(key, label, input, hint = "") {
    const id = `form-${key}`;
    const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
    const help = hint && h("p", { class: "hint", id: `${id}-hint` }, hint);
    const field = { key, input, error };
    for (const [name, value] of Object.entries({ id, name: key, required: "",
      "aria-describedby": `${id}-error${hint ? ` ${id}-hint` : ""}` })) input.setAttribute(name, value);
    input.addEventListener("input", () => this.#complain(field, ""));
    field.element = h("div", { class: "field" }, h("label", { for: id }, label), input, error, help);
    return field;
  }

  #complain({ input, error }, why, suggestion = "") {
    error.replaceChildren(why);
    error.hidden = !why;
    if (why) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    if (!suggestion) return;
    error.append(" ", h("button", { type: "button", class: "more", onclick: () => {
      input.value = suggestion;
      this.#complain({ input, error }, "");
      this.#keep();
      input.focus();
    } }, say("USE", { address: suggestion })));
  }

  #write(values) {
    for (const { key, input } of this.fields) if (values[key]) input.value = values[key];
  }

  #keep() {
    this.chat.drafts.set(FORM_DRAFT, this.#values());
  }
}
