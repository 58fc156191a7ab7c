// The files that go with what is being written: chosen, dropped or pasted, each with its progress.

import { arrange, h, icon, iconButton } from "./dom.js";
import { currentLanguage, say, sizeOf } from "./texts.js";
import { Upload } from "./upload.js";

export class Attachments {
  constructor(chat) {
    this.chat = chat;
    this.uploads = [];
    this.chips = new Map();
    this.list = h("ul", { class: "uploads", "aria-label": say("FILES"), hidden: true });
    this.error = h("p", { class: "error", role: "alert", hidden: true });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, "aria-label": say("ATTACH"),
      onchange: () => {
        this.add(this.picker.files);
        this.picker.value = "";
      } });
    this.button = iconButton("attach", say("ATTACH"), () => this.picker.click());
    this.onReady = null;
  }

  get isGoing() {
    return this.uploads.some((each) => each.state === "going");
  }

  get isBroken() {
    return this.uploads.some((each) => each.state === "failed");
  }

  get isEmpty() {
    return this.uploads.length === 0;
  }

  add(files) {
    const { limits } = this.chat;
    const room = Math.max(0, limits.files - this.uploads.length);
    const taken = [...files].slice(0, room);
    this.#complain(files.length > room ? say("TOO_MANY", { n: limits.files }) : "");
    for (const file of taken) {
      const upload = new Upload(file, limits, () => this.#show());
      this.uploads.push(upload);
      this.#start(upload);
    }
    this.#show();
  }

  /** Hands out what has arrived, and begins anew. */
  take() {
    const sent = this.uploads.map((each) => each.sent);
    this.uploads = [];
    this.onReady = null;
    this.#complain("");
    this.#show();
    return sent;
  }

  /** Puts back what was handed out, because it was not taken. */
  put(sent) {
    const back = sent.map((each) => ({ state: "there", sent: each, name: each.name,
      file: { size: each.size }, cancel() {} }));
    this.uploads.push(...back);
    this.#show();
  }

  #start(upload) {
    upload.start(this.chat.desk, this.chat.visit.session, currentLanguage());
  }

  #complain(why) {
    this.error.textContent = why;
    this.error.hidden = !why;
  }

  #show() {
    arrange(this.list, this.uploads.map((each) => this.#chip(each)));
    this.list.hidden = this.isEmpty;
    if (!this.isGoing && !this.isBroken) {
      this.onReady?.();
      this.onReady = null;
    }
  }

  #chip(upload) {
    const known = this.chips.get(upload);
    if (known?.state === upload.state) {
      if (known.bar) known.bar.value = upload.share;
      return known.element;
    }
    const bar = upload.state === "going"
      && h("progress", { max: 1, value: 0, "aria-label": say("UPLOADING", { name: upload.name }) });
    const retry = upload.state === "failed" && !upload.isHopeless
      && h("button", { type: "button", class: "more", onclick: () => this.#start(upload) }, say("RETRY"));
    const element = h("li", { class: `upload ${upload.state}` }, icon("file"),
      h("span", { class: "file-name" }, h("bdi", {}, upload.name),
        upload.state === "failed" ? h("small", { role: "alert" }, upload.why)
          : bar || h("small", {}, sizeOf(upload.file.size))),
      retry, iconButton("close", say("REMOVE", { name: upload.name }), () => this.#remove(upload)));
    this.chips.set(upload, { state: upload.state, element, bar });
    return element;
  }

  #remove(upload) {
    upload.cancel();
    this.uploads = this.uploads.filter((each) => each !== upload);
    this.#complain("");
    this.#show();
    this.button.focus();
  }
}
