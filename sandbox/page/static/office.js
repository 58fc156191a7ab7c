// The agents' Slack: who is at the keyboard, the room, and the thread that is open in it.

import { $, announce } from "./dom.js";
import { act } from "./live.js";
import { withDays } from "./clock.js";
import { Composer } from "./composer.js";
import { List } from "./list.js";
import { Modal } from "./modal.js";
import { chooser } from "./people.js";
import { Posts } from "./posts.js";

export class Office {
  constructor() {
    this.agent = null;
    this.room = null;
    this.root = null;
    this.told = null;
    this.dismissed = new Set();
    this.modal = new Modal();
    this.agents = new List($("agents"), chooser((id) => { this.agent = id; this.again(); }), { bottom: false });
    this.rooms = new List($("rooms"), chooser((id) => this.enter(id)), { bottom: false });
    const posts = new Posts(this);
    this.posts = new List($("posts"), (item) => posts.draw(item));
    this.replies = new List($("replies"), (item) => posts.draw(item));
    this.roomBox = new Composer($("room-composer"), {
      placeholder: "Message, or /command",
      send: (text, files, room) => this.send(this.posts, "say", { room, text, files }),
      up: () => this.editLast(this.own(this.current.messages), this.roomBox),
    });
    this.threadBox = new Composer($("thread-composer"), {
      placeholder: "Reply…",
      send: (text, files, message) => this.send(this.replies, "reply", { room: this.room, message, text, files }),
      up: () => this.editLast(this.own(this.opened?.thread ?? []), this.threadBox),
    });
    $("close-thread").addEventListener("click", () => this.closeThread());
    $("thread").addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) this.closeThread();
    });
  }

  show(slack) {
    this.slack = slack;
    this.agent ??= slack.agents[0]?.id;
    this.room ??= slack.rooms[0]?.id;
    this.names = new Map([[slack.bot.id, slack.bot.name],
      ...slack.agents.map(({ id, name, display_name: shown }) => [id, shown || name]),
      ...slack.groups.map(({ id, handle }) => [id, handle]),
      ...slack.rooms.map(({ id, name }) => [id, name])]);
    this.current = slack.rooms.find(({ id }) => id === this.room);
    this.opened = this.current?.messages.find(({ ts }) => ts === this.root);
    this.person = slack.agents.find(({ id }) => id === this.agent);
    this.hear();
    this.showPeople();
    if (this.current) this.showRoom();
    this.modal.show(this.person, this.names);
  }

  again() {
    this.show(this.slack);
  }

  enter(room) {
    this.room = room;
    this.root = null;
    this.again();
  }

  openThread(ts) {
    this.root = ts;
    this.again();
    this.threadBox.box.focus();
  }

  closeThread() {
    const root = this.root;
    this.root = null;
    this.again();
    const opener = [...$("posts").querySelectorAll("[data-thread]")].find((each) => each.dataset.thread === root);
    (opener ?? this.roomBox.box).focus();
  }

  async send(list, action, body) {
    list.follow();
    return await act(action, { agent: this.agent, ...body }) !== null;
  }

  do(action, body) {
    return act(action, { agent: this.agent, room: this.room, ...body });
  }

  edit(post, box) {
    box.edit(post.asTyped, (text) => this.do("change", { message: post.ts, text }));
  }

  own(messages) {
    return messages.filter((message) => message.user === this.agent && message.text);
  }

  editLast(own, box) {
    if (own.length) this.edit({ ...own.at(-1), asTyped: typed(own.at(-1).text) }, box);
    return own.length > 0;
  }

  showPeople() {
    this.agents.show(this.slack.agents.map(({ id: key, name, admin, view }) => (
      { key, name, detail: admin ? "admin" : "agent", chosen: key === this.agent, unread: Boolean(view) && key !== this.agent })));
    this.rooms.show(this.slack.rooms.map(({ id: key, name }) => ({ key, name, chosen: key === this.room })));
    $("rooms").hidden = this.slack.rooms.length < 2;
  }

  showRoom() {
    const { name, messages, archived } = this.current;
    $("room-name").textContent = `# ${name}${archived ? " (archived)" : ""}`;
    const broadcast = messages.flatMap(({ thread }) => thread.filter((reply) => reply.broadcast));
    this.posts.show(this.items([...messages, ...broadcast], null, this.roomBox), this.room);
    this.roomBox.at(this.room);
    $("thread").hidden = !this.opened;
    if (!this.opened) return;
    const replies = [this.opened, ...this.opened.thread];
    this.replies.show(this.items(replies, this.root, this.threadBox), this.root);
    this.threadBox.at(this.root);
  }

  /** Returns what a list shows: messages and what only this person sees, oldest first. */
  items(messages, root, box) {
    const whispers = this.person.ephemerals.filter(({ ts, room, thread_ts: thread }) =>
      room === this.room && (thread ?? null) === root && !this.dismissed.has(ts))
      .map((each) => ({ ...each, whisper: true, author: this.slack.bot.name, by_app: true, reactions: {}, files: [] }));
    const items = [...messages, ...whispers].map((message) => ({
      ...message,
      key: message.ts,
      at: Number(message.ts) * 1000,
      thread: root ? null : authors(message.thread),
      asTyped: typed(message.text),
      mine: message.user === this.agent,
      deletable: !message.deleted && !message.whisper && (message.user === this.agent || this.person.admin),
      agent: this.agent,
      names: [...this.names],
      inThread: box === this.threadBox,
      open: !root && message.ts === this.root,
    }));
    return withDays(items.sort((a, b) => a.at - b.at));
  }

  /** Tells of new messages, to those who hear the page; the first look is no news. */
  hear() {
    const all = this.slack.rooms.flatMap(({ name, messages }) => messages.flatMap((root) =>
      [root, ...root.thread].map((message) => ({ ...message, place: `${name}/${message.ts}`, room: name }))));
    const fresh = this.told ? all.filter(({ place }) => !this.told.has(place)) : [];
    fresh.filter(({ user }) => user !== this.agent)
      .forEach(({ room, author, shown }) => announce(`In #${room}, ${author}: ${shown}`));
    this.told = new Set(all.map(({ place }) => place));
  }
}

const authors = (thread) => thread && { count: thread.length, names: [...new Set(thread.map(({ author }) => author))] };

/** Returns mrkdwn as somebody would type it. */
const typed = (text) => (text ?? "").replace(/<(https?:[^|>]+)(?:\|[^>]*)?>/g, "$1")
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
