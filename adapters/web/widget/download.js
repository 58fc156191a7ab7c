// Files from the desk: fetched with the visitor's token, and shown or saved from memory.

import { guarded, h, icon, iconButton } from "./dom.js";
import { say, sizeOf } from "./texts.js";

const FORGET_AFTER = 60_000;

export class Downloads {
  constructor(desk, session) {
    Object.assign(this, { desk, session, fetched: new Map() });
    this.lens = h("dialog", { class: "lens" });
    // Pictures are fetched when they come into sight: a long talk has many.
    this.sight = new IntersectionObserver(guarded((seen) => {
      for (const { target } of seen.filter((each) => each.isIntersecting)) {
        this.sight.unobserve(target);
        this.#show(target);
      }
    }), { rootMargin: "300px" });
    this.pictures = new WeakMap();
  }

  /** Returns what stands in a message for a file. */
  element(file) {
    if (!file.picture) return this.#card(file);
    const image = h("img", { alt: file.name, hidden: true });
    const button = h("button", { type: "button", class: "picture",
      "aria-label": say("PICTURE", { name: file.name }), onclick: () => this.#open(file, image.src) },
    image);
    this.pictures.set(button, { file, image });
    this.sight.observe(button);
    return button;
  }

  #card(file) {
    return h("button", { type: "button", class: "file", title: say("DOWNLOAD", { name: file.name }),
      onclick: () => this.#save(file) },
    icon("file"), h("span", { class: "file-name" }, h("bdi", {}, file.name),
      h("small", {}, sizeOf(file.size))), icon("save"));
  }

  /** Nobody's picture is worth a broken frame: what cannot be shown can be saved. */
  async #show(button) {
    const { file, image } = this.pictures.get(button);
    const instead = () => button.replaceWith(this.#card(file));
    image.onload = () => { image.hidden = false; };
    image.onerror = guarded(instead);
    try {
      image.src = await this.#address(file);
    } catch {
      instead();
    }
  }

  async #address(file) {
    if (!this.fetched.has(file.id)) this.fetched.set(file.id, URL.createObjectURL(await this.#get(file)));
    return this.fetched.get(file.id);
  }

  async #get(file) {
    const answer = await fetch(`${this.desk}/chat/files/${encodeURIComponent(file.id)}`, {
      headers: { Authorization: `Bearer ${this.session.token}` }, credentials: "omit",
      referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(`file ${answer.status}`);
    return answer.blob();
  }

  async #save(file) {
    const address = URL.createObjectURL(await this.#get(file));
    h("a", { href: address, download: file.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), FORGET_AFTER);
  }

  #open(file, address) {
    if (!address) return;
    const close = () => this.lens.close();
    this.lens.setAttribute("aria-label", say("PICTURE", { name: file.name }));
    this.lens.replaceChildren(
      h("div", { class: "lens-bar" }, h("bdi", {}, file.name),
        iconButton("save", say("DOWNLOAD", { name: file.name }), () => this.#save(file)),
        iconButton("close", say("CLOSE_PICTURE"), close)),
      h("img", { src: address, alt: file.name, onclick: close }));
    this.lens.showModal();
  }

  /** Forgets what was fetched: the next visitor is somebody else. */
  clear() {
    for (const address of this.fetched.values()) URL.revokeObjectURL(address);
    this.fetched.clear();
    this.lens.close();
  }
}
