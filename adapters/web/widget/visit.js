// The visitor and their talk: what was said, what is on its way, and the line over which it goes.

import { Downloads } from "./download.js";
import { guarded } from "./dom.js";
import { Line } from "./line.js";
import { Queue } from "./queue.js";
import { Session } from "./session.js";
import { shownMessages, Talk } from "./talk.js";
import { currentLanguage, say } from "./texts.js";

const CALM = 2500;
const WORDS = ["ask", "say"];

export class Visit {
  /**
   * *ends* is who shows it: `onChange()`, `onOnline()`, `onNews(frame)` for each new word of the
   * desk's side, and `onAskAgain(frame, files, refusal)` with a question that was not taken.
   */
  constructor(desk, kept, ends) {
    Object.assign(this, { kept, ends });
    this.queue = new Queue(kept);
    this.session = new Session(desk, kept);
    this.downloads = new Downloads(desk, this.session);
    this.talk = new Talk();
    this.state = {};
    this.line = new Line(desk, this.session, {
      after: () => this.talk.last, due: (isFresh) => this.queue.due(isFresh), language: currentLanguage,
      onSession: (said) => this.#onSession(said), onFrame: (frame) => this.#onFrame(frame),
      onStatus: (status, why) => this.#onStatus(status, why),
    });
    this.forget();
  }

  /** Goes on with a talk that there is. */
  begin() {
    if (this.session.isKnown || this.queue.items().length) this.line.start();
  }

  /** Puts something into the queue, and sends it as soon as there is a line. */
  send(frame, shown) {
    this.words = "";
    if (frame.type === "choose") this.chosen.set(this.#messageWith(frame.token).id, frame.token);
    this.queue.add(frame, shown);
    this.line.start();
    this.line.pump();
    this.ends.onChange();
  }

  retry(id) {
    this.queue.change(id, { failed: "", notBefore: 0 });
    this.line.answered(id);
    this.line.pump();
    this.ends.onChange();
  }

  discard(id) {
    this.queue.remove(id);
    this.ends.onChange();
  }

  /** Says that the visitor has everything before their eyes. */
  see() {
    const { last } = this.talk;
    if (last > this.seen) this.kept.set("seen", last);
    if (this.line.status === "online" && last > this.told) {
      this.told = last;
      this.line.mention({ type: "seen", seq: last });
    }
  }

  get seen() {
    return this.kept.get("seen") ?? 0;
  }

  get messages() {
    return shownMessages(this.talk, [...this.taken.values(), ...this.queue.items()], this.chosen);
  }

  /** What the visitor should know of the line, in words; "" when all is well. */
  get trouble() {
    if (this.why) return this.why;
    const isCut = this.line.status === "waiting" && Date.now() - this.onlineAt > CALM;
    return isCut ? say("OFFLINE") : this.words;
  }

  /** Another visitor from here on; what is kept in the browser is the session's to keep or drop. */
  forget() {
    this.talk.clear();
    this.taken = new Map();
    this.chosen = new Map();
    this.downloads.clear();
    this.known = null;
    this.words = this.why = "";
    this.upTo = this.told = this.onlineAt = 0;
  }

  #messageWith(token) {
    return this.talk.list().find((each) => each.buttons.some((one) => one.token === token));
  }

  #onSession(said) {
    if (said.isOther) {
      this.forget();
      if (!said.known) this.#askAgain();
    }
    this.#welcome(said);
  }

  #welcome({ known, seq }) {
    this.known = known ?? this.known;
    this.upTo = seq ?? 0;
    // The desk was set back to an older copy of itself: it tells the whole talk again.
    if (this.upTo < this.talk.last) this.talk.clear();
    // In a browser that is new to a known visitor: they have read elsewhere what was said before.
    if (this.kept.get("seen") === null) this.kept.set("seen", this.upTo);
  }

  #onFrame(frame) {
    if (frame.type === "welcome") this.#welcome(frame);
    else if (frame.type === "state") this.state = { ...this.state, ...frame };
    else if (frame.type === "taken") this.#onTaken(frame);
    else if (frame.type === "refused") this.#onRefused(frame);
    else if (frame.type === "frame" && this.talk.take(frame)) this.#onNews(frame);
    // Once after all that arrives together.
    this.soon ??= setTimeout(guarded(() => {
      this.soon = null;
      this.ends.onChange();
    }), 0);
  }

  #onNews(frame) {
    for (const [id, { seq }] of this.taken) if (seq <= this.talk.last) this.taken.delete(id);
    if (frame.kind === "said" && frame.by !== "you" && frame.seq > this.upTo) this.ends.onNews(frame);
  }

  #onTaken({ id, seq }) {
    const item = this.queue.remove(id);
    this.line.answered(id);
    if (!item) return;
    if (seq > this.talk.last) this.taken.set(id, { ...item, seq });
    if (item.frame.type === "ask") this.known = { name: item.frame.name };
    this.line.pump();
  }

  #onRefused({ id, why, field, wait, suggestion }) {
    this.line.answered(id);
    const item = this.queue.find(id);
    if (!item) return;
    const { type } = item.frame;
    if (wait) {
      this.words = why;
      this.queue.change(id, { notBefore: Date.now() + wait * 1000 });
    } else if (type === "ask" && field && field !== "file") this.#askAgain({ why, field, suggestion });
    else if (WORDS.includes(type)) this.queue.change(id, { failed: why || say("FAILED") });
    else {
      this.words = why;
      this.queue.remove(id);
      this.chosen.clear();
    }
  }

  /** The question goes back to its form, with all that has been written meanwhile. */
  #askAgain(refusal = {}) {
    const items = this.queue.items().filter((each) => WORDS.includes(each.frame.type));
    if (!items.length) return;
    for (const each of items) this.queue.remove(each.frame.id);
    const first = items.find((each) => each.frame.type === "ask")?.frame ?? {};
    const text = items.map((each) => each.frame.text).filter(Boolean).join("\n\n");
    this.ends.onAskAgain({ ...first, text }, items.flatMap((each) => each.shown), refusal);
  }

  #onStatus(status, why) {
    this.why = status === "refused" ? why : "";
    if (status === "online") {
      this.onlineAt = Date.now();
      this.told = 0; // what was said over a line that broke may not have been heard
      this.ends.onOnline();
    } else if (status === "waiting") setTimeout(guarded(() => this.ends.onChange()), CALM);
    this.ends.onChange();
  }
}
