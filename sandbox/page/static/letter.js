// A thread of mails, one of which is open.

import { $, h, size } from "./dom.js";
import { brief, stamp } from "./clock.js";
import { List } from "./list.js";

export class Letter {
  /** `turnTo(mail)` opens another mail of the thread. */
  constructor(turnTo) {
    this.turnTo = turnTo;
    this.form = "html";
    this.turns = new List($("turns"), (item) => this.turn(item), { bottom: false });
    for (const button of $("letter-switch").children) {
      button.addEventListener("click", () => { this.form = button.dataset.form; this.showForm(); });
    }
  }

  show(thread, mail) {
    this.mail = mail;
    // Whoever looks at what they wrote themselves answers what came last.
    this.answerable = mail.sent ? thread.findLast((each) => !each.sent) : mail;
    $("letter-reply").hidden = !this.answerable;
    $("letter-subject").textContent = thread[0].subject || "(no subject)";
    $("turns").hidden = thread.length < 2;
    this.turns.show(thread.map((each) => ({ ...each, opened: each === mail, text: firstWords(each.text) })),
      thread[0].key);
    this.showForm();
    const drawn = `${mail.owner}/${mail.key}`;
    if (this.drawn !== drawn) this.draw(mail);
    this.drawn = drawn;
  }

  turn(mail) {
    return h("li", {}, h("button", { type: "button", class: "turn", "aria-current": mail.opened ? "true" : null,
      "data-focus": "turn", onclick: () => this.turnTo(mail) },
    h("strong", {}, mail.sent ? "You" : nameOf(mail.from)),
    h("span", { class: "preview" }, mail.text),
    h("time", { datetime: mail.at }, brief(new Date(mail.at)))));
  }

  showForm() {
    const html = this.mail.html && this.form === "html";
    $("letter-switch").hidden = !this.mail.html;
    for (const button of $("letter-switch").children) {
      button.setAttribute("aria-pressed", String((button.dataset.form === "html") === html));
    }
    $("letter-html").hidden = !html;
    $("letter-text").hidden = html;
  }

  draw(mail) {
    const at = new Date(mail.at);
    const place = `/mail/${encodeURIComponent(mail.owner)}/${mail.key}`;
    $("letter-meta").textContent = `${mail.from}\nto ${mail.to.join(", ")} · ${stamp(at)}`;
    $("letter-text").textContent = mail.text;
    $("letter-text").scrollTop = 0;
    if (mail.html) $("letter-html").contentWindow.location.replace(`${place}/html`);
    $("letter-files").replaceChildren(...mail.attachments.map((file, number) => h("li", {},
      h("a", { class: "file", href: `${place}/${number}`, download: file.name }, "📄 ",
        h("span", {}, file.name || "file", h("small", {}, size(file.bytes)))))));
  }
}

/** Returns the name that a From header tells, or its address. */
export const nameOf = (from) => from.replace(/\s*<[^>]*>\s*$/, "").replace(/^"(.*)"$/, "$1") || from;

/** Returns what a mail says first: without what it quotes, and the line that introduces that. */
export function firstWords(text) {
  const own = text.replace(/(^|\n\n)[^\n]*(\n[^\n]+)?:\n+>[^]*$/, "");
  return own.split("\n").filter((line) => line.trim() && !line.startsWith(">")).join(" ").slice(0, 160);
}
