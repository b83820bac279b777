/* What a phone keeps until it is sent: drafts, waiting records and photos in IndexedDB, all of it encrypted
   (AES-GCM) with a key the server derives for one appointment. Beside the cipher stand only the kind, the
   state, the order and the owner. The key itself is kept as an object the browser never hands out, no longer
   than a session may last; signing out and another person's signing in delete it. */
const NAME = "liaison-desk";
const COUNTS = "desk-unsent";
const UNSENT = ["draft", "waiting", "refused", "conflict"];
let opening = null;

function open() {
  if (!opening) {
    opening = new Promise((done, failed) => {
      const ask = indexedDB.open(NAME, 2);
      ask.onupgradeneeded = function () {
        const db = ask.result;
        const isNew = !db.objectStoreNames.contains("keys");
        if (isNew) {
          db.createObjectStore("keys", { keyPath: "owner" });
          db.createObjectStore("records", { keyPath: "uid" });
          db.createObjectStore("photos", { keyPath: "id" }).createIndex("uid", "uid");
          db.createObjectStore("pages", { keyPath: "owner" });
          db.createObjectStore("counters", { keyPath: "name" });
        }
        db.createObjectStore("locks", { keyPath: "owner" });
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
  const db = await open();
  return new Promise((done, failed) => {
    const deal = db.transaction(names, mode);
    const request = run(...names.map((name) => deal.objectStore(name)));
    deal.oncomplete = function () { done(request ? request.result : undefined); };
    deal.onabort = deal.onerror = function () { failed(deal.error || new Error("nothing was written")); };
  });
}

/* ---- keys ---- */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) { bytes[i] = text.charCodeAt(i); }
  return bytes;
}

/* The owner the server named may work here from now on, and nobody else. */
async function admit(owner, keys, until) {
  const uses = ["encrypt", "decrypt"];
  const imported = await Promise.all(
    keys.map((one) => crypto.subtle.importKey("raw", bytesOf(one.key), "AES-GCM", false, uses)));
  const ring = { owner, until, seen: Date.now(), ids: keys.map((one) => one.id), keys: imported };
  await work(["keys", "locks"], "readwrite", (store, locks) => {
    store.clear();
    store.put(ring);
    // Digits of somebody else, or for keys that changed since, open nothing any more.
    locks.openCursor().onsuccess = function () {
      const cursor = this.result;
      if (!cursor) { return; }
      const isSame = cursor.value.owner === owner && String(cursor.value.ids) === String(ring.ids);
      if (isSame) { cursor.update({ ...cursor.value, until }); } else { cursor.delete(); }
      cursor.continue();
    };
  });
  return ring;
}

/* The server has just said that the owner is signed in. */
async function greet(ring) {
  ring.seen = Date.now();
  await work(["keys"], "readwrite", (store) => { store.put(ring); });
}

/* Who was admitted last, when there is no server to ask; nobody once the time is over. */
async function lastRing() {
  const found = await work(["keys"], "readonly", (store) => store.getAll());
  if (found.length && found[0].until > Date.now()) { return found[0]; }
  if (found.length) { await forgetKeys(); }
  return null;
}

/* Nobody works here until somebody signs in or gives the digits; `forgetKeys` ends the digits too. */
function lockKeys() { return work(["keys"], "readwrite", (store) => { store.clear(); }); }
async function forgetKeys() { await lockKeys(); await dropLocks(); }

function putLock(lock) { return work(["locks"], "readwrite", (store) => { store.put(lock); }); }
function dropLocks() { return work(["locks"], "readwrite", (store) => { store.clear(); }); }
async function getLock() {
  const found = await work(["locks"], "readonly", (store) => store.getAll());
  return found.length && found[0].until > Date.now() ? found[0] : null;
}

function about(ring, name) { return new TextEncoder().encode(`${ring.owner}|${name}`); }

async function seal(ring, name, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = value instanceof ArrayBuffer ? value : new TextEncoder().encode(JSON.stringify(value));
  const how = { name: "AES-GCM", iv, additionalData: about(ring, name) };
  return { key: ring.ids[0], iv, data: await crypto.subtle.encrypt(how, ring.keys[0], bytes) };
}

async function unsealBytes(ring, name, sealed) {
  const at = ring.ids.indexOf(sealed.key);
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
  const sealed = await seal(ring, "page", page);
  await work(["pages"], "readwrite", (store) => { store.put({ owner: ring.owner, sealed }); });
}

async function getPage(ring) {
  const found = await work(["pages"], "readonly", (store) => store.get(ring.owner));
  return found ? unseal(ring, "page", found.sealed) : null;
}

/* ---- records ---- */
function hex(bytes) { return Array.from(new Uint8Array(bytes), (byte) => `0${byte.toString(16)}`.slice(-2)).join(""); }

function newUid() { return hex(crypto.getRandomValues(new Uint8Array(16))); }

/* Write a record; with `isLast` it takes the last place in the order of sending. */
async function put(ring, record, body, isLast) {
  if (body !== undefined) { record.sealed = await seal(ring, record.uid, body); }
  record.owner = ring.owner;
  if (body !== undefined && record.state === "waiting") { Object.assign(record, { typedAt: Date.now(), isOnline: navigator.onLine }); }
  await work(["records", "counters"], "readwrite", (records, counters) => {
    if (!isLast && record.order) { records.put(record); return; }
    const last = counters.get("order");
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
  const all = await work(["records"], "readonly", (store) => store.getAll());
  return all.filter((one) => one.owner === owner)
    .sort((a, b) => a.order - b.order);
}

async function get(uid) { return work(["records"], "readonly", (store) => store.get(uid)); }

async function drop(uid) {
  await work(["records", "photos"], "readwrite", (records, photos) => {
    records.delete(uid);
    eachPhoto(photos, uid, (cursor) => { cursor.delete(); });
  });
  await recount();
}

/* ---- photos ---- */
function eachPhoto(store, uid, act) {
  const walk = store.index("uid").openCursor(IDBKeyRange.only(uid));
  walk.onsuccess = function () {
    if (walk.result) { act(walk.result); walk.result.continue(); }
  };
}

async function addPhoto(ring, uid, bytes) {
  const id = newUid();
  const sealed = await seal(ring, id, bytes);
  await work(["photos"], "readwrite", (store) => { store.put({ id, uid, at: Date.now(), sealed }); });
  return id;
}

/* The photos of a record in the order they were taken: {id, bytes, digest}, the digest as the server writes it. */
async function photosOf(ring, uid) {
  const found = await work(["photos"], "readonly", (store) => store.index("uid").getAll(uid));
  found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return Promise.all(found.map(async (one) => {
    const bytes = await unsealBytes(ring, one.id, one.sealed);
    return { id: one.id, bytes, digest: hex(await crypto.subtle.digest("SHA-256", bytes)) };
  }));
}

function dropPhoto(id) { return work(["photos"], "readwrite", (store) => { store.delete(id); }); }

function dropPhotos(uid) {
  return work(["photos"], "readwrite", (store) => { eachPhoto(store, uid, (cursor) => { cursor.delete(); }); });
}

function movePhotos(from, to) {
  return work(["photos"], "readwrite", (store) => {
    eachPhoto(store, from, (cursor) => { cursor.update({ ...cursor.value, uid: to}); });
  });
}

/* ---- how many are unsent, by owner: read by every page's sign-out button; numbers only ---- */
async function counts() {
  const all = await work(["records"], "readonly", (store) => store.getAll());
  const found = {};
  all.forEach((one) => {
    if (UNSENT.indexOf(one.state) >= 0) { found[one.owner] = (found[one.owner] || 0) + 1; }
  });
  return found;
}

async function recount() {
  const found = await counts();
  try { localStorage.setItem(COUNTS, JSON.stringify(found)); } catch { /* the sign-out page counts itself */ }
  return found;
}

async function dropAll(owner) {
  const mine = await list(owner);
  for (const one of mine) { await drop(one.uid); }
  await work(["pages"], "readwrite", (store) => { store.delete(owner); });
}

export function canKeep() {
  return Boolean(window.isSecureContext && window.indexedDB && window.crypto && crypto.subtle && window.fetch);
}

/* One object, so that whoever tries a full or a slow phone can stand in for a part of it. */
export const store = {
  UNSENT, admit, greet, lastRing, lockKeys, forgetKeys, putLock, getLock, dropLocks, putPage, getPage,
  newUid, put, body, list, get, drop, addPhoto, photosOf,
  dropPhoto, dropPhotos, movePhotos, counts, recount,
  dropAll, seal, unseal
};
