// The whole: it has the panel and the button show the visit, and follows the page that it is on.

import { guarded } from "./dom.js";
import { Keeping } from "./keeping.js";
import { Launcher } from "./launcher.js";
import { Panel } from "./panel.js";
import { ask } from "./session.js";
import { firstLanguage } from "./site.js";
import { ring } from "./sound.js";
import { plainOf } from "./talk.js";
import { currentLanguage, say, setLanguage } from "./texts.js";
import { Visit } from "./visit.js";

const LOOK_EVERY = 60_000;
const SETTLED_AFTER = 500;
const LIMITS = { text: 4000, file: 0, files: 10 };

export class Chat {
  constructor(site, root) {
    this.desk = site.desk;
    this.root = root;
    this.preferences = new Keeping(() => localStorage, `podrska:${site.desk}:likes:`);
    this.kept = new Keeping(() => localStorage, `podrska:${site.desk}:visit:`);
    this.drafts = new Keeping(() => sessionStorage, `podrska:${site.desk}:`);
    this.visit = new Visit(this.desk, this.kept, {
      onChange: () => this.look(), onNews: (frame) => this.#sound(frame),
      onOnline: () => setTimeout(guarded(() => this.panel.log.speak()), SETTLED_AFTER),
      onAskAgain: (frame, files, refusal) => {
        this.look();
        this.panel.form.fill(frame, files, refusal);
      },
    });
    setLanguage(firstLanguage(this.preferences.get("language"), site));
    this.#draw();
  }

  // What the page may do

  open() {
    if (!this.panel.isOpen) this.opener = document.activeElement;
    this.panel.open();
    this.drafts.set("open", true);
    this.#learnState();
    this.look();
  }

  close() {
    if (!this.panel.isOpen) return;
    this.panel.close();
    this.drafts.set("open", false);
    this.look();
    // Where the focus came from: perhaps a button of the page's own.
    const own = [document.body, this.root.getRootNode().host];
    const isOurs = !this.opener?.isConnected || own.includes(this.opener);
    (isOurs ? this.launcher : this.opener).focus();
  }

  toggle() {
    if (this.panel.isOpen) this.close();
    else this.open();
  }

  /** The site says who is logged in, signed; null: nobody any more. */
  identify(identity) {
    this.visit.line.stop();
    this.visit.session.identify(identity ?? null);
    this.visit.forget();
    this.begin();
  }

  /** Leaves nothing behind for whoever uses this browser next. */
  async logout() {
    this.visit.line.stop();
    const ending = this.visit.session.end();
    this.drafts.clear();
    this.visit.forget();
    this.#draw();
    await ending;
  }

  // What the visitor may do

  ask(values, files) {
    this.visit.send({ type: "ask", ...values, files: files.map((each) => each.id) }, files);
  }

  say(text, files) {
    this.visit.send({ type: "say", text, files: files.map((each) => each.id) }, files);
  }

  choose(token) {
    this.visit.send({ type: "choose", token });
  }

  /** Gives a message other words; none take it back. */
  change(message, text) {
    const isNew = text !== plainOf(this.visit.talk.messages.get(message).text);
    if (isNew) this.visit.send({ type: "edit", message, text });
  }

  edit(id) {
    const message = this.visit.talk.messages.get(id);
    if (message) this.panel.composer.edit(id, plainOf(message.text));
  }

  editLast() {
    const own = this.visit.talk.list().filter((each) => each.by === "you" && !each.isGone);
    if (own.length) this.edit(own.at(-1).id);
    return own.length > 0;
  }

  speak(tag) {
    setLanguage(tag);
    this.preferences.set("language", tag);
    this.#draw();
    this.panel.open();
    this.panel.toggleSettings();
    this.visit.line.renew();
    this.#learnState();
  }

  get sounds() {
    return Boolean(this.preferences.get("sound"));
  }

  set sounds(isOn) {
    this.preferences.set("sound", isOn);
    if (isOn) ring();
  }

  get limits() {
    return { ...LIMITS, ...this.visit.state.limits };
  }

  // What happens by itself

  /** Asks how things are, and goes on with a talk that there is. */
  begin() {
    this.#learnState();
    this.visit.begin();
    this.look();
  }

  /** Follows the page: its network, its tabs, its time. */
  follow() {
    const { line } = this.visit;
    addEventListener("online", guarded(() => line.renew()));
    addEventListener("offline", guarded(() => this.look()));
    addEventListener("pageshow", guarded((event) => event.persisted && line.renew()));
    addEventListener("storage", guarded((event) => this.#otherTab(event.key)));
    document.addEventListener("visibilitychange", guarded(() => {
      if (document.hidden) return;
      if (line.status !== "online") line.renew();
      this.look();
    }));
    setInterval(guarded(() => {
      if (!document.hidden && line.status !== "online") this.#learnState();
    }), LOOK_EVERY);
    if (this.drafts.get("open")) this.panel.stay();
    this.look();
  }

  /** Shows everything as it is now, and notes what thereby stands before the visitor's eyes. */
  look() {
    const { visit, panel } = this;
    const { isOpen } = panel;
    const { messages, state } = visit;
    if (isOpen && !document.hidden) visit.see();
    panel.show({ desk: state, messages, name: visit.known?.name,
      isChatting: Boolean(visit.known) || messages.length > 0,
      notice: this.isLost || !navigator.onLine ? say("OFFLINE") : visit.trouble });
    this.launcher.show({ desk: state, isOpen, unread: visit.talk.unread(visit.seen) });
  }

  #draw() {
    this.panel?.close();
    this.panel = new Panel(this);
    this.launcher = new Launcher(this);
    this.root.lang = currentLanguage();
    this.root.setAttribute("aria-label", say("TITLE"));
    this.root.replaceChildren(this.panel.element, this.launcher.element, this.visit.downloads.lens);
    if (this.visit.line.status === "online") this.panel.log.speak();
    this.look();
  }

  async #learnState() {
    try {
      this.visit.state = await ask(`${this.desk}/chat/state?lang=${currentLanguage()}`);
      this.isLost = false;
    } catch {
      this.isLost = true;
    }
    this.look();
  }

  #sound({ seq }) {
    // Of several tabs one is enough.
    if (!this.sounds || this.kept.get("rung") >= seq) return;
    this.kept.set("rung", seq);
    ring();
  }

  #otherTab(key) {
    if (!key?.startsWith(this.kept.prefix)) return;
    if (key.endsWith(":token")) {
      this.visit.line.stop();
      this.visit.forget();
      this.begin();
    }
    this.look();
  }
}
