// The customer's mailbox.

import { $, announce, h, size } from "./dom.js";
import { clockTime, day } from "./clock.js";
import { List } from "./list.js";

export class Mailbox {
  constructor() {
    this.open = null;
    this.form = "html";
    this.filter = "";
    this.read = new Set();
    this.known = null;
    this.list = new List($("mails"), (item) => this.line(item), { bottom: false });
    $("mailbox-filter").addEventListener("change", (event) => {
      this.filter = event.target.value;
      this.show(this.mails);
    });
    for (const button of $("letter-switch").children) {
      button.addEventListener("click", () => { this.form = button.dataset.form; this.showLetter(); });
    }
  }

  show(mails) {
    this.mails = mails.map((mail) => ({ ...mail, key: `${mail.mailbox}/${mail.number}` }));
    this.hear();
    this.showFilter();
    const shown = this.mails.filter((mail) => !this.filter || mail.mailbox === this.filter);
    if (!shown.some((mail) => mail.key === this.open)) this.open = shown[0]?.key ?? null;
    this.read.add(this.open);
    this.list.show(shown.map((mail) => ({
      ...mail, text: mail.text.slice(0, 120), opened: mail.key === this.open, unread: !this.read.has(mail.key),
    })));
    $("no-mail").hidden = shown.length > 0;
    this.showLetter();
  }

  hear() {
    const fresh = this.known ? this.mails.filter((mail) => !this.known.has(mail.key)) : [];
    fresh.forEach((mail) => announce(`A mail for ${mail.mailbox}: ${mail.subject}`));
    this.known = new Set(this.mails.map((mail) => mail.key));
  }

  showFilter() {
    const addresses = [...new Set(this.mails.map((mail) => mail.mailbox))].sort();
    const looks = JSON.stringify(addresses);
    if (looks === this.addresses) return;
    this.addresses = looks;
    $("mailbox-filter").replaceChildren(h("option", { value: "" }, "everybody"),
      ...addresses.map((address) => h("option", { value: address }, address)));
    $("mailbox-filter").value = this.filter;
  }

  line(mail) {
    const at = new Date(mail.at);
    return h("li", {}, h("button", { type: "button", class: `mail ${mail.unread ? "unread" : ""}`,
      "aria-current": mail.opened ? "true" : null, "data-focus": "mail",
      onclick: () => { this.open = mail.key; this.show(this.mails); } },
    h("span", { class: "mail-top" }, h("span", {}, `To ${mail.mailbox}`),
      h("time", { datetime: mail.at, title: day(at) }, clockTime(at))),
    h("strong", {}, mail.subject || "(no subject)"),
    h("span", { class: "preview" }, mail.text),
    mail.unread && h("span", { class: "unseen" }, "(unread)")));
  }

  showLetter() {
    const mail = this.mails.find((each) => each.key === this.open);
    $("letter").hidden = !mail;
    if (!mail) return;
    const html = mail.html && this.form === "html";
    $("letter-switch").hidden = !mail.html;
    for (const button of $("letter-switch").children) {
      button.setAttribute("aria-pressed", String((button.dataset.form === "html") === html));
    }
    $("letter-html").hidden = !html;
    $("letter-text").hidden = html;
    if (this.drawn === mail.key) return;
    this.drawn = mail.key;
    this.draw(mail);
  }

  draw(mail) {
    const at = new Date(mail.at);
    const place = `/mail/${encodeURIComponent(mail.mailbox)}/${mail.number}`;
    $("letter-subject").textContent = mail.subject || "(no subject)";
    $("letter-meta").textContent = `${mail.from}\nto ${mail.mailbox} · ${day(at)}, ${clockTime(at)}`;
    $("letter-text").textContent = mail.text;
    if (mail.html) $("letter-html").src = `${place}/html`;
    $("letter-files").replaceChildren(...mail.attachments.map((file, number) => h("li", {},
      h("a", { class: "file", href: `${place}/${number}`, download: file.name }, "📄 ",
        h("span", {}, file.name || "file", h("small", {}, size(file.bytes)))))));
  }
}
