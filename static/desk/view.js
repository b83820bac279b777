/* Pieces of the desk's page, made as elements: nothing typed is ever read as markup. */
const CHINA = 8 * 3600 * 1000;
let serial = 0;

/* el("p", {class: "quiet", click: f}, "text", node, …); false and null children are left out. */
export function el(tag, facts, ...children) {
  const node = document.createElement(tag);
  Object.keys(facts || {}).forEach((name) => {
    const value = facts[name];
    if (typeof value === "function") { node.addEventListener(name, value); }
    else if (value === true) { node.setAttribute(name, ""); }
    else if (value !== false && value !== null && value !== undefined) { node.setAttribute(name, value); }
  });
  add(node, children);
  return node;
}

function add(node, children) {
  children.forEach((child) => {
    if (Array.isArray(child)) { add(node, child); }
    else if (child !== null && child !== undefined && child !== false) {
      node.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
    }
  });
}

export function fill(node, ...children) {
  while (node.firstChild) { node.removeChild(node.firstChild); }
  add(node, children);
  return node;
}

const SHAPES = { ok: "●", warn: "▲", bad: "■", info: "◆", none: "○" };
export function mark(word, tone) {
  return el("span", { class: `mark mark--${tone}` }, el("span", { "aria-hidden": "true" }, SHAPES[tone]), el("span", null, word));
}

/* A button that takes one touch at a time: while its work is under way the second one does nothing. */
export function button(words, act, look) {
  const node = el("button", { type: "button", class: `btn${look ? ` ${look}` : ""}` }, words);
  const free = () => { node.disabled = false; };
  node.addEventListener("click", () => {
    const work = act();
    if (!work || !work.then) { return; }
    node.disabled = true;
    work.then(free, free);
  });
  return node;
}

export function id(name) { serial += 1; return `desk-${name}-${serial}`; }

/* A labelled control with its hint and a place for its error. */
export function field(label, control, hint, isNeeded) {
  const at = control.id || id("field");
  control.id = at;
  const error = el("p", { class: "field__error", id: `${at}-error`, hidden: true });
  control.setAttribute("aria-describedby", `${at}-error${hint ? ` ${at}-hint` : ""}`);
  return el("div", { class: "field" },
    el("label", { class: "field__label", for: at }, label, isNeeded && el("span", { class: "field__need" }, "必填")),
    control, hint && el("p", { class: "field__hint", id: `${at}-hint` }, hint), error);
}

/* A group of large buttons of which one is chosen; radio buttons, so that keys and readers know them. */
export function choices(legend, name, pairs, chosen, isNeeded, look) {
  const group = id(name);
  return el("fieldset", { class: `field desk-choice ${look || ""}`, "data-name": name },
    el("legend", { class: "field__label" }, legend, isNeeded && el("span", { class: "field__need" }, "必填")),
    el("div", { class: "desk-options" }, pairs.map((pair) => {
      const at = id("option");
      return el("div", { class: "desk-option" },
        el("input", { type: "radio", name: group, id: at, value: pair[0], checked: pair[0] === chosen, "data-field": name }),
        el("label", { for: at }, pair[1]));
    })),
    el("p", { class: "field__error", id: `${group}-error`, hidden: true }));
}

export function setError(box, message) {
  const place = box.querySelector(".field__error");
  const control = box.querySelector("input, textarea, select");
  place.textContent = message || "";
  place.hidden = !message;
  box.classList.toggle("field--bad", Boolean(message));
  if (control && control.type !== "radio") {
    if (message) { control.setAttribute("aria-invalid", "true"); } else { control.removeAttribute("aria-invalid"); }
  }
}

export function fold(summary, ...children) {
  return el("details", { class: "desk-fold" }, el("summary", null, summary), children);
}

/* ---- time as it is said in China, whatever the phone is set to ---- */
export function now() { return new Date().toISOString(); }
export function clock(moment) {
  const at = new Date(Date.parse(moment) + CHINA);
  return `${at.getUTCHours()}:${(`0${at.getUTCMinutes()}`).slice(-2)}`;
}
export function clockField(moment) { return moment ? (`0${clock(moment)}`).slice(-5) : ""; }
export function dayOf(moment) { return new Date((moment ? Date.parse(moment) : Date.now()) + CHINA).toISOString().slice(0, 10); }
export function at(day, hours) { return new Date(`${day}T${hours}:00+08:00`).toISOString(); }
export function dayWords(day) {
  const found = new Date(`${day}T00:00:00Z`);
  return `${found.getUTCFullYear()}年${found.getUTCMonth() + 1}月${found.getUTCDate()}日（周${"日一二三四五六".charAt(found.getUTCDay())}）`;
}

export function cut(text, length) {
  const line = String(text || "").replace(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
