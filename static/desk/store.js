/* What a phone keeps until it is sent: drafts, waiting records and photos in IndexedDB, all of it encrypted
   (AES-GCM) with a key the server derives for one appointment. Beside the cipher stand only the kind, the
   state, the order and the owner. The key itself is kept as an object the browser never hands out, no longer
   than a session may last; signing out and another person's signing in delete it. */
(function () {
  "use strict";
  var Desk = window.Desk = window.Desk || {};
  var NAME = "liaison-desk";
  var COUNTS = "desk-unsent";
  var UNSENT = ["draft", "waiting", "refused", "conflict"];
  var opening = null;

  function open() {
    if (!opening) {
      opening = new Promise(function (done, failed) {
        var ask = indexedDB.open(NAME, 1);
        ask.onupgradeneeded = function () {
          var db = ask.result;
          db.createObjectStore("keys", { keyPath: "owner" });
          db.createObjectStore("records", { keyPath: "uid" });
          db.createObjectStore("photos", { keyPath: "id" }).createIndex("uid", "uid");
          db.createObjectStore("pages", { keyPath: "owner" });
          db.createObjectStore("counters", { keyPath: "name" });
        };
        ask.onsuccess = function () {
          ask.result.onversionchange = function () { ask.result.close(); opening = null; };
          done(ask.result);
        };
        ask.onerror = function () { opening = null; failed(ask.error); };
      });
    }
    return opening;
  }

  /* One transaction; `run` gets the stores and may return a request whose result is the answer. */
  async function work(names, mode, run) {
    var db = await open();
    return new Promise(function (done, failed) {
      var deal = db.transaction(names, mode);
      var request = run.apply(null, names.map(function (name) { return deal.objectStore(name); }));
      deal.oncomplete = function () { done(request ? request.result : undefined); };
      deal.onabort = deal.onerror = function () { failed(deal.error || new Error("nothing was written")); };
    });
  }

  /* ---- keys ---- */
  function bytesOf(base64) {
    var text = atob(base64);
    var bytes = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i += 1) { bytes[i] = text.charCodeAt(i); }
    return bytes;
  }

  /* The owner the server named may work here from now on, and nobody else. */
  async function admit(owner, keys, until) {
    var imported = await Promise.all(keys.map(function (one) {
      return crypto.subtle.importKey("raw", bytesOf(one.key), "AES-GCM", false, ["encrypt", "decrypt"]);
    }));
    var ring = { owner: owner, until: until, ids: keys.map(function (one) { return one.id; }), keys: imported };
    await work(["keys"], "readwrite", function (store) { store.clear(); store.put(ring); });
    return ring;
  }

  /* Who was admitted last, when there is no server to ask; nobody once the time is over. */
  async function lastRing() {
    var found = await work(["keys"], "readonly", function (store) { return store.getAll(); });
    if (found.length && found[0].until > Date.now()) { return found[0]; }
    if (found.length) { await forgetKeys(); }
    return null;
  }

  function forgetKeys() { return work(["keys"], "readwrite", function (store) { store.clear(); }); }

  function about(ring, name) { return new TextEncoder().encode(ring.owner + "|" + name); }

  async function seal(ring, name, value) {
    var iv = crypto.getRandomValues(new Uint8Array(12));
    var bytes = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
    var how = { name: "AES-GCM", iv: iv, additionalData: about(ring, name) };
    return { key: ring.ids[0], iv: iv, data: await crypto.subtle.encrypt(how, ring.keys[0], bytes) };
  }

  async function unsealBytes(ring, name, sealed) {
    var at = ring.ids.indexOf(sealed.key);
    if (at < 0) { throw new Error("no key for this record"); }
    return crypto.subtle.decrypt(
      { name: "AES-GCM", iv: sealed.iv, additionalData: about(ring, name) }, ring.keys[at], sealed.data
    );
  }

  async function unseal(ring, name, sealed) {
    return JSON.parse(new TextDecoder().decode(await unsealBytes(ring, name, sealed)));
  }

  /* ---- what the desk showed last ---- */
  async function putPage(ring, page) {
    var sealed = await seal(ring, "page", page);
    await work(["pages"], "readwrite", function (store) { store.put({ owner: ring.owner, sealed: sealed }); });
  }

  async function getPage(ring) {
    var found = await work(["pages"], "readonly", function (store) { return store.get(ring.owner); });
    return found ? unseal(ring, "page", found.sealed) : null;
  }

  /* ---- records ---- */
  function newUid() {
    var hex = "";
    crypto.getRandomValues(new Uint8Array(16)).forEach(function (byte) { hex += ("0" + byte.toString(16)).slice(-2); });
    return hex;
  }

  /* Write a record; with `isLast` it takes the last place in the order of sending. */
  async function put(ring, record, body, isLast) {
    if (body !== undefined) { record.sealed = await seal(ring, record.uid, body); }
    record.owner = ring.owner;
    await work(["records", "counters"], "readwrite", function (records, counters) {
      if (!isLast && record.order) { records.put(record); return; }
      var last = counters.get("order");
      last.onsuccess = function () {
        record.order = (last.result ? last.result.value : 0) + 1;
        counters.put({ name: "order", value: record.order });
        records.put(record);
      };
    });
    await recount();
    return record;
  }

  function body(ring, record) { return unseal(ring, record.uid, record.sealed); }

  /* The owner's records in the order of sending. */
  async function list(owner) {
    var all = await work(["records"], "readonly", function (store) { return store.getAll(); });
    return all.filter(function (one) { return one.owner === owner; })
      .sort(function (a, b) { return a.order - b.order; });
  }

  async function get(uid) { return work(["records"], "readonly", function (store) { return store.get(uid); }); }

  async function drop(uid) {
    await work(["records", "photos"], "readwrite", function (records, photos) {
      records.delete(uid);
      eachPhoto(photos, uid, function (cursor) { cursor.delete(); });
    });
    await recount();
  }

  /* ---- photos ---- */
  function eachPhoto(store, uid, act) {
    var walk = store.index("uid").openCursor(IDBKeyRange.only(uid));
    walk.onsuccess = function () {
      if (walk.result) { act(walk.result); walk.result.continue(); }
    };
  }

  async function addPhoto(ring, uid, bytes) {
    var id = newUid();
    var sealed = await seal(ring, id, bytes);
    await work(["photos"], "readwrite", function (store) { store.put({ id: id, uid: uid, at: Date.now(), sealed: sealed }); });
    return id;
  }

  async function photosOf(ring, uid) {
    var found = await work(["photos"], "readonly", function (store) { return store.index("uid").getAll(uid); });
    found.sort(function (a, b) { return a.at - b.at || (a.id < b.id ? -1 : 1); });
    return Promise.all(found.map(async function (one) {
      return { id: one.id, bytes: await unsealBytes(ring, one.id, one.sealed) };
    }));
  }

  function dropPhoto(id) { return work(["photos"], "readwrite", function (store) { store.delete(id); }); }

  function dropPhotos(uid) {
    return work(["photos"], "readwrite", function (store) { eachPhoto(store, uid, function (cursor) { cursor.delete(); }); });
  }

  function movePhotos(from, to) {
    return work(["photos"], "readwrite", function (store) {
      eachPhoto(store, from, function (cursor) { cursor.update(Object.assign({}, cursor.value, { uid: to })); });
    });
  }

  /* ---- how many are unsent, by owner: read by every page's sign-out button; numbers only ---- */
  async function counts() {
    var all = await work(["records"], "readonly", function (store) { return store.getAll(); });
    var found = {};
    all.forEach(function (one) {
      if (UNSENT.indexOf(one.state) >= 0) { found[one.owner] = (found[one.owner] || 0) + 1; }
    });
    return found;
  }

  async function recount() {
    var found = await counts();
    try { localStorage.setItem(COUNTS, JSON.stringify(found)); } catch (full) { /* the sign-out page counts itself */ }
    return found;
  }

  async function dropAll(owner) {
    var mine = await list(owner);
    for (var i = 0; i < mine.length; i += 1) { await drop(mine[i].uid); }
    await work(["pages"], "readwrite", function (store) { store.delete(owner); });
  }

  Desk.canKeep = function () {
    return Boolean(window.isSecureContext && window.indexedDB && window.crypto && crypto.subtle && window.fetch);
  };
  Desk.store = {
    UNSENT: UNSENT, admit: admit, lastRing: lastRing, forgetKeys: forgetKeys, putPage: putPage, getPage: getPage,
    newUid: newUid, put: put, body: body, list: list, get: get, drop: drop, addPhoto: addPhoto, photosOf: photosOf,
    dropPhoto: dropPhoto, dropPhotos: dropPhotos, movePhotos: movePhotos, counts: counts, recount: recount,
    dropAll: dropAll, seal: seal, unseal: unseal
  };
})();
