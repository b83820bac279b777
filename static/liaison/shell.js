/* The shell's few conveniences. Every page works without this file: preferences post to the server,
   menus are <details>, forms submit once more harmlessly because services are idempotent. */
import { keepDrafts } from "./drafts.js";

const root = document.documentElement;
const YEAR = 31536000;

function readCookie(name) {
  const found = document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`));
  return found ? decodeURIComponent(found[1]) : "";
}

function writeCookie(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

/* ---- type size and contrast: the same forms the server answers, without a reload ---- */
function showPreferences() {
  root.classList.toggle("type-large", readCookie("type_size") === "large");
  root.classList.toggle("contrast-high", readCookie("contrast") === "high");
  document.querySelectorAll("[data-preference]").forEach((button) => {
    const chosen = readCookie(button.name) || "normal";
    button.setAttribute("aria-pressed", String(button.value === chosen));
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-preference]");
  if (!button) { return; }
  event.preventDefault();
  writeCookie(button.name, button.value);
  showPreferences();
});
if (readCookie("type_size") || readCookie("contrast")) { showPreferences(); }

/* ---- menus close on Escape and on a click elsewhere ---- */
function closeMenus(except) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) { menu.open = false; }
  });
}
document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") { return; }
  const open = document.querySelector("details.menu[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});

/* ---- signing out with unsent reception records on this phone: the sign-out page asks first ---- */
document.addEventListener("submit", (event) => {
  let kept = null;
  if (!event.target.hasAttribute("data-sign-out") || event.target.hasAttribute("data-asked")) { return; }
  try { kept = JSON.parse(localStorage.getItem("desk-unsent") || "{}"); } catch { kept = {}; }
  if (!Object.keys(kept).length) { return; }
  event.preventDefault();
  event.stopImmediatePropagation();
  location.href = event.target.action;
}, true);

/* ---- a form leaves once: a second click while the first is under way does nothing ---- */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) { return; }
  if (form.dataset.sending) { event.preventDefault(); return; }
  form.dataset.sending = "1";
  setTimeout(() => { delete form.dataset.sending; }, 8000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sending]").forEach((form) => { delete form.dataset.sending; });
});

/* ---- tick all rows of a table; say how many are ticked ---- */
function countTicked(form) {
  const place = form.querySelector("[data-ticked]");
  if (place) { place.textContent = String(form.querySelectorAll("[data-tick]:checked").length); }
}
document.addEventListener("change", (event) => {
  const box = event.target;
  const form = box.form;
  if (!form || !box.matches("[data-tick], [data-tick-all]")) { return; }
  if (box.matches("[data-tick-all]")) {
    form.querySelectorAll("[data-tick]").forEach((one) => { one.checked = box.checked; });
  }
  countTicked(form);
});

/* ---- on a phone the search and bulk boxes start folded, unless they are in use ---- */
if (window.matchMedia && window.matchMedia("(max-width: 40em)").matches && !location.search) {
  document.querySelectorAll("details.fold").forEach((box) => { box.open = false; });
}

/* ---- file choosers speak Chinese whatever the browser speaks, and name what was chosen ---- */
document.querySelectorAll(".field input[type=file]").forEach((input) => {
  const box = document.createElement("span");
  const button = document.createElement("label");
  const chosen = document.createElement("span");
  box.className = "file";
  button.className = "btn";
  button.htmlFor = input.id;
  button.textContent = input.accept.indexOf("image") === 0 ? "拍照或选择照片" : "选择文件";
  chosen.className = "quiet";
  chosen.textContent = "尚未选择";
  input.parentNode.insertBefore(box, input);
  box.appendChild(input);
  box.appendChild(button);
  box.appendChild(chosen);
  input.addEventListener("change", () => {
    const names = Array.prototype.map.call(input.files, (file) => file.name);
    chosen.textContent = names.length ? `已选择${names.length}个：${names.join("、")}` : "尚未选择";
  });
});

/* ---- a page that waits for something looks again by itself ---- */
const waiting = document.querySelector("[data-reload-after]");
if (waiting) {
  window.setTimeout(() => { window.location.reload(); }, 1000 * Number(waiting.dataset.reloadAfter));
}

/* ---- "print" and "back" buttons ---- */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-back]");
  if (!button) { return; }
  event.preventDefault();
  if (button.hasAttribute("data-print")) { window.print(); } else { window.history.back(); }
});

keepDrafts();

/* ---- what has to be corrected is read first ---- */
const errors = document.getElementById("errors");
if (errors) { errors.focus(); }
