// The line to the desk: a WebSocket, and where there is none to be had, long polls. Whatever breaks,
// it comes back, asks for everything after the last frame that it saw, and repeats what was not taken.

import { guarded } from "./dom.js";
import { ask, Refused } from "./session.js";

const SECOND = 1000;
const FIRST_PAUSE = 0.5 * SECOND;
const LONGEST_PAUSE = 30 * SECOND;
const REFUSED_PAUSE = 60 * SECOND;
const TAKEN_WITHIN = 8 * SECOND;
const FRESH = 10 * SECOND;
const SLEPT = 90 * SECOND;
const WELCOME_WITHIN = 15 * SECOND;
const SOCKETS_TO_TRY = 2;
const POLL_FOR = 5 * 60 * SECOND;
const POLL_PAUSE = 0.25 * SECOND;
const BURST = 15;

export class Line {
  /**
   * *ends* is who listens: `after()` the last frame seen, `due(isFresh)` what waits to be sent,
   * `language()`, `onSession(said)`, `onFrame(frame)` and `onStatus(status, why)`, where a status is
   * "off", "connecting", "online", "waiting" or "refused".
   */
  constructor(desk, session, ends) {
    Object.assign(this, { desk, session, ends });
    this.status = "off";
    this.hasSession = false;
    this.failures = 0;
    this.failedSockets = 0;
    this.pollUntil = 0;
    this.sent = new Map();
    this.room = BURST;
    this.tickedAt = 0;
  }

  /** Connects if it is not, and stays connected from now on. */
  start() {
    if (this.status !== "off") return;
    this.tickedAt = Date.now();
    this.ticking = setInterval(guarded(() => this.#tick()), SECOND);
    this.#attempt();
  }

  /** Hangs up; nothing is heard of it any more. */
  stop() {
    clearInterval(this.ticking);
    this.#hangUp();
    this.hasSession = false;
    this.failedSockets = 0;
    this.#become("off");
  }

  /** Begins anew at once: another language, a visitor who comes back, a network that is there again. */
  renew() {
    if (this.status === "off") return;
    this.failures = this.failedSockets = 0;
    this.#attempt();
  }

  /** Sends what is due, in order, each once on this connection, as fast as the desk allows. */
  pump() {
    if (this.status !== "online") return;
    const fresh = this.ends.due(Date.now() - this.onlineAt < FRESH)
      .filter((each) => !this.sent.has(each.id)).slice(0, this.room);
    this.room -= fresh.length;
    for (const each of fresh) this.sent.set(each.id, Date.now());
    if (this.socket) for (const each of fresh) this.socket.send(JSON.stringify(each));
    else if (fresh.length) this.#poll(fresh, this.call);
  }

  /** Sends something that need not be repeated. */
  mention(frame) {
    if (this.status !== "online" || this.room < 1) return;
    this.room -= 1;
    if (this.socket) this.socket.send(JSON.stringify(frame));
    else this.#poll([frame], this.call);
  }

  /** The desk has answered this one; it may be sent again. */
  answered(id) {
    this.sent.delete(id);
  }

  #tick() {
    const slept = Date.now() - this.tickedAt > SLEPT;
    this.tickedAt = Date.now();
    this.room = Math.min(BURST, this.room + 4);
    const oldest = Math.min(...this.sent.values());
    if (slept || (this.status === "online" && Date.now() - oldest > TAKEN_WITHIN)) this.renew();
    else this.pump();
  }

  #become(status, why = "") {
    this.status = status;
    this.ends.onStatus(status, why);
  }

  /** From here on no earlier attempt has a say: each checks whether it is still the latest. */
  #hangUp() {
    clearTimeout(this.again);
    clearTimeout(this.patience);
    this.call?.abort();
    this.call = null;
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.sent.clear();
  }

  async #attempt() {
    this.#hangUp();
    const call = this.call = new AbortController();
    this.#become("connecting");
    try {
      if (!this.hasSession) {
        const said = await this.session.open(this.ends.language());
        if (call.signal.aborted) return;
        this.hasSession = true;
        this.ends.onSession(said);
      }
      if (this.failedSockets < SOCKETS_TO_TRY || Date.now() > this.pollUntil) this.#plug(call);
      else await this.#pollOn(call);
    } catch (error) {
      this.#failed(call, error);
    }
  }

  /** Tries again after a pause that grows, and differs from visitor to visitor. */
  #failed(call, error) {
    if (call.signal.aborted) return;
    this.#hangUp();
    const refused = error instanceof Refused && error.status >= 400 && error.status < 500;
    if (refused) this.hasSession = false;
    const isFinal = refused && error.status === 403;
    const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.failures);
    const pause = isFinal ? REFUSED_PAUSE : most / 2 + (Math.random() * most) / 2;
    this.failures += 1;
    this.#become(isFinal ? "refused" : "waiting", error?.message ?? "");
    this.again = setTimeout(guarded(() => this.#attempt()), pause);
  }

  #plug(call) {
    // It counts as failed until it says welcome: some browsers and policies do not even begin.
    this.failedSockets += 1;
    this.pollUntil = Date.now() + POLL_FOR;
    const socket = new WebSocket(`${this.desk.replace(/^http/, "ws")}/chat/socket`);
    const giveUp = guarded((why = "") => {
      if (call.signal.aborted) return;
      if (this.status !== "online") this.hasSession = false;
      this.#failed(call, new Error(why));
    });
    this.socket = socket;
    this.patience = setTimeout(giveUp, WELCOME_WITHIN);
    socket.onopen = guarded(() => socket.send(JSON.stringify({ type: "hello",
      token: this.session.token, after: this.ends.after(), language: this.ends.language() })));
    socket.onmessage = guarded((event) => this.#heard(call, JSON.parse(event.data)));
    socket.onclose = guarded(() => giveUp(this.goodbye));
  }

  #heard(call, frame) {
    if (call.signal.aborted) return;
    if (frame.type === "bye") this.goodbye = frame.why;
    else if (frame.type === "welcome") {
      clearTimeout(this.patience);
      this.failedSockets = 0;
      this.goodbye = "";
      this.#online(frame);
    } else this.ends.onFrame(frame);
  }

  #online(welcome) {
    this.failures = 0;
    this.onlineAt = Date.now();
    if (welcome) this.ends.onFrame(welcome);
    this.#become("online");
    this.pump();
  }

  async #pollOn(call) {
    let first = true;
    while (!call.signal.aborted && Date.now() < this.pollUntil) {
      // The first asks for no more than what is there, so that one sees at once that it works.
      await this.#exchange([], call, !first);
      if (call.signal.aborted) return;
      if (first) this.#online(null);
      first = false;
      await new Promise((done) => { setTimeout(done, POLL_PAUSE); });
    }
    this.failedSockets = SOCKETS_TO_TRY - 1;
    if (!call.signal.aborted) this.#attempt();
  }

  async #poll(frames, call) {
    try {
      await this.#exchange(frames, call, false);
    } catch (error) {
      this.#failed(call, error);
    }
  }

  async #exchange(frames, call, wait) {
    const said = await ask(`${this.desk}/chat/poll`, { method: "POST", token: this.session.token,
      body: { after: this.ends.after(), frames, wait, language: this.ends.language() },
      signal: call.signal });
    for (const each of said.frames) this.#heard(call, each);
  }
}
