// A box to write in: Enter sends, Shift+Enter begins a line, drafts stay with what they are for.

import { h, size, toast } from "./dom.js";

export const LIMIT = 50 * 1048576;

export class Composer {
  /** `send(text, files)` returns false if it failed; the draft comes back then. */
  constructor(form, { send, placeholder, tools = [], up = null }) {
    this.form = form;
    this.send = send;
    this.up = up;
    this.drafts = new Map();
    this.place = "";
    this.editing = null;
    this.files = [];
    this.sending = Promise.resolve();
    this.build(placeholder, tools);
  }

  build(placeholder, tools) {
    this.box = h("textarea", { rows: 1, placeholder, "aria-label": this.form.dataset.label,
      onkeydown: (event) => this.key(event) });
    this.picker = h("input", { type: "file", multiple: true, hidden: true,
      "aria-label": "Files to attach", onchange: () => this.attach() });
    this.banner = h("div", { class: "editing", hidden: true });
    this.chips = h("ul", { class: "chips" });
    this.clip = h("button", { type: "button", class: "icon", "aria-label": "Attach a photo or file",
      title: "Attach a photo or file", onclick: () => this.picker.click() }, "📎");
    this.form.append(this.banner, this.chips, h("div", { class: "row" }, this.clip, tools, this.box,
      h("button", { class: "icon send", "aria-label": "Send", title: "Send (Enter)" }, "➤")),
    this.picker);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
  }

  /** Moves to another chat or thread; what was typed here waits here. */
  at(place) {
    if (place === this.place) return;
    this.stopEditing();
    this.drafts.set(this.place, { text: this.box.value, files: this.files });
    this.place = place;
    this.restore();
  }

  restore() {
    const draft = this.drafts.get(this.place) ?? { text: "", files: [] };
    this.box.value = draft.text;
    this.files = draft.files;
    this.showFiles();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.editing) {
      event.preventDefault();
      this.stopEditing();
    } else if (event.key === "ArrowUp" && this.box.value === "" && this.up?.()) {
      event.preventDefault();
    }
  }

  /** Offers `text` for correction; `save(text)` is what sending does then. */
  edit(text, save) {
    if (!this.editing) {
      this.drafts.set(this.place, { text: this.box.value, files: this.files });
    }
    this.editing = save;
    this.files = [];
    this.showFiles();
    this.banner.replaceChildren("Editing your message",
      h("button", { type: "button", class: "quiet", onclick: () => this.stopEditing() }, "Cancel"));
    this.banner.hidden = false;
    this.clip.disabled = true;
    this.box.value = text;
    this.box.focus();
  }

  stopEditing() {
    if (!this.editing) return;
    this.editing = null;
    this.banner.hidden = true;
    this.clip.disabled = false;
    this.restore();
  }

  submit() {
    const text = this.box.value.trim();
    const { files, place, editing } = this;
    if (!text && (editing || !files.length)) return;
    if (editing) {
      this.stopEditing();
      editing(text);
      return;
    }
    this.box.value = "";
    this.files = [];
    this.showFiles();
    // One after another: messages must not overtake each other on the way.
    this.sending = this.sending.then(async () => {
      const sent = await this.send(text, await Promise.all(files.map(encoded)), place);
      if (sent === false) this.giveBack(place, text, files);
    });
  }

  giveBack(place, text, files) {
    if (this.place !== place) this.drafts.set(place, { text, files });
    else if (this.box.value === "" && !this.editing) {
      this.box.value = text;
      this.files = files;
      this.showFiles();
    }
  }

  attach() {
    const chosen = [...this.picker.files];
    this.picker.value = "";
    if (chosen.some((file) => file.size > LIMIT)) toast(`A file may have ${size(LIMIT)}.`, "bad");
    this.files = [...this.files, ...chosen.filter((file) => file.size <= LIMIT)];
    this.showFiles();
    this.box.focus();
  }

  showFiles() {
    this.chips.replaceChildren(...this.files.map((file) => h("li", {}, `${file.name} · ${size(file.size)}`,
      h("button", { type: "button", class: "icon", "aria-label": `Remove ${file.name}`, onclick: () => {
        this.files = this.files.filter((other) => other !== file);
        this.showFiles();
        this.box.focus();
      } }, "✕"))));
  }
}

/** Returns a file as the server takes it. */
export function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("error", () => reject(reader.error));
    reader.addEventListener("load", () => resolve({
      name: file.name,
      mime: file.type || "application/octet-stream",
      base64: reader.result.slice(reader.result.indexOf(",") + 1),
    }));
    reader.readAsDataURL(file);
  });
}
