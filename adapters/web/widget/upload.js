// Files on their way to the desk: with progress, which only XMLHttpRequest can tell.

import { guarded } from "./dom.js";
import { say, sizeOf } from "./texts.js";

/** One file; `state` is "going", "there" (then `sent` is what the desk calls it) or "failed". */
export class Upload {
  constructor(file, limits, onChange) {
    Object.assign(this, { file, onChange, state: "going", share: 0, why: "", sent: null });
    this.name = file.name || "image.png";
    if (limits.file && file.size > limits.file) {
      this.#fail(say("TOO_BIG", { name: this.name, limit: sizeOf(limits.file) }), true);
    }
  }

  /** Sends it; *session* makes sure that there is a token. */
  async start(desk, session, language) {
    if (this.isHopeless) return;
    this.state = "going";
    this.onChange();
    try {
      if (!session.token) await session.open(language);
      this.#send(`${desk}/chat/files`, session.token);
    } catch (error) {
      this.#fail(error.message && error.said ? error.message : "");
    }
  }

  cancel() {
    this.isCancelled = true;
    this.request?.abort();
  }

  #send(address, token) {
    if (this.isCancelled) return;
    const request = this.request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("X-File-Name", encodeURIComponent(this.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = guarded((event) => {
      this.share = event.total ? event.loaded / event.total : 0;
      this.onChange();
    });
    request.onload = guarded(() => this.#answered(request));
    request.onerror = guarded(() => this.#fail(""));
    request.send(this.file);
  }

  #answered(request) {
    let said = {};
    try {
      said = JSON.parse(request.responseText);
    } catch { /* a proxy's page, perhaps: no words of the desk's */ }
    if (request.status >= 300) this.#fail(said.why ?? "", [413, 415].includes(request.status));
    else {
      Object.assign(this, { state: "there", share: 1, sent: said });
      this.onChange();
    }
  }

  #fail(why, isHopeless = false) {
    Object.assign(this, { state: "failed", isHopeless,
      why: why || say("UPLOAD_FAILED", { name: this.name }) });
    this.onChange();
  }
}
