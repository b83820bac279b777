/* The desk: whose it is, today's reception from begin to end, and what to do when there is no signal. */
import { List } from "./list.js";
import * as lock from "./lock.js";
import { Matter } from "./matter.js";
import { compress, faultOf } from "./photos.js";
import { Queue, reach } from "./queue.js";
import { OUTCOMES, showChooser, showEnd, showReception, showStatus } from "./reception.js";
import { desk, root } from "./state.js";
import { canKeep, store } from "./store.js";
import * as view from "./view.js";

const { el } = view;

/* ---- starting ---- */
let isWatched = false;
async function begin() {
  if (!canKeep()) { return plain("这个浏览器或者这个网址不能离线登记，请用下面的网页登记。"); }
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register(root.dataset.worker, { scope: root.dataset.page }).catch(() => { /* works with signal */ });
  }
  const told = await ask();
  if (told.state) {
    // The server names its own moments; a phone whose clock is wrong counts from its own.
    const until = Date.now() + told.state.until - told.state.now;
    desk.ring = await store.admit(told.state.owner, told.state.keys, until);
    desk.page = Object.assign(told.state.desk, { loadedAt: Date.now() });
    await store.putPage(desk.ring, desk.page);
  } else {
    const ring = await store.lastRing();
    if (told.isReached && ring) { await lock.endSession(ring); }
    else if (ring && lock.isOver(ring)) { await store.lockKeys(); }
    desk.ring = await store.lastRing();
    desk.page = desk.ring ? await store.getPage(desk.ring) : null;
    const isLocked = ring || (!told.isReached && await store.getLock());
    if (!desk.page && isLocked) { return lock.showLocked({ isReached: told.isReached, opened: begin }); }
    if (!desk.page) {
      const words = "没有网络，这部手机上也没有您的登记身份。请先联网登录一次，以后没有网络也能登记。";
      return plain(told.isReached ? "请先登录。" : words, told.isReached);
    }
  }
  lock.note();
  desk.page.categories.forEach((pair) => { desk.labels[pair[0]] = pair[1]; });
  build();
  if (!isWatched) { isWatched = true; lock.watch(lockNow); }
  await clearOld();
  desk.queue = new Queue({ ring: desk.ring, addresses: addresses(), changed });
  desk.queue.status.isReached = told.isReached;
  if (navigator.storage && navigator.storage.persist) { navigator.storage.persist().catch(() => { /* asked in vain */ }); }
  await refresh();
  await resumeLast();
  view.fill(desk.parts.lock, await lock.chooser(ask));
  await desk.queue.watch();
}

function addresses() {
  const data = root.dataset;
  return { token: data.token, begin: data.begin, end: data.end, attendance: data.attendance, duty: data.duty,
    matter: data.matter, photos: data.photos };
}

/* What the server tells now: {state} when signed in, and whether it was reached at all. */
async function ask() {
  try {
    const answer = await reach(root.dataset.state, { redirect: "manual" });
    if (answer.ok) { return { isReached: true, state: await answer.json() }; }
    return { isReached: answer.status < 500 };
  } catch { return { isReached: false }; }
}

/* Without the script's help the page still has its links to the plain forms. */
function plain(words, isSignIn) {
  root.hidden = false;
  view.fill(root, el("div", { class: "notice notice--warn", role: "status" }, el("p", null, words),
    isSignIn && el("p", null, el("a", { class: "btn", href: root.dataset.signIn }, "登录"))));
}

function build() {
  const parts = desk.parts = {
    status: el("div", { class: "desk-status", role: "status" }),
    chooser: el("div", { class: "desk-chooser" }), reception: el("section", { class: "panel desk-reception" }),
    matter: el("section", { class: "panel" }), end: el("section", { class: "panel desk-end" }), lock: el("div")
  };
  desk.matter = new Matter({
    ring: desk.ring, page: desk.page, mostPhotos: Number(root.dataset.mostPhotos), place,
    changed () { refreshList(); },
    saving () { desk.saving += 1; showStatus(); },
    failed () {
      desk.saving = 0;
      showStatus();
      desk.matter.say("手机存储空间不够，刚才这一件没有存下。请删去几张照片或者清理手机后，再点“保存这一件”。", true);
    },
    async saved () {
      desk.counted = null;
      await readRecords();
      desk.saving = Math.max(0, desk.saving - 1);
      next("已存好。可以接着登记下一位。");
      desk.queue.send(true);
    },
    putAside () { next("已放进草稿，可以先登记另一件。"); }
  });
  parts.matter.appendChild(desk.matter.node);
  desk.list = new List(desk);
  root.hidden = false;
  view.fill(root, parts.status, parts.chooser, parts.reception, parts.matter, parts.end, desk.list.node, parts.lock);
  const bare = document.getElementById("desk-plain");
  if (bare) { bare.hidden = true; }
  const first = desk.page.days.filter((day) => day.is_today)[0];
  desk.chosen = first ? first.id : null;
}

/* Lines of earlier days that are safely on the server leave the phone. */
async function clearOld() {
  const mine = await store.list(desk.ring.owner);
  for (const one of mine) {
    if (one.state === "sent" && view.dayOf(new Date(one.sentAt).toISOString()) < view.dayOf()) { await store.drop(one.uid); }
  }
  const counts = await store.recount();
  desk.others = Object.keys(counts).reduce((sum, owner) => sum + (owner === desk.ring.owner ? 0 : counts[owner]), 0);
}

/* A tab that was killed in the middle of a sentence opens with the sentence. */
async function resumeLast() {
  const drafts = desk.records.filter((one) => one.state === "draft" && one.kind === "matter");
  if (!drafts.length || !desk.matter.isEmpty()) { return; }
  await desk.matter.resume(drafts[drafts.length - 1], "");
  desk.matter.say("已恢复您上次没写完的内容。");
  await refresh();
}

/* ---- what stands: the server's word, then what this phone has entered since ---- */
/* False once the desk is locked: then nothing is to be shown. */
async function readRecords() {
  const { ring } = desk;
  if (!ring) { return false; }
  const records = await store.list(ring.owner);
  const bodies = {};
  for (const one of records) {
    try { bodies[one.uid] = await store.body(ring, one); } catch { bodies[one.uid] = {}; }
  }
  if (!desk.ring) { return false; }
  Object.assign(desk, { records, bodies });
  return true;
}

function dayById(id) { return desk.page.days.filter((day) => String(day.id) === String(id))[0] || null; }

function chosenDay() {
  const day = dayById(desk.chosen);
  if (!day) { return null; }
  const now = { ...day, deputies: day.deputies.map((one) => ({ ...one})), own: day.own_turn, people: 0};
  const known = {};
  desk.page.entered.forEach((one) => {
    known[one.number] = true;
    if (one.day === day.id) { now.people += one.people; }
  });
  desk.records.forEach((record) => {
    const body = desk.bodies[record.uid];
    const isNewer = record.state === "waiting" || (record.state === "sent" && record.sentAt >= desk.page.loadedAt);
    if (String(body.reception_day) !== String(day.id) || !isNewer) { return; }
    if (record.kind === "begin") { now.began_at = body.typed_at; }
    if (record.kind === "end") { now.ended_at = body.ended_at || body.typed_at; now.began_at = body.began_at || now.began_at;
      now.visitor_count = body.visitor_count === undefined ? now.visitor_count : body.visitor_count; }
    if (record.kind === "duty") { now.own = "attended"; }
    if (record.kind === "attendance" && body.outcomes) {
      now.deputies.forEach((one) => { one.outcome = body.outcomes[one.id] || one.outcome; });
    }
    if (record.kind === "matter" && !known[record.number]) { now.people += Number(body.people_count) || 1; }
  });
  return now;
}

function place() {
  const day = dayById(desk.chosen);
  return { reception_day: day ? String(day.id) : "" };
}

/* ---- showing ---- */
async function refresh() {
  if (!(await readRecords())) { return; }
  showStatus();
  showChooser();
  const day = chosenDay();
  showReception(day);
  desk.parts.matter.hidden = Boolean(day && !day.began_at && day.is_today);
  desk.matter.showPlace(day);
  showEnd(day);
  await desk.list.show();
}

let listing = 0;
function refreshList() {
  clearTimeout(listing);
  listing = setTimeout(async () => {
    if (await readRecords()) { showStatus(); await desk.list.show(); }
  }, 50);
}

/* A word about what was just done; it stands beside the state of the queue, which is always in sight. */
let saying = 0;
function say(words) {
  desk.said = words;
  showStatus();
  clearTimeout(saying);
  saying = setTimeout(() => { desk.said = ""; showStatus(); }, 15000);
}

/* The form is empty again: show its beginning, with a word about what became of the last one. */
async function next(words) {
  desk.matter.say("");
  await refresh();
  say(words);
  desk.parts.matter.scrollIntoView({ block: "start" });
}

/* ---- entering ---- */
async function enter(kind, facts) {
  const uid = store.newUid();
  const body = {typed_at: new Date().toISOString(), reception_day: String(desk.chosen), ...facts};
  await store.put(desk.ring, { uid, kind, state: "waiting", tries: 0, next: 0, code: "" }, body, true);
  await refresh();
  desk.queue.send(true);
}

async function saveTicks(day) {
  const outcomes = {};
  const names = [];
  day.deputies.forEach((one) => {
    if (desk.ticks[one.id] && desk.ticks[one.id] !== one.outcome) {
      outcomes[one.id] = desk.ticks[one.id];
      names.push(one.name + OUTCOMES.filter((pair) => pair[0] === desk.ticks[one.id])[0][1]);
    }
  });
  desk.ticks = {};
  if (names.length) { await enter("attendance", { outcomes, names: names.join("、") }); }
}

async function start(day) {
  if (day.is_station) { await saveTicks(day); }
  await enter("begin", {});
  if (!day.is_station && day.own === "scheduled") { await enter("duty", { expects_turn: true }); }
  say(`已登记${view.clock(new Date().toISOString())}开始。来了群众，在下面登记。`);
  desk.matter.node.querySelector("textarea").focus({ preventScroll: true });
  desk.parts.matter.scrollIntoView({ block: "start" });
}

/* ---- what the queue and the list ask for ---- */
let reloading = 0;
async function changed(what) {
  if (!desk.ring) { return; }
  if (what === "other") { return leave(); }
  if (what === "ended") { return lockNow({ isReached: true }); }
  if (what === "sent" || what === "settled") {
    await refresh();
    clearTimeout(reloading);
    reloading = setTimeout(reload, 400);
    return;
  }
  if (desk.parts && await readRecords()) { showStatus(); }
}

async function reload() {
  const asked = Date.now();
  const told = await ask();
  if (told.isReached && !told.state) { return lockNow(told); }
  if (!told.state || !desk.ring) { return; }
  if (told.state.owner !== desk.ring.owner) { return leave(); }
  desk.page.entered = told.state.desk.entered;
  desk.page.days = told.state.desk.days;
  desk.page.loadedAt = asked;
  await store.putPage(desk.ring, desk.page);
  await refresh();
}

/* Nobody is there, or the session is over: what is being typed becomes a draft, and nothing stays to be read. */
async function lockNow(known) {
  const { ring } = desk;
  if (!ring) { return; }
  const told = known || await ask();
  if (told.state) { lock.note(); return; }
  await desk.matter.keep();
  desk.queue.isStopped = true;
  if (told.isReached) { await lock.endSession(ring); } else { await store.lockKeys(); }
  Object.assign(desk, { ring: null, page: null, queue: null, matter: null, list: null, records: [], bodies: {}, ticks: {}, said: "" });
  await lock.showLocked({ isReached: told.isReached, opened: begin });
}

/* Somebody else has signed in on this phone: nothing of the former may stay on the screen. */
async function leave() {
  await desk.matter.keep();
  view.fill(root);
  location.replace(root.dataset.page);
}

/* The owner says of what was typed after the session's end that it is his own. */
desk.confirm = async (records) => {
  for (const one of records) { await store.put(desk.ring, { ...one, isAsked: false }); }
  await refresh();
  desk.queue.send(true);
};
Object.assign(desk, { refresh, say, enter, saveTicks, start, day: dayById });
desk.stationOf = (id) => { const day = dayById(id); return day && day.is_station ? String(day.station_id) : ""; };
desk.resend = async (record, body) => {
  record.state = "waiting";
  record.code = record.link = "";
  record.next = record.tries = 0;
  delete record.answer;
  await store.put(desk.ring, record, body, true);
  await refresh();
  desk.queue.send(true);
};
desk.edit = async (record, reason) => {
  if (desk.queue.isRunning && record.state === "waiting") { return say("正在发送，请稍候再修改。"); }
  if (record.state === "waiting") { record.state = "draft"; await store.put(desk.ring, record); }
  await desk.matter.resume(record, reason);
  desk.parts.matter.hidden = false;
  await refresh();
  desk.parts.matter.hidden = false;
  desk.matter.heading.focus();
  desk.parts.matter.scrollIntoView({ block: "start" });
};
desk.addPhotos = async (one, input) => {
  const file = input.files[0];
  if (!file) { return; }
  const uid = store.newUid();
  try { await store.addPhoto(desk.ring, uid, await compress(file)); } catch { return say(faultOf(file)); }
  await store.put(desk.ring, { uid, kind: "photos", state: "waiting", tries: 0, next: 0, code: "" },
    { typed_at: new Date().toISOString(), opinion: one.id, label: one.number }, true);
  say("照片已存好。");
  await refresh();
  desk.queue.send(true);
};

if (root) { begin(); }
