/* Sends what waits, in order, one at a time, each with its own key, until the server has answered. An answer
   that gets lost is asked for again with the same key; the server then says what it did the first time.
   A record the server refuses is put aside with the reason, and the next one goes on. */
import { store } from "./store.js";

const LONGEST_WAIT = 5 * 60 * 1000;
const PATIENCE = 60 * 1000;

const REASONS = {
  403: "您当前的职务不能登记这一项。", 404: "没有找到这次接待或者这件事，可能已被撤销。", 413: "照片太大，请删去几张再发送。"
};

async function readJson(answer) {
  if ((answer.headers.get("Content-Type") || "").indexOf("application/json") !== 0) { return null; }
  return answer.json();
}

/* fetch with the session, no cache, and an end to waiting. */
export async function reach(address, options) {
  const stop = window.AbortController ? new AbortController() : null;
  const clock = setTimeout(() => { if (stop) { stop.abort(); } }, PATIENCE);
  try {
    return await fetch(address, {
      credentials: "same-origin", cache: "no-store", signal: stop ? stop.signal : undefined, ...options
    });
  } finally { clearTimeout(clock); }
}

/* How long to wait after so many tries in vain, in ms: 1, 2, 4 … seconds, at most five minutes, not all phones
   at the same moment. `chance` is from 0 to 1. */
export function waitAfter(tries, chance) {
  const wait = Math.min(LONGEST_WAIT, 1000 * Math.pow(2, Math.max(0, (tries || 1) - 1)));
  return wait * (0.8 + 0.4 * chance);
}

/* Whether the time put off to has come. A time further away than any wait was noted by a wrong clock. */
export function isDue(next, now) { return next <= now || next > now + 2 * LONGEST_WAIT; }

/* The digests of a record's photos that the server did not say it holds. */
export function unconfirmed(digests, answer) {
  const held = answer.photos || [];
  return digests.filter((one) => held.indexOf(one) < 0);
}

export class Queue {
  constructor(options) {
    this.ring = options.ring;
    this.addresses = options.addresses;
    this.changed = options.changed;
    this.status = { isSending: false, isReached: navigator.onLine, isSignedOut: false, retryAt: 0 };
    this.csrf = "";
    this.timer = 0;
    this.isRunning = false;
    this.isAsked = false;
    this.isStopped = false;
  }

  watch() {
    window.addEventListener("online", () => { this.send(true); });
    window.addEventListener("offline", () => { this.status.isReached = false; this.changed("status"); });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") { this.send(true); }
    });
    setInterval(() => { this.send(false); }, PATIENCE);
    return this.send(true);
  }

  /* Send what is due; with `isNow` also what had been put off. Never two at once, in no two tabs. */
  async send(isNow) {
    if (this.isStopped) { return; }
    if (this.isRunning) { this.isAsked = true; return; }
    this.isRunning = true;
    clearTimeout(this.timer);
    try {
      const run = this._run.bind(this, isNow);
      if (navigator.locks) {
        await navigator.locks.request("desk-send", { ifAvailable: true }, (lock) => lock ? run() : null);
      } else { await run(); }
    } catch {
      // The phone could not note what it was told; the same key asks again, and the server answers the same.
      this._later(Date.now() + PATIENCE / 10);
    } finally {
      this.isRunning = false;
      this.status.isSending = false;
      this.changed("status");
    }
    if (this.isAsked) { this.isAsked = false; return this.send(false); }
  }

  async _run(isNow) {
    const waiting = (await store.list(this.ring.owner)).filter((one) => one.state === "waiting" && !one.isAsked);
    if (!waiting.length) { this.status.retryAt = 0; return; }
    if (!isNow && !isDue(waiting[0].next, Date.now())) { this._later(waiting[0].next); return; }
    if (!(await this._ask())) {
      if (!this.status.isSignedOut) { await this._putOff(waiting[0]); }
      return;
    }
    this.status.isSending = true;
    this.changed("status");
    for (const one of waiting) {
      const record = await store.get(one.uid);
      if (!record || record.state !== "waiting") { continue; }
      if (!(await this._sendOne(record, true))) { return; }
    }
    this.status.retryAt = 0;
  }

  /* Whether the server is there and the session is that of whoever typed the records. */
  async _ask() {
    let answer = null;
    try {
      answer = await reach(this.addresses.token, { redirect: "manual" });
    } catch { this.status.isReached = false; return false; }
    this.status.isReached = true;
    this.status.isSignedOut = answer.type === "opaqueredirect" || answer.status === 403;
    if (this.status.isSignedOut) { this.changed("ended"); }
    if (this.status.isSignedOut || !answer.ok) { return false; }
    const found = await answer.json();
    if (found.owner !== this.ring.owner) { this.changed("other"); return false; }
    this.csrf = found.csrf;
    await store.greet(this.ring);
    return true;
  }

  async _sendOne(record, mayAskAgain) {
    record.tries = (record.tries || 0) + 1;
    await store.put(this.ring, record);
    const body = await store.body(this.ring, record);
    const photos = await store.photosOf(this.ring, record.uid);
    let answer = null;
    let found = null;
    try {
      answer = await reach(this._address(record, body), await this._request(record, body, photos));
      found = await readJson(answer);
    } catch {
      this.status.isReached = false;
      await this._putOff(record);
      return false;
    }
    this.status.isReached = true;
    if (answer.type === "opaqueredirect") { this.status.isSignedOut = true; this.changed("ended"); return false; }
    // A page instead of an answer: the form token is no longer the session's.
    if (answer.status === 403 && !found && mayAskAgain && (await this._ask())) { return this._sendOne(record, false); }
    // Cut off on the way, too many, the server at fault: it is all still here and goes once more.
    const isBroken = found ? found.code === "broken" : answer.status <= 400;
    if (answer.status === 429 || answer.status >= 500 || isBroken) {
      await this._putOff(record, Number(answer.headers.get("Retry-After")) * 1000);
      return false;
    }
    if (found && found.fields && found.fields.owner) { this.changed("other"); return false; }
    if (answer.ok && !(await this._dropConfirmed(photos, found))) { await this._putOff(record); return true; }
    await this._settle(record, answer, found || { reason: REASONS[answer.status] || "没有发送成功，请稍后再试。" });
    return true;
  }

  /* A photo leaves the phone only when the server named it among those it holds. */
  async _dropConfirmed(photos, found) {
    const left = unconfirmed(photos.map((one) => one.digest), found);
    for (const one of photos) {
      if (left.indexOf(one.digest) < 0) { await store.dropPhoto(one.id); }
    }
    return left.length === 0;
  }

  async _settle(record, answer, found) {
    const was = record.state;
    record.state = answer.ok ? "sent" : (answer.status === 409 ? "conflict" : "refused");
    record.code = found.code || "";
    record.link = found.link || "";
    record.number = found.number || "";
    record.sentAt = Date.now();
    record.answer = await store.seal(this.ring, `${record.uid}!`, {
      reason: found.reason || "", number: found.number || "", receipt: found.receipt || "", id: found.id || 0
    });
    let body = await store.body(this.ring, record);
    // What is safely on the server need not stay on a phone.
    if (was === "waiting" && answer.ok && record.kind === "matter") {
      body = { reception_day: body.reception_day, typed_at: body.typed_at, label: body.label, category: body.category,
        people_count: body.people_count };
    }
    await store.put(this.ring, record, body);
    this.changed(answer.ok ? "sent" : "settled");
  }

  async _putOff(record, atLeast) {
    record.next = Date.now() + Math.max(atLeast || 0, waitAfter(record.tries, Math.random()));
    await store.put(this.ring, record);
    this._later(record.next);
  }

  _later(at) {
    this.status.retryAt = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.send(false); }, Math.max(200, Math.min(2 * LONGEST_WAIT, at - Date.now())));
  }

  _address(record, body) {
    return this.addresses[record.kind].replace("/0/", `/${record.kind === "photos" ? body.opinion : body.reception_day}/`);
  }

  /* The record, the digests of its photos, and what this phone's clock says at the moment of sending: by that
     the server puts right what a wrong clock wrote down. */
  async _request(record, body, photos) {
    const headers = { "Idempotency-Key": record.uid, "X-Desk-Owner": this.ring.owner, "X-CSRFToken": this.csrf };
    const text = JSON.stringify({ ...body, photos: photos.map((one) => one.digest), sent_at: new Date().toISOString() });
    if (!photos.length) {
      headers["Content-Type"] = "application/json";
      return { method: "POST", headers, body: text, redirect: "manual" };
    }
    const content = new FormData();
    content.append("record", text);
    photos.forEach((one, at) => {
      content.append("photo", new Blob([one.bytes], { type: "image/jpeg" }), `现场照片${at + 1}.jpg`);
    });
    return { method: "POST", headers, body: content, redirect: "manual" };
  }
}
