// The sandbox's clock: its hands are moved here, by the distance that the server told.

import { $ } from "./dom.js";
import { act } from "./live.js";

let ahead = 0;
let zone = "Europe/Belgrade";

export function startClock() {
  for (const button of document.querySelectorAll("#clock button")) {
    button.addEventListener("click", () => (button.dataset.seconds
      ? act("move", { seconds: Number(button.dataset.seconds) })
      : act("move-to", { moment: button.dataset.moment })));
  }
  setInterval(tick, 1000);
}

/** Takes the clock's part of a snapshot. */
export function setClock(clock) {
  ahead = clock.now - Date.now();
  zone = clock.zone;
  const moved = Math.abs(clock.moved) > 1;
  $("clock").classList.toggle("moved", moved);
  // Not disabled: that would take the focus from whoever has just pressed it.
  $("clock-now").setAttribute("aria-disabled", String(!moved));
  tick();
}

function tick() {
  const now = new Date(Date.now() + ahead);
  $("time").textContent = part(now, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  $("time").dateTime = now.toISOString();
  $("date").textContent = `${day(now)}, ${zone.split("/")[1]}`;
}

function part(moment, options) {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone }).format(moment);
}

/** Returns the hour and minute of a moment, as the sandbox's people read it. */
export const clockTime = (moment) => part(moment, { hour: "2-digit", minute: "2-digit" });

/** Returns the day of a moment, likewise. */
export const day = (moment) => part(moment, { weekday: "long", day: "numeric", month: "long" });

/** Returns the day and the hour of a moment, in few letters. */
export const stamp = (moment) => part(moment, { weekday: "short", day: "numeric", month: "short",
  hour: "2-digit", minute: "2-digit" });

/** Returns the hour of a moment today, or the day of another one, in few letters. */
export function brief(moment) {
  const today = day(moment) === day(new Date(Date.now() + ahead));
  return today ? clockTime(moment) : part(moment, { day: "numeric", month: "short" });
}

/** Returns the items ({key, at}) with a line before each first one of a day. */
export function withDays(items) {
  let last = "";
  return items.flatMap((item) => {
    const today = day(new Date(item.at));
    const line = today === last ? [] : [{ key: `day ${today} ${item.key}`, day: today }];
    last = today;
    return [...line, item];
  });
}
