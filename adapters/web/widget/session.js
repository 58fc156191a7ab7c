// Who the visitor is to the desk: a token of this browser's, or an identity that the site signed.

/** The desk said no; the text is for the visitor. */
export class Refused extends Error {
  constructor(status, said) {
    super(said?.why ?? "");
    this.status = status;
    this.said = said ?? {};
  }
}

/** Asks the desk over HTTP; returns its JSON. Throws `Refused`, or TypeError without network. */
export async function ask(address, { method = "GET", token, body, signal } = {}) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const answer = await fetch(address, { method, headers, signal, credentials: "omit",
    referrerPolicy: "no-referrer", cache: "no-store", body: body && JSON.stringify(body) });
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, said);
  return said;
}

export class Session {
  constructor(desk, keeping) {
    this.desk = desk;
    this.keeping = keeping;
    this.identity = null;
    this.opening = null;
  }

  /** Whether there is a visitor here whose talk can be looked up. */
  get isKnown() {
    return Boolean(this.identity || (this.token && !this.keeping.get("who")));
  }

  get token() {
    return this.keeping.get("token");
  }

  /**
   * Whoever comes after somebody else on the same computer finds nothing of theirs. A visitor whom
   * nobody had named before is the same person, who has just logged in.
   */
  identify(identity) {
    const before = this.keeping.get("who");
    if (before && before !== identity?.id) this.keeping.clear();
    this.identity = identity;
  }

  /** Makes sure of a token; returns what the desk knows: {token, known, seq}. */
  open(language) {
    this.opening ??= this.#open(language).finally(() => { this.opening = null; });
    return this.opening;
  }

  async #open(language) {
    if (!this.identity && this.keeping.get("who")) this.keeping.clear();
    const { token, identity } = this;
    const said = await ask(`${this.desk}/chat/session`, { method: "POST",
      body: { token, identity, language } });
    if (identity !== this.identity) throw new TypeError("somebody else has come meanwhile");
    this.keeping.set("token", said.token);
    if (identity) this.keeping.set("who", identity.id);
    return { ...said, isOther: Boolean(token) && token !== said.token };
  }

  /** Ends it, on the desk as well, and forgets everything. */
  async end() {
    const { token } = this;
    this.identity = null;
    this.keeping.clear();
    if (token) await ask(`${this.desk}/chat/session`, { method: "DELETE", token });
  }
}
