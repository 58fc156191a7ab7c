// The talk as the desk tells it: frames come in by number, and make a list of messages.

export class Talk {
  constructor() {
    this.clear();
  }

  clear() {
    this.messages = new Map();
    this.last = 0;
  }

  /** Takes a frame in; returns whether it was new. Repeats are harmless. */
  take(frame) {
    if (frame.seq <= this.last) return false;
    this.last = frame.seq;
    const known = this.messages.get(frame.id);
    if (frame.kind === "said") this.messages.set(frame.id, messageOf(frame));
    else if (known && frame.kind === "changed") this.messages.set(frame.id, changed(known, frame));
    else if (known && frame.kind === "gone") {
      this.messages.set(frame.id, { ...known, isGone: true, text: [], files: [], buttons: [] });
    }
    return true;
  }

  list() {
    return [...this.messages.values()];
  }

  /** Returns how many words of the desk's side nobody has seen here. */
  unread(seen) {
    return this.list().filter((each) => each.by !== "you" && !each.isGone && each.seq > seen).length;
  }

  /** Whether the message that this browser wrote under *id* has come back from the desk. */
  has(id) {
    return [...this.messages.keys()].some((each) => each === id || each.endsWith(`:${id}`));
  }
}

function messageOf(frame) {
  return { id: frame.id, seq: frame.seq, at: new Date(frame.at), by: frame.by, name: frame.name ?? "",
    text: frame.text ?? [], files: frame.files ?? [], buttons: frame.buttons ?? [] };
}

/** A change of the words leaves what it says nothing of: when it was said, by whom, its files. */
function changed(known, frame) {
  const text = frame.text ?? known.text;
  const isEdited = known.isEdited || plainOf(text) !== plainOf(known.text);
  return { ...known, text, isEdited, files: frame.files ?? known.files,
    buttons: frame.buttons ?? [], version: frame.seq };
}

/** Returns the words without what they look like. */
export const plainOf = (text) => text.map((each) => each.t).join("");

/**
 * Returns the talk with what is still on its way: new words at its end, changes in their place.
 * *waiting* are items of the queue, those that were taken with their `seq`; *chosen* says which
 * button of a message was pressed.
 */
export function shownMessages(talk, waiting, chosen) {
  const changes = new Map(waiting.filter(({ frame }) => frame.type === "edit")
    .map((item) => [item.frame.message, item]));
  const said = talk.list().map((message) => {
    const change = changes.get(message.id);
    const { text } = change?.frame ?? {};
    return { ...message, chosen: chosen.get(message.id), state: change && !change.seq ? "sending" : "sent",
      isGone: message.isGone || text === "", text: change ? [{ t: text }] : message.text };
  });
  const fresh = waiting.filter(({ frame }) => ["ask", "say"].includes(frame.type) && !talk.has(frame.id));
  return [...said, ...fresh.map(onItsWay)];
}

const onItsWay = ({ frame, shown, at, failed, seq }) => ({
  id: frame.id, by: "you", name: "", at: new Date(at), text: frame.text ? [{ t: frame.text }] : [],
  files: shown ?? [], buttons: [], state: failed ? "failed" : seq ? "sent" : "sending", why: failed,
});
