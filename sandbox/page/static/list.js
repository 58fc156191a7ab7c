// A list that changes only where its items changed, so that focus and scrolling stay.

const NEAR = 40;

export class List {
  /** `render(item)` returns the element of an item; items have a `key`. */
  constructor(element, render, { bottom = true } = {}) {
    this.element = element;
    this.render = render;
    this.bottom = bottom;
    this.place = null;
    this.following = true;
    this.shown = new Map();
    element.addEventListener("scroll", () => {
      this.following = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    });
    if (bottom) new ResizeObserver(() => this.settle()).observe(element);
  }

  /** Shows the items of a place; another place than before starts at its newest item. */
  show(items, place = "") {
    this.moved = place !== this.place;
    this.following ||= this.moved;
    this.place = place;
    const kept = new Map(items.map((item) => [item.key, this.entry(item)]));
    for (const [key, { element }] of this.shown) if (!kept.has(key)) element.remove();
    [...kept.values()].forEach(({ element }, index) => {
      const here = this.element.children[index];
      if (here !== element) this.element.insertBefore(element, here ?? null);
    });
    this.shown = kept;
    this.settle();
  }

  /** Goes on showing what is newest, if that is what was looked at. */
  settle() {
    if (this.bottom && this.following) this.element.scrollTop = this.element.scrollHeight;
  }

  follow() {
    this.following = true;
    this.settle();
  }

  entry(item) {
    const looks = JSON.stringify(item);
    const old = this.shown.get(item.key);
    if (old?.looks === looks) return old;
    const element = this.render(item);
    if (old) this.replace(old.element, element);
    else if (!this.moved) element.classList.add("fresh");
    return { looks, element };
  }

  /** Puts a new element in an old one's place; the focus goes where it was, or to the list. */
  replace(old, element) {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(element);
    if (!focused) return;
    const again = [element, ...element.querySelectorAll("[data-focus]")]
      .find((each) => each.dataset.focus && each.dataset.focus === focused.dataset.focus);
    (again ?? this.element).focus({ preventScroll: true });
  }
}
