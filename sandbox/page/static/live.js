// The two wires to the server: what the sandbox looks like, and what is to be done in it.

import { $, toast } from "./dom.js";

/** Calls `show` with every snapshot, from now on; the browser reconnects by itself. */
export function follow(show) {
  const source = new EventSource("/live");
  source.addEventListener("open", () => { $("offline").hidden = true; });
  source.addEventListener("error", () => { $("offline").hidden = false; });
  source.addEventListener("message", (event) => show(JSON.parse(event.data)));
}

/** Does something in the sandbox; returns the answer, or null after telling why it failed. */
export async function act(action, body) {
  try {
    const response = await fetch(`/do/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = response.headers.get("Content-Type")?.startsWith("application/json")
      ? await response.json() : { error: await response.text() };
    if (response.ok) return answer;
    toast(answer.error, "bad");
  } catch {
    toast("The demo cannot be reached.", "bad");
  }
  return null;
}
