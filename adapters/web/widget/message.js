// One message in the log: who, what, when, and how far it has come.

import { h, icon, iconButton } from "./dom.js";
import { say, sizeOf, timeOf } from "./texts.js";
import { words } from "./words.js";

export class Message {
  constructor(chat) {
    this.chat = chat;
    this.body = h("div", { class: "body" });
    this.meta = h("div", { class: "meta" });
    this.element = h("article", { class: "message" }, this.body, this.meta);
    this.shown = {};
  }

  /** Shows *message* as it is now; parts that have not changed stay, and are not read out again. */
  show(message, isFollowing) {
    const { by, state } = message;
    this.element.className = `message ${by} ${state}${isFollowing ? " follow" : ""}`;
    this.#part("body", message, isFollowing, () => this.#drawBody(message, isFollowing));
    this.#part("meta", message, isFollowing, () => this.#drawMeta(message));
  }

  #part(name, message, isFollowing, draw) {
    const { at, text, files, buttons, isGone, isEdited, chosen, state, why } = message;
    const isThere = Boolean(message.seq);  // before that, its files cannot be fetched
    const about = JSON.stringify(name === "body"
      ? [text, files, files.length > 0 && isThere, buttons, isGone, chosen, isFollowing]
      : [at, isThere, isEdited, isGone, state, why]);
    if (this.shown[name] === about) return;
    this.shown[name] = about;
    this[name].replaceChildren(...draw().filter(Boolean));
  }

  #drawBody(message, isFollowing) {
    const { by, name, text, files, buttons, isGone } = message;
    const author = h("span", { class: by === "agent" && !isFollowing ? "author" : "unseen", dir: "auto" },
      by === "you" ? say("YOU") : name || say("TITLE"));
    const avatar = by === "agent" && !isFollowing
      && h("span", { class: "avatar", "aria-hidden": "true" }, initials(name));
    if (isGone) return [avatar, author, h("p", { class: "bubble gone" }, say("GONE"))];
    return [avatar, author,
      text.length > 0 && h("div", { class: "bubble" }, words(text)),
      files.length > 0 && h("div", { class: "files" }, files.map((each) => this.#file(each, message))),
      buttons.length > 0 && h("div", { class: "choices", role: "group" },
        buttons.map((each) => this.#choice(each, message)))];
  }

  #file(file, message) {
    if (message.seq) return this.chat.visit.downloads.element(file);
    return h("span", { class: "file" }, icon("file"),
      h("span", { class: "file-name" }, h("bdi", {}, file.name), h("small", {}, sizeOf(file.size))));
  }

  #choice({ token, label }, { chosen }) {
    return h("button", { type: "button", class: "choice", dir: "auto", disabled: Boolean(chosen),
      "aria-pressed": chosen ? String(chosen === token) : null,
      onclick: () => this.chat.choose(token) }, label);
  }

  #drawMeta(message) {
    const { id, by, at, state, why, isEdited, isGone } = message;
    const mayEdit = by === "you" && state === "sent" && message.seq && !isGone && message.text.length > 0;
    return [
      mayEdit && iconButton("edit", say("EDIT"), () => this.chat.edit(id), { class: "icon-button small" }),
      isEdited && !isGone && h("span", {}, say("EDITED")),
      h("time", { datetime: at.toISOString() }, timeOf(at)),
      by === "you" && state !== "failed" && icon(state, say(state.toUpperCase())),
      state === "failed" && h("span", { class: "trouble" }, icon("failed"),
        h("span", {}, why || say("FAILED"))),
      state === "failed" && h("button", { type: "button", class: "more",
        onclick: () => this.chat.visit.retry(id) }, say("RETRY")),
      state === "failed" && h("button", { type: "button", class: "more",
        onclick: () => this.chat.visit.discard(id) }, say("DISCARD")),
    ];
  }
}

const initials = (name) =>
  name.split(/\s+/).map((each) => [...each][0] ?? "").slice(0, 2).join("").toLocaleUpperCase() || "?";
