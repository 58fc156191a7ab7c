// What the browser keeps for us. Where it keeps nothing (private mode, a full disk) memory must do.

export class Keeping {
  /** *area* is a function: merely asking for localStorage may throw. */
  constructor(area, prefix) {
    this.prefix = prefix;
    this.memory = new Map();
    try {
      this.area = area();
    } catch {
      this.area = null;
    }
  }

  get(key) {
    const name = this.prefix + key;
    if (this.memory.has(name)) return this.memory.get(name);
    try {
      return JSON.parse(this.area.getItem(name));
    } catch {
      return null;
    }
  }

  set(key, value) {
    const name = this.prefix + key;
    try {
      this.area.setItem(name, JSON.stringify(value));
      this.memory.delete(name);
    } catch {
      this.memory.set(name, value);
    }
  }

  drop(key) {
    this.memory.delete(this.prefix + key);
    try {
      this.area.removeItem(this.prefix + key);
    } catch { /* then it was not there */ }
  }

  /** Returns the kept keys that begin so. */
  keys(start = "") {
    const wanted = this.prefix + start;
    let names = [...this.memory.keys()];
    try {
      names = names.concat(Object.keys(this.area));
    } catch { /* only memory, then */ }
    return [...new Set(names)].filter((each) => each.startsWith(wanted))
      .map((each) => each.slice(this.prefix.length)).sort();
  }

  clear() {
    for (const key of this.keys()) this.drop(key);
  }
}
