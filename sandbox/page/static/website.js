// What else is on the phone: its browser, on a website that embeds the desk's chat.

import { $ } from "./dom.js";

export class Website {
  constructor() {
    this.address = "";
    this.buttons = [...$("apps").querySelectorAll("button")];
    for (const each of this.buttons) each.addEventListener("click", () => this.choose(each.dataset.app));
  }

  /** Shows where the website is; without one there is only Telegram. */
  show(address) {
    $("apps").hidden = !address;
    this.address = address;
  }

  choose(app) {
    for (const each of this.buttons) each.setAttribute("aria-pressed", String(each.dataset.app === app));
    $("telegram").hidden = app !== "telegram";
    $("website").hidden = app !== "website";
    if (app !== "website" || $("website-page").src) return;
    // Only now: until somebody looks at it, nobody has visited it.
    $("website-page").src = this.address;
    $("website-apart").href = this.address;
    $("website-address").textContent = new URL(this.address).host;
  }
}
