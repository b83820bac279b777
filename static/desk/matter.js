/* The form for one visitor's matter. What is typed is a draft from the first letter on; saving gives it its
   place in the queue. */
(function () {
  "use strict";
  var Desk = window.Desk = window.Desk || {};
  var view = Desk.view, store = Desk.store, el = view.el;
  /* The browser's copy of liaison.words.phones, tried on a number without separators. */
  var PHONE = /^(?:\+?86|0086)?1[3-9]\d{9}$|^0(?:(?:10|2\d)\d{8}|[3-9]\d{2}\d{7,8})(?:(?:转|分机|#)?\d{1,6})?$/;
  var SEPARATORS = /[\s\-‐–—―－().·]/g;
  var TEXTS = ["content", "wish", "on_spot_answer", "resident_name", "resident_phone", "resident_address"];
  var PAUSE = 300;

  /* options: ring, page (what the server told), place() -> {reception_day, station}, saved(), mostPhotos */
  function Matter(options) {
    this.options = options;
    this.uid = "";
    this.isTouched = false;
    this.photoCount = 0;
    this.unwritten = [];
    this.savedAt = 0;
    this.node = el("form", { "class": "form desk-matter", novalidate: true, autocomplete: "off" });
    this._build(options.page);
    var form = this;
    this.node.addEventListener("input", function () { form._touch(); });
    this.node.addEventListener("change", function () { form._touch(); });
    this.node.addEventListener("submit", function (event) { event.preventDefault(); form.save(); });
    document.addEventListener("visibilitychange", function () { form.keep(); });
    window.addEventListener("pagehide", function () { form.keep(); });
    window.addEventListener("beforeunload", function (event) {
      if (form.unwritten.length) { event.preventDefault(); event.returnValue = ""; }
    });
  }

  Matter.prototype._build = function (page) {
    var form = this;
    var text = function (name, limit, more) {
      return el("input", Object.assign({ type: "text", maxlength: limit, "data-field": name, autocomplete: "off" }, more));
    };
    var area = function (name, limit, rows) { return el("textarea", { maxlength: limit, rows: rows, "data-field": name }); };
    this.heading = el("h2", { tabindex: "-1" }, "登记来访群众反映的事");
    this.content = view.field("群众反映的事（按原话）", area("content", 2000, 4),
      "不想打字的，点一下这里，再点手机键盘上的话筒，说话就能变成文字。不加自己的判断。", true);
    this.category = view.choices("类别", "category", page.categories, "", true, "desk-choice--grid");
    this.urgency = view.choices("紧急程度", "urgency", page.urgencies, "ordinary", false, "desk-choice--three");
    this.handling = view.choices("怎么处理", "handling", [["pass", "转有关单位办理"], ["spot", "当场答复了"]], "pass");
    this.answer = view.field("当场怎样答复的", area("on_spot_answer", 400, 2), "", true);
    this.answer.hidden = true;
    this.phone = view.field("联系电话", text("resident_phone", 20, { type: "tel", inputmode: "tel" }), "用于反馈结果，平时不显示。");
    var villages = el("select", { "data-field": "village" }, el("option", { value: "" }, "不选"), page.villages.map(option));
    var deputies = el("select", { "data-field": "deputy" });
    this.deputy = view.field("接待代表", deputies);
    this.station = view.field("联络站点", el("select", { "data-field": "station" }, page.stations.map(option)));
    this.way = view.choices("反映方式", "contact_way", page.ways, "face_to_face", false, "desk-choice--three");
    this.pictures = el("div", { "class": "desk-photos" });
    this.photoInput = el("input", { type: "file", accept: "image/*", multiple: true, id: view.id("photo"), "class": "sr-only",
      change: function () { form._addPhotos(); } });
    this.photoError = el("p", { "class": "field__error", role: "alert", hidden: true });
    view.fill(this.node, this.heading,
      el("p", { "class": "notice", role: "status", hidden: true }),
      this.content, this.category, this.handling, this.answer,
      el("div", { "class": "field" }, el("span", { "class": "field__label" }, "照片"), this.pictures,
        el("div", { "class": "desk-file" }, this.photoInput, el("label", { "class": "btn", "for": this.photoInput.id }, "拍照或选照片")),
        el("p", { "class": "field__hint" }, "最多" + this.options.mostPhotos + "张，不要拍到无关的人。"), this.photoError),
      view.fold("姓名、电话、住址（可以不留）",
        view.field("群众姓名", text("resident_name", 40), "不愿留名的不填。"), this.phone,
        view.field("所在村（社区）", villages), view.field("住址", text("resident_address", 100)),
        view.field("来了几个人", el("input", { type: "number", min: 1, max: 5, value: 1, inputmode: "numeric",
          "data-field": "people_count" }), "集体来访推选不超过5名代表。"),
        check("is_confidential", "群众要求保密", "承办单位看不到姓名和电话。")),
      view.fold("紧急程度、诉求和其他", this.urgency, view.field("希望怎样解决", area("wish", 400, 2)), this.way, this.deputy, this.station,
        check("is_elsewhere", "不是本选区选民")),
      el("div", { "class": "form-foot desk-foot" }, el("button", { type: "submit", "class": "btn btn--primary" }, "保存这一件"),
        view.button("先放着", function () { form.putAside(); })));
  };

  function option(pair) { return el("option", { value: pair[0] }, pair[1]); }

  function check(name, words, hint) {
    var at = view.id("check");
    return el("div", { "class": "field" },
      el("label", { "class": "option", "for": at }, el("input", { type: "checkbox", id: at, "data-field": name }), words),
      hint && el("p", { "class": "field__hint" }, hint));
  }

  /* Who can be named as having received the visitor; a deputy needs not be asked. */
  Matter.prototype.showPlace = function (day) {
    var isStation = Boolean(day ? day.is_station : this.options.page.stations.length);
    var select = this.deputy.querySelector("select");
    var was = select.value;
    var found = day ? day.deputies : [];
    view.fill(select, el("option", { value: "" }, "不写"), found.map(function (one) { return el("option", { value: one.id }, one.name); }));
    var here = found.filter(function (one) { return one.outcome === "attended"; });
    select.value = was || (here.length === 1 ? String(here[0].id) : "");
    this.deputy.hidden = !isStation || !found.length;
    this.station.hidden = Boolean(day) || this.options.page.stations.length < 2;
    this.way.hidden = Boolean(day);
  };

  Matter.prototype._controls = function () { return this.node.querySelectorAll("[data-field]"); };

  Matter.prototype.values = function () {
    var found = {};
    Array.prototype.forEach.call(this._controls(), function (one) {
      var name = one.getAttribute("data-field");
      if (one.type === "radio") { if (one.checked) { found[name] = one.value; } }
      else { found[name] = one.type === "checkbox" ? one.checked : one.value.trim(); }
    });
    return found;
  };

  Matter.prototype._show = function (values) {
    Array.prototype.forEach.call(this._controls(), function (one) {
      var value = values[one.getAttribute("data-field")];
      if (one.type === "radio") { one.checked = one.value === value; }
      else if (one.type === "checkbox") { one.checked = Boolean(value); }
      else { one.value = value === undefined ? "" : value; }
    });
    this._follow();
  };

  Matter.prototype._follow = function () { this.answer.hidden = this.values().handling !== "spot"; };

  Matter.prototype._touch = function () {
    var form = this;
    this.isTouched = true;
    this._follow();
    clearTimeout(this.timer);
    this.timer = setTimeout(function () { form.keep(); }, PAUSE);
  };

  Matter.prototype.isEmpty = function () {
    var values = this.values();
    return !this.photoCount && !TEXTS.some(function (name) { return values[name]; });
  };

  /* What is in the form at this moment is written; writes come one after the other, so that none overtakes
     the one that ends a draft. The form itself is free at once: nobody's next words wait for the store. */
  Matter.prototype.keep = function () {
    clearTimeout(this.timer);
    if (!this.isTouched) { return this.writing || Promise.resolve(); }
    this.isTouched = false;
    return this._write("draft", false);
  };

  Matter.prototype._write = function (state, isLast) {
    var form = this;
    if (!this.uid && this.isEmpty()) { return Promise.resolve(); }
    var uid = this._name(), isEmpty = this.isEmpty(), body = this._body();
    this.writing = (this.writing || Promise.resolve()).then(async function () {
      if (isEmpty && state === "draft") { await store.drop(uid); return; }
      var known = await store.get(uid);
      var record = Object.assign(known || { uid: uid, kind: "matter", tries: 0 }, { state: state, next: 0, code: "" });
      await store.put(form.options.ring, record, body, isLast);
    }).then(function () { form.options.changed(); return true; }, function () {
      // No room left on the phone: what was typed goes back into the form, or waits in this page.
      if (form.isEmpty()) { form.restore(body, uid); } else { form.unwritten.push([uid, body]); }
      form.options.failed();
      return false;
    });
    return this.writing;
  };

  /* What found no room comes back as soon as the form is free. */
  Matter.prototype._bringBack = function () {
    var first = this.unwritten.shift();
    if (first) { this.restore(first[1], first[0]); }
  };

  Matter.prototype._name = function () { if (!this.uid) { this.uid = store.newUid(); } return this.uid; };

  Matter.prototype._body = function () {
    var values = this.values();
    var place = this.place || this.options.place();
    var isStaff = !this.options.page.is_deputy;
    return Object.assign(values, {
      typed_at: this.typedAt || new Date().toISOString(),
      reception_day: place.reception_day,
      station: place.reception_day ? "" : (isStaff ? values.station : ""),
      on_spot_answer: values.handling === "spot" ? values.on_spot_answer : "",
      is_own_constituency: !values.is_elsewhere,
      label: view.cut(values.content, 24)
    });
  };

  Matter.prototype._faults = function () {
    var values = this.values();
    var faults = [];
    if (!values.content) { faults.push([this.content, "请写下群众反映的事，照原话写。"]); }
    if (!values.category) { faults.push([this.category, "请点选一个类别。"]); }
    if (values.handling === "spot" && !values.on_spot_answer) { faults.push([this.answer, "请写明当场怎样答复的；没有答复的，选“转有关单位办理”。"]); }
    if (values.resident_phone && !PHONE.test(values.resident_phone.normalize("NFKC").replace(SEPARATORS, ""))) {
      faults.push([this.phone, "联系电话应为11位手机号码，或者带区号的固定电话（有分机的写作“转802”），请核对；不便提供可以不填。"]);
    }
    return faults;
  };

  Matter.prototype.save = async function () {
    // A photo still being made small belongs to this matter.
    await this.adding;
    // The second touch of a trembling finger is no new visitor.
    if (this.isEmpty() && Date.now() - this.savedAt < 2000) { return; }
    [this.content, this.category, this.answer, this.phone].forEach(function (box) { view.setError(box, ""); });
    var faults = this._faults();
    if (faults.length) {
      faults.forEach(function (fault) { view.setError(fault[0], fault[1]); });
      var fold = faults[0][0].closest("details");
      if (fold) { fold.open = true; }
      faults[0][0].querySelector("input, textarea").focus();
      return;
    }
    this.isTouched = false;
    var written = this._write("waiting", true);
    this.clear();
    this.savedAt = Date.now();
    if (await written) { this.options.saved(); }
    if (this.isEmpty()) { this._bringBack(); }
  };

  /* Put back what could not be written. */
  Matter.prototype.restore = function (body, uid) {
    this.uid = uid;
    this.place = { reception_day: body.reception_day };
    this._show(body);
    this._showPhotos();
  };

  Matter.prototype.putAside = async function () {
    await this.adding;
    this.isTouched = true;
    var written = this.keep();
    this.clear();
    if (await written) { this.options.putAside(); }
  };

  Matter.prototype.clear = function () {
    clearTimeout(this.timer);
    this.uid = this.typedAt = "";
    this.place = null;
    this.photoCount = 0;
    this.isTouched = false;
    this._show({ urgency: "ordinary", handling: "pass", contact_way: "face_to_face", people_count: 1,
      deputy: this.values().deputy, station: this.values().station });
    view.fill(this.pictures);
    this.say("");
    this.photoError.hidden = true;
    Array.prototype.forEach.call(this.node.querySelectorAll("details"), function (one) { one.open = false; });
    this.node.querySelector("textarea").focus({ preventScroll: true });
  };

  Matter.prototype.say = function (words, isBad) {
    var place = this.node.querySelector(".notice");
    place.classList.toggle("notice--bad", Boolean(isBad));
    place.textContent = words;
    place.hidden = !words;
  };

  /* Take a record back into the form: a draft, or what the server refused. */
  Matter.prototype.resume = async function (record, reason) {
    var body = await store.body(this.options.ring, record);
    this.keep();
    this.clear();
    this.uid = record.uid;
    this.typedAt = record.state === "draft" ? "" : body.typed_at;
    this.place = { reception_day: body.reception_day };
    this._show(body);
    this.say(reason || "", true);
    await this._showPhotos();
    Array.prototype.forEach.call(this.node.querySelectorAll("details"), function (one) {
      one.open = Array.prototype.some.call(one.querySelectorAll("input[type=text], input[type=tel], textarea"),
        function (field) { return field.value; });
    });
  };

  Matter.prototype._addPhotos = function () {
    var files = Array.prototype.slice.call(this.photoInput.files);
    this.photoInput.value = "";
    this.adding = (this.adding || Promise.resolve()).then(this._takeIn.bind(this, files));
  };

  Matter.prototype._takeIn = async function (files) {
    this.photoError.hidden = true;
    for (var i = 0; i < files.length; i += 1) {
      if (this.photoCount >= this.options.mostPhotos) { this._photoFault("最多" + this.options.mostPhotos + "张照片。"); break; }
      try {
        var bytes = await Desk.photos.compress(files[i]);
        await store.addPhoto(this.options.ring, this._name(), bytes);
        this.photoCount += 1;
      } catch (damaged) { this._photoFault("“" + files[i].name + "”不是照片或者已损坏，请重新拍。"); }
    }
    await this._showPhotos();
    this.isTouched = true;
    await this.keep();
  };

  Matter.prototype._photoFault = function (words) { this.photoError.textContent = words; this.photoError.hidden = false; };

  Matter.prototype._showPhotos = async function () {
    var form = this, uid = this.uid;
    var kept = await store.photosOf(this.options.ring, uid);
    if (uid !== this.uid) { return; }
    this.photoCount = kept.length;
    var shown = await Promise.all(kept.map(async function (one, at) {
      return el("figure", null, el("img", { src: await Desk.photos.preview(one.bytes), alt: "第" + (at + 1) + "张照片" }),
        view.button("删除", async function () {
          await store.dropPhoto(one.id);
          await form._showPhotos();
          form.isTouched = true;
          form.keep();
        }));
    }));
    if (uid === this.uid) { view.fill(this.pictures, shown); }
  };

  Desk.Matter = Matter;
})();
