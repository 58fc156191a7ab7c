// Where a customer writes a mail: a new one, or an answer with the mail itself quoted below.

import { $, h, size, toast } from "./dom.js";
import { busy } from "./blocks.js";
import { LIMIT, encoded } from "./composer.js";
import { act } from "./live.js";

export class Editor {
  /** `sent(key)` is told the new mail's key; `leave()` closes the editor. */
  constructor(sent, leave) {
    this.sent = sent;
    this.leave = leave;
    this.drafts = new Map();
    this.draft = null;
    $("editor").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    $("editor").addEventListener("keydown", (event) => this.key(event));
    $("editor-back").addEventListener("click", () => this.close());
    $("editor-discard").addEventListener("click", () => this.discard());
    $("editor-attach").addEventListener("click", () => $("editor-picker").click());
    $("editor-picker").addEventListener("change", () => this.attach());
  }

  begin(owner, support) {
    this.open(`${owner}/new`, () => ({ title: "New mail", action: "mail", to: support, subject: "", text: "",
      body: { address: owner } }));
  }

  /** Opens an answer to `mail`; returns false if that is not possible. */
  async answer(owner, mail) {
    const place = `${owner}/${mail.key}`;
    const body = { address: owner, uid: mail.uid };
    const quote = this.drafts.has(place) || await act("mail-quote", body);
    if (!quote) return false;
    this.open(place, () => ({ title: "Reply", action: "mail-answer", to: quote.to, subject: quote.subject,
      text: `\n\n${quote.text}`, body }));
    return true;
  }

  /** Goes on with the draft that waits at `place`, or begins the one that `make` makes. */
  open(place, make) {
    this.keep();
    this.draft = this.drafts.get(place) ?? { ...make(), place, files: [] };
    $("editor-title").textContent = this.draft.title;
    $("editor-to").textContent = this.draft.to;
    $("editor-subject").value = this.draft.subject;
    $("editor-subject").readOnly = this.draft.action === "mail-answer";
    $("editor-text").value = this.draft.text;
    this.showFiles();
  }

  focus() {
    const first = this.draft.action === "mail" && !this.draft.subject ? $("editor-subject") : $("editor-text");
    first.focus();
    $("editor-text").setSelectionRange(0, 0);
    $("editor-text").scrollTop = 0;
  }

  /** Keeps what was written for the next time. */
  keep() {
    if (!this.draft) return;
    this.draft.subject = $("editor-subject").value;
    this.draft.text = $("editor-text").value;
    this.drafts.set(this.draft.place, this.draft);
  }

  close() {
    this.keep();
    this.draft = null;
    this.leave();
  }

  discard() {
    this.drafts.delete(this.draft.place);
    this.draft = null;
    this.leave();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.send();
    }
  }

  send() {
    const button = $("editor").querySelector("button.primary");
    if (button.getAttribute("aria-busy") !== "true") busy(button, this.hand());
  }

  async hand() {
    this.keep();
    const { draft } = this;
    const files = await Promise.all(draft.files.map(encoded));
    const { subject, text } = draft;
    const answer = await act(draft.action, { ...draft.body, subject, text, files });
    if (!answer) return;
    this.drafts.delete(draft.place);
    if (this.draft !== draft) return;
    this.draft = null;
    this.sent(answer.key);
  }

  attach() {
    const chosen = [...$("editor-picker").files];
    $("editor-picker").value = "";
    if (chosen.some((file) => file.size > LIMIT)) toast(`A file may have ${size(LIMIT)}.`, "bad");
    this.draft.files.push(...chosen.filter((file) => file.size <= LIMIT));
    this.showFiles();
    $("editor-text").focus();
  }

  showFiles() {
    const { files } = this.draft;
    $("editor-files").replaceChildren(...files.map((file, place) => h("li", {}, `${file.name} · ${size(file.size)}`,
      h("button", { type: "button", class: "icon", "aria-label": `Remove ${file.name}`, onclick: () => {
        files.splice(place, 1);
        this.showFiles();
        $("editor-text").focus();
      } }, "✕"))));
  }
}
