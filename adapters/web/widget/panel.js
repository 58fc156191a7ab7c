// The open chat: a dialog beside the page, on a phone one that fills the screen.

import { Composer } from "./composer.js";
import { guarded, h, iconButton } from "./dom.js";
import { Form } from "./form.js";
import { Log } from "./log.js";
import { currentLanguage, languages, say } from "./texts.js";

const SMALL = "(max-width: 480px), (max-height: 420px)";

export class Panel {
  constructor(chat) {
    this.chat = chat;
    this.form = new Form(chat);
    this.log = new Log(chat);
    this.composer = new Composer(chat);
    this.state = h("span", { class: "state" });
    this.notice = h("p", { class: "notice", role: "status" });
    this.closed = h("p", { class: "hours", hidden: true });
    this.greeting = h("h3", { class: "greeting", hidden: true });
    this.settings = this.#settings();
    this.menu = iconButton("menu", say("SETTINGS"), () => this.toggleSettings(),
      { "aria-expanded": "false", "aria-controls": "settings" });
    this.scroller = h("div", { class: "page" }, this.form.element);
    this.chatting = h("div", { class: "chatting", hidden: true }, this.closed, this.greeting,
      this.log.element, this.composer.element);
    this.veil = h("div", { class: "veil", "aria-hidden": "true" }, say("DROP"));
    this.element = h("dialog", { class: "panel", id: "panel", "aria-labelledby": "title",
      oncancel: (event) => this.#cancel(event), onkeydown: (event) => this.#key(event),
      onpaste: (event) => this.#paste(event), ondragover: (event) => this.#drag(event),
      ondragleave: (event) => this.#dragOut(event), ondrop: (event) => this.#drop(event) },
    h("header", {}, h("div", { class: "heading" }, h("h2", { id: "title" }, say("TITLE")), this.state),
      this.menu, iconButton("close", say("CLOSE"), () => chat.close())),
    this.settings, this.notice, this.scroller, this.chatting, this.veil);
    // On some phones the keyboard covers the page instead of making it smaller.
    window.visualViewport?.addEventListener("resize", guarded(() => {
      const { scale, height } = window.visualViewport;
      this.element.style.setProperty("--seen", scale === 1 ? `${height}px` : "100dvh");
    }));
    this.small = matchMedia(SMALL);
    this.small.addEventListener("change", guarded(() => this.isOpen && this.#reopen()));
  }

  get isOpen() {
    return this.element.open;
  }

  get files() {
    return (this.isChatting ? this.composer : this.form).files;
  }

  open() {
    if (this.isOpen) return;
    if (this.small.matches) this.element.showModal();
    else this.element.show();
    this.element.classList.toggle("modal", this.small.matches);
    this.log.toEnd();
    this.focus();
  }

  /** Is there again on the next page, without taking the focus from what the visitor does there. */
  stay() {
    if (this.small.matches) return;
    this.element.setAttribute("open", "");
    this.log.toEnd();
  }

  close() {
    this.element.close();
  }

  focus() {
    // On a phone the keyboard would cover what there is to read.
    if (matchMedia("(pointer: coarse)").matches) this.menu.nextSibling.focus();
    else (this.isChatting ? this.composer : this.form).focus();
  }

  /** Shows how things are; see `Chat.look`. */
  show({ desk, messages, isChatting, name, notice }) {
    const losesFocus = this.isChatting !== isChatting && this.element.matches(":focus-within");
    this.isChatting = isChatting;
    this.scroller.hidden = isChatting;
    this.chatting.hidden = !isChatting;
    this.state.textContent = desk.says ?? "";
    this.state.dataset.open = String(desk.open ?? "");
    this.form.show(desk);
    this.closed.textContent = desk.more ?? "";
    this.closed.hidden = desk.open !== false;
    this.greeting.textContent = name ? say("WELCOME_NAME", { name }) : say("WELCOME");
    this.greeting.hidden = messages.length > 0;
    this.log.show(messages);
    if (this.notice.textContent !== notice) this.notice.textContent = notice;
    if (losesFocus) this.focus();
  }

  #reopen() {
    this.close();
    this.open();
  }

  #cancel(event) {
    event.preventDefault();
    this.chat.close();
  }

  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    if (this.settings.hidden) this.chat.close();
    else this.toggleSettings();
  }

  #settings() {
    const options = languages().map(([tag, name]) => h("label", {},
      h("input", { type: "radio", name: "language", value: tag, checked: tag === currentLanguage(),
        onchange: () => this.chat.speak(tag) }), h("span", { lang: tag }, name)));
    const sound = h("input", { type: "checkbox", role: "switch", checked: this.chat.sounds,
      onchange: () => { this.chat.sounds = sound.checked; } });
    return h("div", { class: "settings", id: "settings", hidden: true },
      h("fieldset", {}, h("legend", {}, say("LANGUAGE")), h("div", { class: "segments" }, options)),
      h("label", { class: "switch" }, h("span", {}, say("SOUND")), sound));
  }

  /** Shows the settings, or hides them. */
  toggleSettings() {
    this.settings.hidden = !this.settings.hidden;
    this.menu.setAttribute("aria-expanded", String(!this.settings.hidden));
    if (this.settings.hidden) this.menu.focus();
    else this.settings.querySelector("input:checked, input").focus();
  }

  #paste(event) {
    const { files } = event.clipboardData;
    if (!files.length) return;
    event.preventDefault();
    this.files.add(files);
  }

  #drag(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.element.classList.add("dragging");
  }

  #dragOut(event) {
    if (!this.element.contains(event.relatedTarget)) this.element.classList.remove("dragging");
  }

  #drop(event) {
    this.element.classList.remove("dragging");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    this.files.add(event.dataTransfer.files);
  }
}
