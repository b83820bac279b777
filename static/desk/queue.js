/* Sends what waits, in order, one at a time, each with its own key, until the server has answered. An answer
   that gets lost is asked for again with the same key; the server then says what it did the first time.
   A record the server refuses is put aside with the reason, and the next one goes on. */
(function () {
  "use strict";
  var Desk = window.Desk = window.Desk || {};
  var LONGEST_WAIT = 5 * 60 * 1000;
  var PATIENCE = 60 * 1000;
  var store = Desk.store;

  function Queue(options) {
    this.ring = options.ring;
    this.addresses = options.addresses;
    this.changed = options.changed;
    this.status = { isSending: false, isReached: navigator.onLine, isSignedOut: false, retryAt: 0 };
    this.csrf = "";
    this.timer = 0;
    this.isRunning = false;
    this.isAsked = false;
  }

  Queue.prototype.watch = function () {
    var queue = this;
    window.addEventListener("online", function () { queue.send(true); });
    window.addEventListener("offline", function () { queue.status.isReached = false; queue.changed("status"); });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "visible") { queue.send(true); }
    });
    setInterval(function () { queue.send(false); }, PATIENCE);
    return this.send(true);
  };

  /* Send what is due; with `isNow` also what had been put off. Never two at once, in no two tabs. */
  Queue.prototype.send = async function (isNow) {
    if (this.isRunning) { this.isAsked = true; return; }
    this.isRunning = true;
    clearTimeout(this.timer);
    try {
      var run = this._run.bind(this, isNow);
      if (navigator.locks) {
        await navigator.locks.request("desk-send", { ifAvailable: true }, function (lock) { return lock ? run() : null; });
      } else { await run(); }
    } catch (noRoom) {
      // The phone could not note what it was told; the same key asks again, and the server answers the same.
      this._later(Date.now() + PATIENCE / 10);
    } finally {
      this.isRunning = false;
      this.status.isSending = false;
      this.changed("status");
    }
    if (this.isAsked) { this.isAsked = false; return this.send(false); }
  };

  Queue.prototype._run = async function (isNow) {
    var waiting = (await store.list(this.ring.owner)).filter(function (one) { return one.state === "waiting"; });
    if (!waiting.length) { this.status.retryAt = 0; return; }
    if (!isNow && waiting[0].next > Date.now()) { this._later(waiting[0].next); return; }
    if (!(await this._ask())) {
      if (!this.status.isSignedOut) { await this._putOff(waiting[0]); }
      return;
    }
    this.status.isSending = true;
    this.changed("status");
    for (var i = 0; i < waiting.length; i += 1) {
      var record = await store.get(waiting[i].uid);
      if (!record || record.state !== "waiting") { continue; }
      if (!(await this._sendOne(record, true))) { return; }
    }
    this.status.retryAt = 0;
  };

  /* Whether the server is there and the session is that of whoever typed the records. */
  Queue.prototype._ask = async function () {
    var answer = null;
    try {
      answer = await reach(this.addresses.token, { redirect: "manual" });
    } catch (lost) { this.status.isReached = false; return false; }
    this.status.isReached = true;
    this.status.isSignedOut = answer.type === "opaqueredirect" || answer.status === 403;
    if (this.status.isSignedOut || !answer.ok) { return false; }
    var found = await answer.json();
    if (found.owner !== this.ring.owner) { this.changed("other"); return false; }
    this.csrf = found.csrf;
    return true;
  };

  Queue.prototype._sendOne = async function (record, mayAskAgain) {
    record.tries = (record.tries || 0) + 1;
    await store.put(this.ring, record);
    var answer = null;
    var found = null;
    try {
      answer = await reach(this._address(record, await store.body(this.ring, record)), await this._request(record));
      found = await readJson(answer);
    } catch (lost) {
      this.status.isReached = false;
      await this._putOff(record);
      return false;
    }
    this.status.isReached = true;
    if (answer.type === "opaqueredirect") { this.status.isSignedOut = true; return false; }
    // A page instead of an answer: the form token is no longer the session's.
    if (answer.status === 403 && !found && mayAskAgain && (await this._ask())) { return this._sendOne(record, false); }
    if (answer.status === 429 || answer.status >= 500 || (answer.status < 400 && !found)) {
      await this._putOff(record, Number(answer.headers.get("Retry-After")) * 1000);
      return false;
    }
    if (found && found.fields && found.fields.owner) { this.changed("other"); return false; }
    await this._settle(record, answer, found || { reason: REASONS[answer.status] || "没有发送成功，请稍后再试。" });
    return true;
  };

  var REASONS = {
    403: "您当前的职务不能登记这一项。", 404: "没有找到这次接待或者这件事，可能已被撤销。", 413: "照片太大，请删去几张再发送。"
  };

  Queue.prototype._settle = async function (record, answer, found) {
    var was = record.state;
    record.state = answer.ok ? "sent" : (answer.status === 409 ? "conflict" : "refused");
    record.code = found.code || "";
    record.link = found.link || "";
    record.number = found.number || "";
    record.sentAt = Date.now();
    record.answer = await store.seal(this.ring, record.uid + "!", {
      reason: found.reason || "", number: found.number || "", receipt: found.receipt || "", id: found.id || 0
    });
    var body = await store.body(this.ring, record);
    // What is safely on the server need not stay on a phone.
    if (was === "waiting" && answer.ok) {
      await store.dropPhotos(record.uid);
      if (record.kind === "matter") {
        body = { reception_day: body.reception_day, typed_at: body.typed_at, label: body.label,
          category: body.category, people_count: body.people_count };
      }
    }
    await store.put(this.ring, record, body);
    this.changed(answer.ok ? "sent" : "settled");
  };

  /* 1, 2, 4 … seconds, at most five minutes, not all phones at the same moment. */
  Queue.prototype._putOff = async function (record, atLeast) {
    var wait = Math.min(LONGEST_WAIT, 1000 * Math.pow(2, Math.max(0, (record.tries || 1) - 1)));
    record.next = Date.now() + Math.max(atLeast || 0, wait * (0.8 + 0.4 * Math.random()));
    await store.put(this.ring, record);
    this._later(record.next);
  };

  Queue.prototype._later = function (at) {
    var queue = this;
    this.status.retryAt = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(function () { queue.send(false); }, Math.max(200, at - Date.now()));
  };

  Queue.prototype._address = function (record, body) {
    return this.addresses[record.kind].replace("/0/", "/" + (record.kind === "photos" ? body.opinion : body.reception_day) + "/");
  };

  Queue.prototype._request = async function (record) {
    var body = await store.body(this.ring, record);
    var photos = await store.photosOf(this.ring, record.uid);
    var headers = { "Idempotency-Key": record.uid, "X-Desk-Owner": this.ring.owner, "X-CSRFToken": this.csrf };
    var content = JSON.stringify(body);
    if (photos.length) {
      content = new FormData();
      content.append("record", JSON.stringify(body));
      photos.forEach(function (one, at) {
        content.append("photo", new Blob([one.bytes], { type: "image/jpeg" }), "现场照片" + (at + 1) + ".jpg");
      });
    } else { headers["Content-Type"] = "application/json"; }
    return { method: "POST", headers: headers, body: content, redirect: "manual" };
  };

  async function readJson(answer) {
    if ((answer.headers.get("Content-Type") || "").indexOf("application/json") !== 0) { return null; }
    return answer.json();
  }

  /* fetch with the session, no cache, and an end to waiting. */
  async function reach(address, options) {
    var stop = window.AbortController ? new AbortController() : null;
    var clock = setTimeout(function () { if (stop) { stop.abort(); } }, PATIENCE);
    try {
      return await fetch(address, Object.assign(
        { credentials: "same-origin", cache: "no-store", signal: stop ? stop.signal : undefined }, options
      ));
    } finally { clearTimeout(clock); }
  }

  Desk.Queue = Queue;
  Desk.reach = reach;
})();
