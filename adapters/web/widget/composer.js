// Where one writes: Enter sends, Shift+Enter begins a new line (on phones the button sends).

import { Attachments } from "./attachments.js";
import { h, icon, iconButton } from "./dom.js";
import { say } from "./texts.js";

const MESSAGE_DRAFT = "draft";
const isTouched = () => matchMedia("(pointer: coarse)").matches;

export class Composer {
  constructor(chat) {
    this.chat = chat;
    this.editing = null;
    this.files = new Attachments(chat);
    this.box = h("textarea", { rows: "1", dir: "auto", "aria-label": say("MESSAGE"),
      placeholder: say("WRITE"), "aria-describedby": "composer-error", enterkeyhint: "send",
      oninput: () => this.#typed(), onkeydown: (event) => this.#key(event) });
    this.send = h("button", { class: "send", "aria-label": say("SEND"), title: say("SEND") }, icon("send"));
    this.error = h("p", { class: "error", id: "composer-error", role: "alert", hidden: true });
    this.editBar = h("div", { class: "edit-bar", hidden: true }, icon("edit"),
      h("span", {}, say("EDITING")), iconButton("delete", say("DELETE"), () => this.#delete()),
      iconButton("close", say("CANCEL"), () => this.stopEditing()));
    this.element = h("form", { class: "composer", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      this.submit();
    } }, this.editBar, this.files.list, this.files.error, this.error,
    h("div", { class: "box" }, this.files.button, this.files.picker, this.box, this.send));
    this.box.value = chat.drafts.get(MESSAGE_DRAFT) ?? "";
    this.#fit();
  }

  focus() {
    this.box.focus();
  }

  submit() {
    const text = this.box.value.trim();
    if (!text && this.files.isEmpty) return;
    const { limits } = this.chat;
    if (text.length > limits.text) {
      this.#complain(say("TOO_LONG", { n: text.length, limit: limits.text }));
      return;
    }
    if (this.files.isBroken) return;
    if (this.files.isGoing) {
      this.send.classList.add("busy");
      this.files.onReady = () => this.submit();
      return;
    }
    this.send.classList.remove("busy");
    if (this.editing) this.chat.change(this.editing, text);
    else this.chat.say(text, this.files.take());
    this.#write("");
    this.editing = null;
    this.editBar.hidden = true;
    this.focus();
  }

  edit(id, text) {
    this.editing = id;
    this.editBar.hidden = false;
    this.#write(text);
    this.focus();
  }

  stopEditing() {
    this.editing = null;
    this.editBar.hidden = true;
    this.#write("");
    this.focus();
  }

  #delete() {
    this.chat.change(this.editing, "");
    this.stopEditing();
  }

  #write(text) {
    this.box.value = text;
    this.#typed();
  }

  #typed() {
    this.#fit();
    this.#complain("");
    if (!this.editing) this.chat.drafts.set(MESSAGE_DRAFT, this.box.value);
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !isTouched()) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.editing) {
      event.stopPropagation();
      this.stopEditing();
    } else if (event.key === "ArrowUp" && !this.box.value && this.chat.editLast()) event.preventDefault();
  }

  /** Grows with what is written. */
  #fit() {
    this.box.rows = Math.min(6, Math.max(1, this.box.value.split("\n").length));
    if (!CSS.supports("field-sizing", "content")) {
      this.box.style.height = "auto";
      this.box.style.height = `${this.box.scrollHeight}px`;
    }
  }

  #complain(why) {
    this.error.textContent = why;
    this.error.hidden = !why;
    this.box.toggleAttribute("aria-invalid", Boolean(why));
    if (why) this.box.setAttribute("aria-invalid", "true");
  }
}
