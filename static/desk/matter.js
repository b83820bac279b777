/* The form for one visitor's matter. What is typed is a draft from the first letter on; saving gives it its
   place in the queue. */
import { compress, faultOf, preview } from "./photos.js";
import { store } from "./store.js";
import * as view from "./view.js";

const { el } = view;
/* The browser's copy of liaison.words.phones, tried on a number without separators. */
const PHONE = /^(?:\+?86|0086)?1[3-9]\d{9}$|^0(?:(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})(?:(?:转|分机|#)?\d{1,6})?$/;
const SEPARATORS = /[\s\-‐–—―－().·]/g;
const TEXTS = ["content", "wish", "on_spot_answer", "resident_name", "resident_phone", "resident_address"];
const PAUSE = 300;

function option(pair) { return el("option", { value: pair[0] }, pair[1]); }

function check(name, words, hint) {
  const at = view.id("check");
  return el("div", { class: "field" },
    el("label", { class: "option", for: at }, el("input", { type: "checkbox", id: at, "data-field": name }), words),
    hint && el("p", { class: "field__hint" }, hint));
}

/* What a matter still lacks: [field, sentence] each, in the order of the form; `values` as read from the form. */
export function faultsOf(values) {
  const faults = [];
  if (!values.content) { faults.push(["content", "请写下群众反映的事，照原话写。"]); }
  if (!values.category) { faults.push(["category", "请点选一个类别。"]); }
  if (values.handling === "spot" && !values.on_spot_answer) {
    faults.push(["answer", "请写明当场怎样答复的；没有答复的，选“转有关单位办理”。"]);
  }
  if (values.resident_phone && !PHONE.test(values.resident_phone.normalize("NFKC").replace(SEPARATORS, ""))) {
    faults.push(["phone", "联系电话应为11位手机号码，或者带区号的固定电话（有分机的写作“转802”），请核对；不便提供可以不填。"]);
  }
  return faults;
}

export class Matter {
  /* options: ring, page (what the server told), place() -> {reception_day, station}, saved(), mostPhotos */
  constructor(options) {
    this.options = options;
    this.uid = "";
    this.isTouched = false;
    this.photoCount = 0;
    this.unwritten = [];
    this.savedAt = 0;
    this.node = el("form", { class: "form desk-matter", novalidate: true, autocomplete: "off" });
    this._build(options.page);
    this.node.addEventListener("input", () => { this._touch(); });
    this.node.addEventListener("change", () => { this._touch(); });
    this.node.addEventListener("submit", (event) => { event.preventDefault(); this.save(); });
    document.addEventListener("visibilitychange", () => { this.keep(); });
    window.addEventListener("pagehide", () => { this.keep(); });
    window.addEventListener("beforeunload", (event) => {
      if (this.unwritten.length) { event.preventDefault(); event.returnValue = ""; }
    });
  }

  _build(page) {
    const text = (name, limit, more) => el("input", { type: "text", maxlength: limit, "data-field": name, autocomplete: "off", ...more });
    const area = (name, limit, rows) => el("textarea", { maxlength: limit, rows, "data-field": name });
    this.heading = el("h2", { tabindex: "-1" }, "登记来访群众反映的事");
    this.content = view.field("群众反映的事（按原话）", area("content", 2000, 4),
      "不想打字的，点一下这里，再点手机键盘上的话筒，说话就能变成文字。不加自己的判断。", true);
    this.category = view.choices("类别", "category", page.categories, "", true, "desk-choice--grid");
    this.urgency = view.choices("紧急程度", "urgency", page.urgencies, "ordinary", false, "desk-choice--three");
    this.handling = view.choices("怎么处理", "handling", [["pass", "转有关单位办理"], ["spot", "当场答复了"]], "pass");
    this.answer = view.field("当场怎样答复的", area("on_spot_answer", 400, 2), "", true);
    this.answer.hidden = true;
    this.phone = view.field("联系电话", text("resident_phone", 20, { type: "tel", inputmode: "tel" }), "用于反馈结果，平时不显示。");
    const villages = el("select", { "data-field": "village" }, el("option", { value: "" }, "不选"), page.villages.map(option));
    const deputies = el("select", { "data-field": "deputy" });
    this.deputy = view.field("接待代表", deputies);
    this.station = view.field("联络站点", el("select", { "data-field": "station" }, page.stations.map(option)));
    this.way = view.choices("反映方式", "contact_way", page.ways, "face_to_face", false, "desk-choice--three");
    this.pictures = el("div", { class: "desk-photos" });
    this.photoInput = el("input", { type: "file", accept: "image/jpeg,image/png", multiple: true, id: view.id("photo"), class: "sr-only",
      change: () => { this._addPhotos(); } });
    this.photoError = el("p", { class: "field__error", role: "alert", hidden: true });
    view.fill(this.node, this.heading,
      el("p", { class: "notice", role: "status", hidden: true }),
      this.content, this.category, this.handling, this.answer,
      el("div", { class: "field" }, el("span", { class: "field__label" }, "照片"), this.pictures,
        el("div", { class: "desk-file" }, this.photoInput, el("label", { class: "btn", for: this.photoInput.id }, "拍照或选照片")),
        el("p", { class: "field__hint" }, `最多${this.options.mostPhotos}张，不要拍到无关的人。`), this.photoError),
      view.fold("姓名、电话、住址（可以不留）",
        view.field("群众姓名", text("resident_name", 40), "不愿留名的不填。"), this.phone,
        view.field("所在村（社区）", villages), view.field("住址", text("resident_address", 100)),
        view.field("来了几个人", el("input", { type: "number", min: 1, max: 5, value: 1, inputmode: "numeric",
          "data-field": "people_count" }), "集体来访推选不超过5名代表。"),
        check("is_confidential", "群众要求保密", "承办单位看不到姓名和电话。")),
      view.fold("紧急程度、诉求和其他", this.urgency, view.field("希望怎样解决", area("wish", 400, 2)), this.way, this.deputy, this.station,
        check("is_elsewhere", "不是本选区选民")),
      el("div", { class: "form-foot desk-foot" }, el("button", { type: "submit", class: "btn btn--primary" }, "保存这一件"),
        view.button("先放着", () => { this.putAside(); })));
  }

  /* Who can be named as having received the visitor; a deputy needs not be asked. */
  showPlace(day) {
    const isStation = Boolean(day ? day.is_station : this.options.page.stations.length);
    const select = this.deputy.querySelector("select");
    const was = select.value;
    const found = day ? day.deputies : [];
    view.fill(select, el("option", { value: "" }, "不写"), found.map((one) => el("option", { value: one.id }, one.name)));
    const here = found.filter((one) => one.outcome === "attended");
    select.value = was || (here.length === 1 ? String(here[0].id) : "");
    this.deputy.hidden = !isStation || !found.length;
    this.station.hidden = Boolean(day) || this.options.page.stations.length < 2;
    this.way.hidden = Boolean(day);
  }

  _controls() { return this.node.querySelectorAll("[data-field]"); }

  values() {
    const found = {};
    this._controls().forEach((one) => {
      const name = one.getAttribute("data-field");
      if (one.type === "radio") { if (one.checked) { found[name] = one.value; } }
      else { found[name] = one.type === "checkbox" ? one.checked : one.value.trim(); }
    });
    return found;
  }

  _show(values) {
    this._controls().forEach((one) => {
      const value = values[one.getAttribute("data-field")];
      if (one.type === "radio") { one.checked = one.value === value; }
      else if (one.type === "checkbox") { one.checked = Boolean(value); }
      else { one.value = value === undefined ? "" : value; }
    });
    this._follow();
  }

  _follow() { this.answer.hidden = this.values().handling !== "spot"; }

  _touch() {
    this.isTouched = true;
    this._follow();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.keep(); }, PAUSE);
  }

  isEmpty() {
    const values = this.values();
    return !this.photoCount && !TEXTS.some((name) => values[name]);
  }

  /* What is in the form at this moment is written; writes come one after the other, so that none overtakes
     the one that ends a draft. The form itself is free at once: nobody's next words wait for the store. */
  keep() {
    clearTimeout(this.timer);
    if (!this.isTouched) { return this.writing || Promise.resolve(); }
    this.isTouched = false;
    return this._write("draft", false);
  }

  _write(state, isLast) {
    if (!this.uid && this.isEmpty()) { return Promise.resolve(); }
    const uid = this._name();
    const isEmpty = this.isEmpty();
    const body = this._body();
    this.writing = (this.writing || Promise.resolve()).then(async () => {
      if (isEmpty && state === "draft") { await store.drop(uid); return; }
      const known = await store.get(uid);
      const record = Object.assign(known || { uid, kind: "matter", tries: 0 }, { state, next: 0, code: "" });
      await store.put(this.options.ring, record, body, isLast);
    }).then(() => { this.options.changed(); return true; }, () => {
      // No room left on the phone: what was typed goes back into the form, or waits in this page.
      if (this.isEmpty()) { this.restore(body, uid); } else { this.unwritten.push([uid, body]); }
      this.options.failed();
      return false;
    });
    return this.writing;
  }

  /* What found no room comes back as soon as the form is free. */
  _bringBack() {
    const first = this.unwritten.shift();
    if (first) { this.restore(first[1], first[0]); }
  }

  _name() { if (!this.uid) { this.uid = store.newUid(); } return this.uid; }

  _body() {
    const values = this.values();
    const place = this.place || this.options.place();
    const isStaff = !this.options.page.is_deputy;
    return Object.assign(values, {
      typed_at: this.typedAt || new Date().toISOString(),
      typed_before: this.typedBefore || "",
      reception_day: place.reception_day,
      station: place.reception_day ? "" : (isStaff ? values.station : ""),
      on_spot_answer: values.handling === "spot" ? values.on_spot_answer : "",
      is_own_constituency: !values.is_elsewhere,
      label: view.cut(values.content, 24)
    });
  }

  async save() {
    // A photo still being made small belongs to this matter.
    await this.adding;
    // The second touch of a trembling finger is no new visitor.
    if (this.isEmpty() && Date.now() - this.savedAt < 2000) { return; }
    const faults = faultsOf(this.values());
    this._mark(faults);
    if (faults.length) { return; }
    this.isTouched = false;
    this.options.saving();
    const written = this._write("waiting", true);
    this.clear();
    this.savedAt = Date.now();
    if (await written) { this.options.saved(); }
    if (this.isEmpty()) { this._bringBack(); }
  }

  /* Each fault at its field, their number above the form; the first is brought to the middle of the screen, clear
     of the bars that stick to its edges. */
  _mark(faults) {
    ["content", "category", "answer", "phone"].forEach((name) => { view.setError(this[name], ""); });
    faults.forEach(([name, words]) => { view.setError(this[name], words); });
    if (!faults.length) { return; }
    this.say(`有${faults.length}处没有填好，已在下面标出，改好后再点“保存这一件”。`, true);
    const first = this[faults[0][0]];
    const fold = first.closest("details");
    if (fold) { fold.open = true; }
    first.querySelector("input, textarea").focus({ preventScroll: true });
    first.scrollIntoView({ block: "center" });
  }

  /* Put back what could not be written. */
  restore(body, uid) {
    this.uid = uid;
    this.place = { reception_day: body.reception_day };
    this._show(body);
    this._showPhotos();
  }

  async putAside() {
    await this.adding;
    this.isTouched = true;
    const written = this.keep();
    this.clear();
    if (await written) { this.options.putAside(); }
  }

  clear() {
    clearTimeout(this.timer);
    this.uid = this.typedAt = this.typedBefore = "";
    this.place = null;
    this.photoCount = 0;
    this.isTouched = false;
    this._show({ urgency: "ordinary", handling: "pass", contact_way: "face_to_face", people_count: 1,
      deputy: this.values().deputy, station: this.values().station });
    view.fill(this.pictures);
    this.say("");
    this.photoError.hidden = true;
    this.node.querySelectorAll("details").forEach((one) => { one.open = false; });
    this.node.querySelector("textarea").focus({ preventScroll: true });
  }

  say(words, isBad) {
    const place = this.node.querySelector(".notice");
    place.classList.toggle("notice--bad", Boolean(isBad));
    place.textContent = words;
    place.hidden = !words;
  }

  /* Take a record back into the form: a draft, or what the server refused. */
  async resume(record, reason) {
    const body = await store.body(this.options.ring, record);
    this.keep();
    this.clear();
    this.uid = record.uid;
    // A moment that cannot be true gives way to the present one and is told as a remark.
    const isTrue = record.state !== "draft" && record.code !== "clock";
    this.typedAt = isTrue ? body.typed_at : "";
    this.typedBefore = body.typed_before || (record.code === "clock" ? body.typed_at : "");
    this.place = { reception_day: body.reception_day };
    this._show(body);
    this.say(reason || "", true);
    await this._showPhotos();
    this.node.querySelectorAll("details").forEach((one) => {
      const fields = one.querySelectorAll("input[type=text], input[type=tel], textarea");
      one.open = Array.from(fields).some((field) => field.value);
    });
  }

  _addPhotos() {
    const files = Array.from(this.photoInput.files);
    this.photoInput.value = "";
    this.adding = (this.adding || Promise.resolve()).then(this._takeIn.bind(this, files));
  }

  async _takeIn(files) {
    this.photoError.hidden = true;
    for (const file of files) {
      if (this.photoCount >= this.options.mostPhotos) { this._photoFault(`最多${this.options.mostPhotos}张照片。`); break; }
      try {
        const bytes = await compress(file);
        await store.addPhoto(this.options.ring, this._name(), bytes);
        this.photoCount += 1;
      } catch { this._photoFault(faultOf(file)); }
    }
    await this._showPhotos();
    this.isTouched = true;
    await this.keep();
  }

  _photoFault(words) { this.photoError.textContent = words; this.photoError.hidden = false; }

  async _showPhotos() {
    const uid = this.uid;
    const kept = await store.photosOf(this.options.ring, uid);
    if (uid !== this.uid) { return; }
    this.photoCount = kept.length;
    const shown = await Promise.all(kept.map(async (one, at) => el("figure", null,
      el("img", { src: await preview(one.bytes), alt: `第${at + 1}张照片` }),
      view.button("删除", async () => {
          await store.dropPhoto(one.id);
          await this._showPhotos();
          this.isTouched = true;
          this.keep();
        }))));
    if (uid === this.uid) { view.fill(this.pictures, shown); }
  }
}
