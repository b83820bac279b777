/* Drafts: what was typed survives a time-out, an error and a closed lid, in this tab only.
   Every posted form with five fields or a long text is kept in sessionStorage under the appointment that typed
   it; data-draft gives it a name of its own, data-no-draft leaves it out. Passwords and files are never kept.
   A draft ends when the server says that just this sending was saved (a cookie named after it, set beyond the
   COMMIT), when the person drops it, or at signing out. An error page ends nothing. */
const PREFIX = "draft:";
const SENT = "draft-sent";
const PAUSE = 300;
const LEAST_FIELDS = 5;
const KEY = "idempotency_key";

/* The key of a form that may have been saved is kept with its words, so that sending them again writes nothing twice. */
function isKept(field) {
  return Boolean(field.name) && (field.name === KEY || !/^(hidden|password|file|submit|button)$/.test(field.type));
}

export function isDraftForm(form) {
  if (form.method !== "post" || form.hasAttribute("data-no-draft")) { return false; }
  const fields = Array.from(form.elements).filter((field) => isKept(field) && field.name !== KEY);
  const { size } = new Set(fields.map((field) => field.name));
  if (form.hasAttribute("data-draft")) { return size > 0; }
  const isLong = size >= LEAST_FIELDS || (size > 0 && form.querySelector("textarea") !== null);
  return isLong && form.querySelector("[type=password]") === null;
}

/* {name: [value, …]} of what a person can type or choose. */
export function readForm(form) {
  const values = {};
  for (const field of Array.from(form.elements).filter(isKept)) {
    const list = values[field.name] || (values[field.name] = []);
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) { list.push(field.value); }
    } else if (field.type === "select-multiple") {
      list.push(...Array.from(field.selectedOptions, (option) => option.value));
    } else { list.push(field.value); }
  }
  return values;
}

export function fillForm(form, values) {
  const left = {};
  for (const field of Array.from(form.elements).filter(isKept)) {
    if (!values[field.name]) { continue; }
    const list = left[field.name] || (left[field.name] = values[field.name].slice());
    if (field.type === "checkbox" || field.type === "radio") { field.checked = list.includes(field.value); }
    else if (field.type === "select-multiple") {
      Array.from(field.options).forEach((option) => { option.selected = list.includes(option.value); });
    } else if (list.length) { field.value = list.shift(); }
    field.dispatchEvent(new Event("draft"));
  }
}

function same(a, b) { return JSON.stringify(a) === JSON.stringify(b); }

/* What the person changed, over what the server shows now; `isMoved`: somebody else changed one of these since.
   base: what the page showed when the typing began · values: what was typed · fresh: what the page shows now. */
export function mergeDraft(base, values, fresh) {
  const names = Object.keys(values).filter((name) => name in fresh && !same(values[name], base[name]));
  const changed = names.filter((name) => !same(values[name], fresh[name]));
  const merged = { ...fresh };
  changed.forEach((name) => { merged[name] = values[name]; });
  const typed = changed.filter((name) => name !== KEY);
  if (typed.length && values[KEY]) { merged[KEY] = values[KEY]; }
  return { merged, isWorth: typed.length > 0, isMoved: typed.some((name) => !same(base[name], fresh[name])) };
}

function open() {
  try {
    window.sessionStorage.getItem(PREFIX);
    return window.sessionStorage;
  } catch { return null; }
}

const store = open();
/* Signing out ends every draft of this page: what was typed last must not be kept while the page goes. */
let hasEnded = false;

function keep(key, draft) {
  try { store.setItem(key, JSON.stringify(draft)); } catch { /* no room in this tab: the page still has it */ }
}

function read(key) {
  try { return JSON.parse(store.getItem(key)); } catch { return null; }
}

function keyOf(form, at) {
  const name = form.dataset.draft || `${location.pathname}|${form.getAttribute("action") || ""}|${at}`;
  return `${PREFIX}${document.body.dataset.owner || ""}:${name}`;
}

function note(words, drop) {
  const box = document.createElement("div");
  box.className = "notice notice--warn";
  box.setAttribute("role", "status");
  box.dataset.draftNote = "";
  const line = document.createElement("p");
  line.textContent = words;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = "不要恢复，从头填写";
  button.addEventListener("click", () => { drop(); box.remove(); });
  box.append(line, button);
  return box;
}

/* Put back what was typed and not saved. A form the server answered with its errors shows it already. */
function offer(form, key, fresh) {
  const kept = read(key);
  if (!kept || !kept.values || form.querySelector("[aria-invalid]")) { return kept; }
  const { merged, isWorth, isMoved } = mergeDraft(kept.base, kept.values, fresh);
  if (!isWorth) { return kept; }
  fillForm(form, merged);
  const words = isMoved ? "已恢复您上次没有提交的内容；其间这里的内容已有人改动，请逐项核对后再提交。" : "已恢复您上次没有提交的内容，请核对后继续。";
  form.prepend(note(words, () => { store.removeItem(key); fillForm(form, fresh); }));
  return kept;
}

function watch(form, key) {
  const fresh = readForm(form);
  const kept = offer(form, key, fresh);
  const base = kept && kept.base ? kept.base : fresh;
  let timer = 0;
  const write = () => { clearTimeout(timer); timer = 0; if (!hasEnded) { keep(key, { base, values: readForm(form) }); } };
  const later = () => { clearTimeout(timer); timer = setTimeout(write, PAUSE); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  window.addEventListener("pagehide", () => { if (timer) { write(); } });
  form.addEventListener("submit", () => {
    // The second click sends nothing: what is under way keeps its own token.
    if (form.dataset.sending) { return; }
    const token = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => `0${byte.toString(16)}`.slice(-2)).join("");
    write();
    mark(form, token);
    store.setItem(SENT, JSON.stringify({ key, token }));
  });
}

function mark(form, token) {
  let field = form.querySelector("input[name=draft_token]");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "draft_token";
    form.appendChild(field);
  }
  field.value = token;
}

/* Whether the server saved what was sent last; then its draft is over. */
function settle() {
  const sent = read(SENT);
  if (!sent) { return null; }
  const name = `saved_${sent.token}`;
  if (!document.cookie.split("; ").some((one) => one.startsWith(`${name}=`))) { return sent; }
  document.cookie = `${name}=; Path=/; Max-Age=0; SameSite=Lax`;
  store.removeItem(sent.key);
  store.removeItem(SENT);
  return null;
}

export function dropDrafts() {
  Object.keys(store).filter((key) => key.startsWith(PREFIX) || key === SENT).forEach((key) => { store.removeItem(key); });
}

/* A page promises only what is there. */
function promise(sent) {
  const isThere = sent ? store.getItem(sent.key) !== null : Object.keys(store).some((key) => key.startsWith(PREFIX));
  document.querySelectorAll("[data-draft-promise]").forEach((place) => { place.hidden = !isThere; });
}

export function keepDrafts() {
  if (!store) { return; }
  promise(settle());
  Array.from(document.forms).filter(isDraftForm).forEach((form, at) => { watch(form, keyOf(form, at)); });
  document.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-sign-out")) { hasEnded = true; dropDrafts(); }
  });
}
