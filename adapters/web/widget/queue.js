// What the visitor wrote and the desk has not confirmed yet. It survives reloads, and all tabs share
// it: each item has a key of its own, so that tabs which write at the same moment lose nothing, and
// an id of its own, so that the desk takes it once however often it is repeated.

const START = "queue:";
const OTHERS_AFTER = 10_000;

/** Returns a random id; `crypto.randomUUID` is missing on pages without https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const TAB = newId();

export class Queue {
  constructor(keeping) {
    this.keeping = keeping;
    this.newest = 0;
  }

  /** Returns all items, in the order in which they were written. */
  items() {
    return this.keeping.keys(START).map((key) => this.keeping.get(key)).filter(Boolean);
  }

  /** Keeps a frame for the desk until it is taken; `shown` is what the visitor sees of its files. */
  add(frame, shown = []) {
    const at = this.newest = Math.max(Date.now(), this.newest + 1);
    const item = { frame: { ...frame, id: newId() }, shown, at, tab: TAB };
    this.#keep(item);
    return item;
  }

  find(id) {
    return this.items().find((each) => each.frame.id === id);
  }

  remove(id) {
    const item = this.find(id);
    if (item) this.keeping.drop(keyOf(item));
    return item;
  }

  /** Sets what else is known of an item: `failed` (why), `notBefore` (ms). */
  change(id, changes) {
    const item = this.find(id);
    if (item) this.#keep({ ...item, ...changes });
  }

  /**
   * Returns the frames to be sent now: nothing goes ahead of the question that opens the talk. A
   * line that has just come up repeats everything; later other tabs look after what is theirs.
   */
  due(isFresh, now = Date.now()) {
    const waiting = this.items().filter((each) => !each.failed);
    const asks = waiting.filter((each) => each.frame.type === "ask");
    const held = (asks.length ? asks : waiting).find((each) => each.notBefore > now);
    return (asks.length ? asks : waiting)
      .filter((each) => !held || each.at < held.at)
      .filter((each) => isFresh || each.tab === TAB || now - each.at > OTHERS_AFTER)
      .map((each) => each.frame);
  }

  #keep(item) {
    this.keeping.set(keyOf(item), item);
  }
}

const keyOf = (item) => `${START}${String(item.at).padStart(15, "0")}:${item.frame.id}`;
