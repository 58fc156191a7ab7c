// The button on the page: it says whether anybody is there, and how much has not been read.

import { h, icon } from "./dom.js";
import { say } from "./texts.js";

export class Launcher {
  constructor(chat) {
    this.state = h("span", { class: "launcher-state" });
    this.badge = h("span", { class: "badge", hidden: true });
    this.element = h("button", { type: "button", class: "launcher", "aria-haspopup": "dialog",
      "aria-controls": "panel", onclick: () => chat.toggle() },
    icon("chat"), icon("down"),
    h("span", { class: "launcher-words" }, h("strong", {}, say("ASK_US")), this.state), this.badge);
  }

  show({ desk, unread, isOpen }) {
    this.state.textContent = desk.says ?? "";
    this.state.dataset.open = String(desk.open ?? "");
    this.badge.textContent = unread > 99 ? "99+" : String(unread);
    this.badge.hidden = !unread || isOpen;
    this.element.classList.toggle("open", isOpen);
    this.element.setAttribute("aria-expanded", String(isOpen));
    const words = [say(isOpen ? "CLOSE" : "ASK_US"), !isOpen && desk.says,
      !isOpen && unread > 0 && say("UNREAD", { n: unread })];
    this.element.setAttribute("aria-label", words.filter(Boolean).join(". "));
  }

  focus() {
    this.element.focus();
  }
}
