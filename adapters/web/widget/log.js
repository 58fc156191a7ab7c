// The talk on the screen. It stays at its end unless the reader has gone back in it.

import { arrange, guarded, h, icon } from "./dom.js";
import { Message } from "./message.js";
import { dayOf, say } from "./texts.js";

const TOGETHER = 5 * 60_000;
const NEAR = 80;

export class Log {
  constructor(chat) {
    this.chat = chat;
    this.views = new Map();
    this.days = new Map();
    this.isAtEnd = true;
    this.inner = h("div", { class: "inner" });
    // What was said earlier is not read out: `speak` is called when the talk is up to date.
    this.scroller = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": say("LOG"),
      tabindex: "0", onscroll: () => this.#scrolled() }, this.inner);
    this.jump = h("button", { type: "button", class: "jump", hidden: true,
      onclick: () => this.toEnd() }, icon("down"), say("NEWER"));
    this.element = h("div", { class: "talk" }, this.scroller, this.jump);
    new ResizeObserver(guarded(() => this.isAtEnd && this.toEnd())).observe(this.inner);
    new ResizeObserver(guarded(() => this.isAtEnd && this.toEnd())).observe(this.scroller);
  }

  speak() {
    this.scroller.setAttribute("aria-live", "polite");
  }

  /** Shows these messages, oldest first. */
  show(messages) {
    const wanted = [];
    let before = null;
    for (const each of messages) {
      const day = each.at.toDateString();
      if (before?.at.toDateString() !== day) wanted.push(this.#day(day, each.at));
      const follows = before?.by === each.by && before.name === each.name && each.at - before.at < TOGETHER
        && before.at.toDateString() === day && !before.buttons.length;
      wanted.push(this.#view(each, follows));
      before = each;
    }
    const isNew = messages.length > (this.count ?? 0);
    const isOwn = before?.by === "you";
    this.count = messages.length;
    arrange(this.inner, wanted);
    if (isNew && !this.isAtEnd && !isOwn) this.jump.hidden = false;
    if (isNew && isOwn) this.toEnd();
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.jump.hidden = true;
  }

  #view(message, follows) {
    const key = message.by === "you" ? message.id.split(":").pop() : message.id;
    if (!this.views.has(key)) this.views.set(key, new Message(this.chat));
    const view = this.views.get(key);
    view.show(message, follows);
    return view.element;
  }

  #day(key, at) {
    if (!this.days.has(key)) this.days.set(key, h("p", { class: "day" }, dayOf(at)));
    return this.days.get(key);
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Where the log only became shorter, nobody has gone anywhere.
    const hasGoneBack = scrollTop < (this.top ?? 0);
    this.top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.isAtEnd = true;
    else if (hasGoneBack) this.isAtEnd = false;
    if (this.isAtEnd) this.jump.hidden = true;
  }
}
