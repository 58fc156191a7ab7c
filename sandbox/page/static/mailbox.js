// The customers' mail programs: whose mail it is, its threads, and what is open of it.

import { $, announce, h } from "./dom.js";
import { brief, day } from "./clock.js";
import { Editor } from "./editor.js";
import { Letter, firstWords, nameOf } from "./letter.js";
import { List } from "./list.js";
import { chooser } from "./people.js";

export class Mailbox {
  constructor() {
    this.owner = null;
    this.open = null;
    this.shows = "list";
    this.read = new Set();
    this.known = null;
    this.people = new List($("accounts"), chooser((address) => this.choose(address)), { bottom: false });
    this.list = new List($("mails"), (item) => this.line(item), { bottom: false });
    this.letter = new Letter((mail) => this.turnTo(mail));
    this.editor = new Editor((key) => this.sent(key), () => this.leaveEditor());
    $("new-mail").addEventListener("click", () => this.write());
    $("letter-reply").addEventListener("click", () => this.reply());
    $("letter-back").addEventListener("click", () => this.backToList());
    $("letter").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.backToList();
    });
  }

  show({ support, accounts }) {
    this.support = support;
    this.accounts = accounts.map((account) => ({
      ...account,
      mails: account.mails.map((mail) => ({ ...mail, sent: mail.key.startsWith("out/"), owner: account.address })),
    }));
    this.owner ??= accounts[0]?.address;
    this.hear();
    this.draw();
  }

  draw() {
    const account = this.accounts.find((each) => each.address === this.owner);
    const threads = grouped(account?.mails ?? []);
    const opened = this.opened(threads);
    const reading = opened && this.shows !== "list";
    if (reading) opened.thread.forEach((mail) => this.read.add(id(mail)));
    this.showPeople();
    $("account").textContent = this.owner ?? "";
    this.list.show(threads.map((thread) => this.summary(thread, reading && thread === opened.thread)), this.owner);
    $("no-mail").hidden = threads.length > 0;
    $("letters").dataset.shows = this.shows === "letter" && !opened ? "list" : this.shows;
    $("letter").hidden = !(opened && this.shows === "letter");
    $("editor").hidden = this.shows !== "editor";
    if (opened) this.letter.show(opened.thread, opened.mail);
    // A mail that was just sent is not there before the next snapshot.
    if (this.arrives && !$("letter").hidden) {
      this.arrives = false;
      $("letter-subject").focus();
    }
  }

  /** Returns the open mail and its thread; whoever looks at the newest goes on looking at it. */
  opened(threads) {
    const thread = threads.find((mails) => mails.some((mail) => mail.key === this.open));
    if (!thread) return null;
    const newest = thread.at(-1);
    if (this.atNewest && this.shows === "letter") this.open = newest.key;
    this.atNewest = this.open === newest.key;
    return { thread, mail: thread.find((mail) => mail.key === this.open) };
  }

  showPeople() {
    this.people.show(this.accounts.map(({ address, name, mails }) => ({
      key: address, name: name.split(" ")[0] || address, chosen: address === this.owner,
      unread: mails.some((mail) => this.unread(mail)),
    })));
  }

  unread(mail) {
    return !mail.sent && !this.read.has(id(mail));
  }

  hear() {
    const mails = this.accounts.flatMap((account) => account.mails.filter((mail) => !mail.sent));
    const fresh = this.known ? mails.filter((mail) => !this.known.has(id(mail))) : [];
    fresh.forEach((mail) => announce(`A mail for ${mail.owner}: ${mail.subject}`));
    this.known = new Set(mails.map(id));
  }

  summary(thread, opened) {
    const last = thread.at(-1);
    return {
      key: thread[0].key, at: last.at, subject: thread[0].subject, count: thread.length, opened,
      who: last.sent ? `To ${last.to.join(", ")}` : nameOf(last.from), preview: firstWords(last.text),
      unread: thread.some((mail) => this.unread(mail)), newest: last.key,
      files: thread.some((mail) => mail.attachments.length > 0),
    };
  }

  line({ at, subject, count, opened, who, preview, unread, newest, files }) {
    const moment = new Date(at);
    return h("li", {}, h("button", { type: "button", class: `mail ${unread ? "unread" : ""}`,
      "aria-current": opened ? "true" : null, "data-focus": "mail", onclick: () => this.openMail(newest) },
    h("span", { class: "mail-top" }, h("span", { class: "who" }, who, count > 1 && h("small", {}, `${count} mails`)),
      h("time", { datetime: at, title: day(moment) }, brief(moment))),
    h("strong", {}, subject || "(no subject)"),
    h("span", { class: "preview" }, files && h("span", { title: "With attachments" }, "📎 "), preview),
    unread && h("span", { class: "unseen" }, "(unread)")));
  }

  choose(address) {
    this.owner = address;
    this.arrives = false;
    this.open = null;
    this.shows = "list";
    this.draw();
  }

  openMail(key) {
    this.open = key;
    this.shows = "letter";
    this.arrives = true;
    this.draw();
  }

  turnTo(mail) {
    this.open = mail.key;
    this.atNewest = false;
    this.draw();
  }

  backToList() {
    this.shows = "list";
    this.draw();
    ($("mails").querySelector("[aria-current]") ?? $("mails")).focus();
  }

  write() {
    this.shows = "editor";
    this.back = "list";
    this.editor.begin(this.owner, this.support);
    this.draw();
    this.editor.focus();
  }

  async reply() {
    const { owner } = this;
    if (!await this.editor.answer(owner, this.letter.answerable) || owner !== this.owner) return;
    this.shows = "editor";
    this.back = "letter";
    this.draw();
    this.editor.focus();
  }

  sent(key) {
    this.atNewest = false;
    this.openMail(key);
  }

  leaveEditor() {
    this.shows = this.back;
    this.draw();
    (this.back === "letter" ? $("letter-reply") : $("new-mail")).focus();
  }
}

const id = (mail) => `${mail.owner}/${mail.key}`;

/** Returns the mails by threads, the thread with the newest mail first. */
function grouped(mails) {
  const threads = new Map();
  for (const mail of mails) threads.set(mail.thread, [...(threads.get(mail.thread) ?? []), mail]);
  return [...threads.values()].sort((one, other) => new Date(other.at(-1).at) - new Date(one.at(-1).at));
}
