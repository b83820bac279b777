/* Signing out of a phone with unsent records: how many there are, and three ways out. Whichever is taken, the
   key leaves the phone first; what stays is unreadable until its owner signs in again. */
import { canKeep, store } from "./store.js";

const panel = document.getElementById("leaving");
const { owner } = document.body.dataset;

async function show() {
  const own = (await store.recount())[owner] || 0;
  if (!own) { return; }
  panel.querySelector("[data-count]").textContent = String(own);
  panel.querySelector("[data-unsent]").hidden = false;
  panel.querySelector("[data-plain]").hidden = true;
}

async function leave(form) {
  await store.forgetKeys();
  if (form.dataset.leave === "drop") { await store.dropAll(owner); }
  if (Object.keys(await store.recount()).length) {
    // Somebody's records stay, encrypted: the server must not ask the browser to forget everything.
    const keep = document.createElement("input");
    keep.type = "hidden";
    keep.name = "keep";
    keep.value = "1";
    form.appendChild(keep);
  }
  form.submit();
}

if (panel && canKeep()) {
  panel.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(event.target).catch(() => { event.target.submit(); });
  });
  show();
}
