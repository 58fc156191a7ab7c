// Messages in Slack: what they say, what hangs on them, and what can be done with them.

import { ask, h, size } from "./dom.js";
import { drawn } from "./blocks.js";
import { clockTime, day } from "./clock.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { avatar } from "./people.js";

const OFFERED = ["lock", "eyes", "white_check_mark", "+1"];
const TITLES = { lock: "🔒 keeps a message inside" };

export class Posts {
  constructor(office) {
    this.office = office;
  }

  draw(post) {
    if (post.day) return h("li", { class: "day" }, post.day);
    const names = new Map(post.names);
    const at = new Date(post.at);
    return h("li", { class: `post ${post.whisper ? "whisper" : ""} ${post.open ? "open" : ""}` },
      avatar(post.author, post.by_app ? "app" : ""),
      h("div", { class: "post-body" },
        post.whisper && h("p", { class: "hint" }, "Only visible to you ",
          h("button", { type: "button", class: "quiet", onclick: () => this.dismiss(post) }, "Dismiss")),
        h("p", { class: "byline" }, h("strong", {}, post.author),
          post.by_app && h("span", { class: "badge" }, "app"),
          h("time", { datetime: at.toISOString(), title: day(at) }, clockTime(at)),
          post.broadcast && h("span", {}, "replied in a thread"),
          post.edited && h("span", {}, "(edited)")),
        this.words(post, names),
        post.files.map(file),
        this.reactions(post, names),
        this.threadLink(post)),
      !post.whisper && !post.deleted && this.tools(post));
  }

  words(post, names) {
    const press = (element, choose) => this.office.do("click", { message: post.ts, element, choose });
    if (post.blocks?.length) return h("div", { class: "blocks" }, drawn(post.blocks, names, press));
    const text = post.text ?? post.shown;
    return text && h("div", { class: `prose ${post.deleted ? "gone" : ""}` }, mrkdwn(text, names));
  }

  reactions(post, names) {
    const entries = Object.entries(post.reactions);
    return entries.length > 0 && h("div", { class: "reactions" }, entries.map(([name, users]) =>
      h("button", { type: "button", class: "reaction", "data-focus": `reaction ${name}`,
        "aria-pressed": String(users.includes(post.agent)),
        title: `${users.map((user) => names.get(user) ?? user).join(", ")}: ${name}`,
        "aria-label": `${name}, ${users.length}`,
        onclick: () => this.react(post, name) }, `${emoji(name)} ${users.length}`)));
  }

  threadLink(post) {
    if (!post.thread) return null;
    const { count, names } = post.thread;
    const label = count ? `${count} ${count === 1 ? "reply" : "replies"}` : "Reply in thread";
    return h("button", { type: "button", class: "thread-link", "data-thread": post.ts, "data-focus": "thread",
      "aria-expanded": String(post.open), onclick: () => this.office.openThread(post.ts) },
    names.slice(0, 3).map((name) => avatar(name)), label);
  }

  tools(post) {
    const box = post.inThread ? this.office.threadBox : this.office.roomBox;
    return h("div", { class: "tools", role: "group", "aria-label": "Message actions" },
      OFFERED.map((name) => h("button", { type: "button", class: "icon", title: TITLES[name] ?? name,
        "aria-label": `React: ${name}`, "data-focus": `add ${name}`,
        onclick: () => this.react(post, name) }, emoji(name))),
      post.mine && post.text && h("button", { type: "button", class: "icon", title: "Edit", "aria-label": "Edit",
        onclick: () => this.office.edit(post, box) }, "✎"),
      post.deletable && h("button", { type: "button", class: "icon", title: "Delete", "aria-label": "Delete",
        onclick: () => this.delete(post) }, "🗑"));
  }

  react(post, name) {
    return this.office.do("reaction", { message: post.ts, name });
  }

  async delete(post) {
    const body = [h("h2", {}, "Delete this message?"), h("p", { class: "excerpt" }, post.shown)];
    const sure = await ask(body, [[false, "Cancel", ""], [true, "Delete", "danger"]]);
    if (sure) this.office.do("delete", { message: post.ts });
  }

  dismiss(post) {
    this.office.dismissed.add(post.ts);
    this.office.again();
  }
}

function file({ id, name, mimetype, size: bytes, mode }) {
  if (mode === "tombstone") return h("p", { class: "gone" }, "This file was deleted.");
  const url = `/slack/files/${encodeURIComponent(id)}`;
  if (/^image\/(png|jpeg|gif|webp)$/.test(mimetype)) {
    return h("a", { class: "picture", href: url, target: "_blank", rel: "noopener" },
      h("img", { src: url, alt: name, loading: "lazy" }));
  }
  return h("a", { class: "file", href: url, download: name },
    h("span", { "aria-hidden": "true" }, "📄"), h("span", {}, name, h("small", {}, size(bytes))));
}
