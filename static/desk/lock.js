/* The desk's lock. Half an hour without a touch, or the end of the session, takes the key away: nothing that was
   typed can be read until its owner signs in again or, without signal, gives the digits chosen for that.
   The digits seal the key (PBKDF2, AES-GCM); after MOST_TRIES wrong ones only signing in helps. */
import { desk, root } from "./state.js";
import { store } from "./store.js";
import * as view from "./view.js";

const { el } = view;
const ACTIVE = "desk-active";
const ROUNDS = 600000;
const MOST_TRIES = 5;
const NOTED_EVERY = 10 * 1000;
const LOOKED_EVERY = 15 * 1000;
const DIGITS = /^\d{4,6}$/;

function idleLimit() { return Number(root.dataset.idle) * 1000; }

/* ---- being there ---- */
let noted = 0;
export function note() {
  const now = Date.now();
  if (Math.abs(now - noted) < NOTED_EVERY) { return; }
  noted = now;
  try { localStorage.setItem(ACTIVE, String(now)); } catch { /* this page alone remembers */ }
}

/* Whether nobody touched the desk for too long; a clock that was put back counts as well. */
export function isIdle(ring) {
  let last = noted;
  try { last = Math.max(last, Number(localStorage.getItem(ACTIVE)) || 0); } catch { /* this page alone remembers */ }
  return Math.abs(Date.now() - (last || ring.seen || 0)) > idleLimit();
}

export function isOver(ring) { return ring.until <= Date.now() || isIdle(ring); }

/* Calls `lock` once nobody is there any more or the time of the session is over. */
export function watch(lock) {
  const look = () => { if (desk.ring && isOver(desk.ring)) { lock(); } };
  ["pointerdown", "keydown", "input"].forEach((name) => {
    document.addEventListener(name, () => { if (desk.ring && !isOver(desk.ring)) { note(); } }, true);
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { look(); } });
  setInterval(look, LOOKED_EVERY);
}

/* What was typed after the session had surely or possibly ended waits for its owner's word. */
export async function endSession(ring) {
  for (const one of await store.list(ring.owner)) {
    if (one.state === "waiting" && (one.isOnline || one.typedAt > ring.seen + idleLimit()) && one.typedAt > ring.seen) {
      await store.put(ring, { ...one, isAsked: true });
    }
  }
  await store.lockKeys();
}

/* ---- the digits ---- */
async function sealerOf(digits, salt) {
  const bytes = new TextEncoder().encode(digits);
  const typed = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function setDigits(digits, state) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(state.keys));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealerOf(digits, salt), bytes);
  await store.putLock({ owner: state.owner, ids: desk.ring.ids, until: desk.ring.until, salt, iv, data, tries: 0 });
}

/* The ring behind the digits, or null; a try is counted before it is made. */
async function openWith(digits, lock) {
  lock.tries += 1;
  await store.putLock(lock);
  try {
    const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: lock.iv }, await sealerOf(digits, lock.salt), lock.data);
    const ring = await store.admit(lock.owner, JSON.parse(new TextDecoder().decode(bytes)), lock.until);
    await store.putLock({ ...lock, tries: 0 });
    return ring;
  } catch {
    if (lock.tries >= MOST_TRIES) { await store.dropLocks(); }
    return null;
  }
}

function faultOf(digits) {
  if (!DIGITS.test(digits)) { return "请输入4到6位数字。"; }
  const steps = Array.from(digits).slice(1).map((one, at) => Number(one) - Number(digits[at]));
  const isRow = steps.every((step) => step === steps[0]) && Math.abs(steps[0]) <= 1;
  return isRow ? "请不要用1234、0000这样容易猜到的数字。" : "";
}

function digitField(label, hint) {
  const input = el("input", { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 6, "data-field": "digits" });
  return { input, box: view.field(label, input, hint, true) };
}

/* ---- what is seen ---- */
/* Choosing the digits, in a fold of the desk; `ask` asks the server who is signed in, with the keys. */
export async function chooser(ask) {
  const place = el("div");
  const show = async (said) => {
    const has = Boolean(await store.getLock());
    const { input, box } = digitField("开锁码", "4到6位数字，只存在这部手机上。");
    const save = async () => {
      view.setError(box, faultOf(input.value));
      if (faultOf(input.value)) { return; }
      const told = await ask();
      if (!told.state) { view.setError(box, "要联网才能设置，请有网络时再设。"); return; }
      await setDigits(input.value, told.state);
      await show("开锁码已设好。");
    };
    view.fill(place, view.fold(`没有网络时的开锁码${has ? "（已设置）" : ""}`,
      el("p", null, "半小时不用，登记内容会锁上。没有网络的时候，输入开锁码就能接着登记；没有设开锁码的，要联网登录。"),
      box, view.button(has ? "换一个开锁码" : "设置开锁码", save)),
    said && el("p", { class: "desk-said", role: "status" }, said));
  };
  await show("");
  return place;
}

/* Instead of the desk: why it is locked, how much is kept, and the way in. */
export async function showLocked({ isReached, opened }) {
  const unsent = Object.values(await store.recount()).reduce((sum, number) => sum + number, 0);
  const lock = isReached ? null : await store.getLock();
  const { input, box } = digitField("开锁码");
  const enter = async () => {
    const ring = await openWith(input.value, lock);
    input.value = "";
    if (ring) { note(); return opened(); }
    if (lock.tries >= MOST_TRIES) { return showLocked({ isReached, opened }); }
    view.setError(box, `开锁码不对，还可以试${MOST_TRIES - lock.tries}次。`);
    return null;
  };
  root.hidden = false;
  view.fill(root, el("section", { class: "panel desk-locked" },
    el("h2", null, isReached ? "登录已过期，请重新登录" : "已锁上"),
    el("p", null, isReached ? "登记内容已锁上，没有丢失，登录后接着办理。" : "半小时没有操作，登记内容已锁上，没有丢失。"),
    unsent > 0 && el("p", null, `这部手机上还有${unsent}条没有发送。`),
    lock && box, lock && view.button("开锁", enter, "btn--primary btn--wide"),
    !isReached && !lock && el("p", null, "现在没有网络，请到有网络的地方登录后继续。"),
    el("p", null, el("a", { class: `btn${isReached ? " btn--primary btn--wide" : ""}`, href: root.dataset.signIn },
      isReached ? "登录" : "联网登录"))));
  const first = root.querySelector("input, a.btn");
  if (first) { first.focus(); }
}
