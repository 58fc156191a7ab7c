// The customer's phone.

import { $, announce, ask, h, size, toast } from "./dom.js";
import { act } from "./live.js";
import { busy } from "./blocks.js";
import { clockTime, withDays } from "./clock.js";
import { Composer } from "./composer.js";
import { formatted } from "./entities.js";
import { List } from "./list.js";
import { chooser } from "./people.js";

export class Phone {
  constructor() {
    this.chosen = null;
    this.seen = new Map();
    this.customers = new List($("customers"), (item) => (item.newcomer ? this.newcomerButton()
      : chooser((chat) => this.choose(chat))(item)), { bottom: false });
    this.chat = new List($("chat"), (item) => this.bubble(item));
    this.menu = h("select", { class: "commands", "aria-label": "Commands", title: "Commands",
      onchange: () => this.command() });
    this.composer = new Composer($("phone-composer"), {
      placeholder: "Message",
      tools: [this.menu],
      send: (text, files, chat) => this.write(chat, text, files),
      up: () => this.editLast(),
    });
    $("start").addEventListener("click", () => this.write(this.chosen, "/start", []));
    $("block").addEventListener("click", () => this.block(true));
    $("unblock").addEventListener("click", () => this.block(false));
    this.prepareNewcomer();
  }

  show(telegram) {
    this.telegram = telegram;
    this.chosen ??= telegram.customers[0]?.chat_id;
    const customer = this.customer();
    $("bot-name").textContent = telegram.bot;
    $("bot-initial").textContent = [...telegram.bot][0];
    this.hear(telegram.customers);
    this.showCustomers();
    if (!customer) return;
    $("welcome").hidden = customer.started;
    $("block").hidden = customer.blocked || !customer.started;
    $("blocked").hidden = !customer.blocked;
    $("phone-composer").hidden = customer.blocked;
    this.composer.at(customer.chat_id);
    this.showCommands(customer.language);
    this.chat.show(withDays(customer.messages.map((message) => (
      { ...message, key: message.id, at: message.date }))), customer.chat_id);
  }

  customer() {
    return this.telegram.customers.find((customer) => customer.chat_id === this.chosen);
  }

  choose(chat) {
    this.chosen = chat;
    this.show(this.telegram);
  }

  /** Tells of the bot's new messages, to those who hear the page; the first look is no news. */
  hear(customers) {
    for (const { chat_id: chat, name, messages } of customers) {
      const said = messages.filter((message) => message.from_bot);
      const known = this.seen.get(chat);
      const fresh = known ? said.filter((message) => message.id > known.told) : [];
      fresh.forEach((message) => announce(`On ${name}'s phone: ${message.label} ${message.text}`));
      const told = Math.max(0, known?.told ?? 0, ...said.map((message) => message.id));
      const looked = !known || chat === this.chosen ? told : known.looked;
      this.seen.set(chat, { told, looked });
    }
  }

  showCustomers() {
    const people = this.telegram.customers.map(({ chat_id: key, name, language }) => ({
      key, name: name.split(" ")[0], detail: language, chosen: key === this.chosen,
      unread: this.seen.get(key).looked < this.seen.get(key).told,
    }));
    this.customers.show([...people, { key: "new", newcomer: true }]);
  }

  showCommands(language) {
    const commands = this.telegram.commands[language] ?? this.telegram.commands[""] ?? [];
    const looks = JSON.stringify(commands);
    this.menu.hidden = !commands.length;
    if (looks === this.menuLooks) return;
    this.menuLooks = looks;
    this.menu.replaceChildren(h("option", { value: "" }, "/"), ...commands.map((each) =>
      h("option", { value: `/${each.command}` }, `/${each.command} · ${each.description}`)));
  }

  command() {
    const command = this.menu.value;
    this.menu.value = "";
    if (command) this.write(this.chosen, command, []);
    this.composer.box.focus();
  }

  async write(chat, text, files) {
    this.chat.follow();
    return await act("write", { chat, text, files }) !== null;
  }

  block(blocked) {
    act("block", { chat: this.chosen, blocked });
    if (!blocked) this.composer.box.focus();
  }

  editLast() {
    const own = this.customer().messages.filter((message) => !message.from_bot && editable(message));
    if (own.length) this.edit(own.at(-1));
    return own.length > 0;
  }

  edit(message) {
    const chat = this.chosen;
    this.composer.edit(message.text, (text) => act("edit", { chat, message: message.id, text }));
  }

  bubble(message) {
    if (message.day) return h("li", { class: "day" }, message.day);
    const own = !message.from_bot;
    const label = !message.media && message.label;
    return h("li", { class: `message ${own ? "own" : "theirs"}` },
      h("div", { class: "bubble" },
        h("span", { class: "unseen" }, own ? "You: " : `${this.telegram.bot}: `),
        message.media && media(message.media),
        label && h("p", { class: "label" }, label),
        message.text && h("div", { class: "prose" }, formatted(message.text, message.entities)),
        h("p", { class: "under" },
          own && editable(message) && h("button", { type: "button", class: "quiet", "data-focus": "edit",
            onclick: () => this.edit(message) }, "Edit"),
          message.edited && h("span", {}, "edited"),
          h("time", { datetime: message.date }, clockTime(new Date(message.date))))),
      message.buttons.length > 0 && h("div", { class: "keyboard" }, message.buttons.map((row) =>
        h("div", {}, row.map((button) => this.key(message, button))))),
      this.reactions(message));
  }

  key(message, button) {
    if (button.url) {
      return h("a", { class: "button", href: safe(button.url), target: "_blank", rel: "noopener noreferrer" },
        `${button.text} ↗`);
    }
    return h("button", { type: "button", "data-focus": `key ${button.data}`,
      onclick: (event) => busy(event.currentTarget, this.press(message, button)) }, button.text);
  }

  async press(message, button) {
    const answer = await act("press", { chat: this.chosen, message: message.id, data: button.data });
    if (!answer?.text) return;
    if (answer.alert) ask(h("p", {}, answer.text), [[true, "OK", "primary"]]);
    else toast(answer.text);
  }

  reactions(message) {
    const mine = message.reactions;
    const like = message.from_bot && !mine.length && h("button", { type: "button", class: "quiet like",
      "data-focus": "like", "aria-label": "React with 👍",
      onclick: () => act("react", { chat: this.chosen, message: message.id, emoji: "👍" }) }, "👍");
    return h("div", { class: "reactions" }, mine.map((each) => h("span", { class: "reaction" }, each)), like);
  }

  newcomerButton() {
    return h("button", { type: "button", class: "person new", title: "New customer",
      "aria-label": "New customer", onclick: () => $("newcomer").showModal() }, "+");
  }

  prepareNewcomer() {
    const dialog = $("newcomer");
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    $("newcomer-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const [name, language] = [$("newcomer-name").value, $("newcomer-language").value];
      const answer = await act("customer", { name, language });
      if (!answer) return;
      $("newcomer-name").value = "";
      dialog.close();
      this.chosen = answer.chat;
      this.composer.box.focus();
    });
  }
}

const editable = (message) => message.text !== "";

const safe = (url) => (/^(https?|tg|mailto):/i.test(url) ? url : "about:blank");

function media({ kind, name, mime, size: bytes, url }) {
  if (kind === "photo" || (kind === "document" && /^image\/(png|jpeg|gif|webp)$/.test(mime) && !name)) {
    return h("a", { class: "picture", href: url, target: "_blank", rel: "noopener" },
      h("img", { src: url, alt: name || "Picture", loading: "lazy" }));
  }
  return h("a", { class: "file", href: url, download: name || kind },
    h("span", { "aria-hidden": "true" }, "📄"), h("span", {}, name || kind, h("small", {}, size(bytes))));
}
