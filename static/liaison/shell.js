/* The shell's few conveniences. Every page works without this file: preferences post to the server,
   menus are <details>, forms submit once more harmlessly because services are idempotent. */
(function () {
  "use strict";
  var root = document.documentElement;
  var YEAR = 31536000;

  function readCookie(name) {
    var found = document.cookie.match(new RegExp("(?:^|; )" + name + "=([^;]*)"));
    return found ? decodeURIComponent(found[1]) : "";
  }

  function writeCookie(name, value) {
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = name + "=" + encodeURIComponent(value) + "; Path=/; Max-Age=" + YEAR + "; SameSite=Lax" + secure;
  }

  /* ---- type size and contrast: the same forms the server answers, without a reload ---- */
  function showPreferences() {
    root.classList.toggle("type-large", readCookie("type_size") === "large");
    root.classList.toggle("contrast-high", readCookie("contrast") === "high");
    document.querySelectorAll("[data-preference]").forEach(function (button) {
      var chosen = readCookie(button.name) || "normal";
      button.setAttribute("aria-pressed", String(button.value === chosen));
    });
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("[data-preference]") : null;
    if (!button) { return; }
    event.preventDefault();
    writeCookie(button.name, button.value);
    showPreferences();
  });
  if (readCookie("type_size") || readCookie("contrast")) { showPreferences(); }

  /* ---- menus close on Escape and on a click elsewhere ---- */
  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) { menu.open = false; }
    });
  }
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest ? event.target.closest("details.menu") : null);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var open = document.querySelector("details.menu[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });

  /* ---- signing out with unsent reception records on this phone: the sign-out page asks first ---- */
  document.addEventListener("submit", function (event) {
    var kept = null;
    if (!event.target.hasAttribute("data-sign-out") || event.target.hasAttribute("data-asked")) { return; }
    try { kept = JSON.parse(localStorage.getItem("desk-unsent") || "{}"); } catch (refused) { kept = {}; }
    if (!Object.keys(kept).length) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    location.href = event.target.action;
  }, true);

  /* ---- a form leaves once: a second click while the first is under way does nothing ---- */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) { return; }
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    setTimeout(function () { delete form.dataset.sending; }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sending]").forEach(function (form) { delete form.dataset.sending; });
  });

  /* ---- tick all rows of a table; say how many are ticked ---- */
  function countTicked(form) {
    var place = form.querySelector("[data-ticked]");
    if (place) { place.textContent = String(form.querySelectorAll("[data-tick]:checked").length); }
  }
  document.addEventListener("change", function (event) {
    var box = event.target;
    var form = box.form;
    if (!form || !box.matches("[data-tick], [data-tick-all]")) { return; }
    if (box.matches("[data-tick-all]")) {
      form.querySelectorAll("[data-tick]").forEach(function (one) { one.checked = box.checked; });
    }
    countTicked(form);
  });

  /* ---- on a phone the search and bulk boxes start folded, unless they are in use ---- */
  if (window.matchMedia && window.matchMedia("(max-width: 40em)").matches && !location.search) {
    document.querySelectorAll("details.fold").forEach(function (box) { box.open = false; });
  }

  /* ---- file choosers speak Chinese whatever the browser speaks, and name what was chosen ---- */
  document.querySelectorAll(".field input[type=file]").forEach(function (input) {
    var box = document.createElement("span");
    var button = document.createElement("label");
    var chosen = document.createElement("span");
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
    input.addEventListener("change", function () {
      var names = Array.prototype.map.call(input.files, function (file) { return file.name; });
      chosen.textContent = names.length ? "已选择" + names.length + "个：" + names.join("、") : "尚未选择";
    });
  });

  /* ---- "print" and "back" buttons ---- */
  document.addEventListener("click", function (event) {
    var button = event.target.closest ? event.target.closest("[data-print], [data-back]") : null;
    if (!button) { return; }
    event.preventDefault();
    if (button.hasAttribute("data-print")) { window.print(); } else { window.history.back(); }
  });

  /* ---- drafts: what was typed survives a timeout, an error and a closed lid, in this tab only ----
     A form with data-draft="name" is kept in sessionStorage under the appointment that typed it.
     Passwords, files and hidden fields are never kept. A page that no longer shows the form means it
     was accepted, so its draft is dropped; signing out drops all. */
  var PREFIX = "draft:";
  var SENT = "draft-sent";
  var store = null;
  try { store = window.sessionStorage; store.getItem(PREFIX); } catch (refused) { store = null; }

  function keyOf(form) { return PREFIX + (document.body.dataset.owner || "") + ":" + form.dataset.draft; }

  function keepable(field) {
    return field.name && !/^(hidden|password|file|submit|button)$/.test(field.type);
  }

  function readForm(form) {
    var values = {};
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!keepable(field)) { return; }
      var list = values[field.name] || (values[field.name] = []);
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.checked) { list.push(field.value); }
      } else if (field.type === "select-multiple") {
        Array.prototype.forEach.call(field.selectedOptions, function (option) { list.push(option.value); });
      } else { list.push(field.value); }
    });
    return values;
  }

  function fillForm(form, values) {
    Array.prototype.forEach.call(form.elements, function (field) {
      var list = values[field.name];
      if (!keepable(field) || !list) { return; }
      if (field.type === "checkbox" || field.type === "radio") { field.checked = list.indexOf(field.value) >= 0; }
      else if (field.type === "select-multiple") {
        Array.prototype.forEach.call(field.options, function (option) { option.selected = list.indexOf(option.value) >= 0; });
      } else if (list.length) { field.value = list.shift(); }
    });
  }

  function dropDrafts() {
    Object.keys(store).forEach(function (key) {
      if (key.indexOf(PREFIX) === 0 || key === SENT) { store.removeItem(key); }
    });
  }

  function offerDraft(form) {
    var key = keyOf(form);
    var kept = store.getItem(key);
    var fresh = JSON.stringify(readForm(form));
    if (!kept || kept === fresh) { return; }
    var note = form.querySelector("[data-draft-note]");
    if (form.querySelector("[aria-invalid]")) { return; }
    fillForm(form, JSON.parse(kept));
    if (!note) { return; }
    note.hidden = false;
    note.querySelector("button").addEventListener("click", function () {
      store.removeItem(key);
      fillForm(form, JSON.parse(fresh));
      note.hidden = true;
    });
  }

  if (store) {
    var forms = document.querySelectorAll("form[data-draft]");
    var sent = store.getItem(SENT);
    var still = Array.prototype.some.call(forms, function (form) { return keyOf(form) === sent; });
    if (sent && !still && !document.body.hasAttribute("data-keep-drafts")) { store.removeItem(sent); }
    if (sent && !document.body.hasAttribute("data-keep-drafts")) { store.removeItem(SENT); }
    Array.prototype.forEach.call(forms, function (form) {
      offerDraft(form);
      form.addEventListener("input", function () { store.setItem(keyOf(form), JSON.stringify(readForm(form))); });
      form.addEventListener("submit", function () { store.setItem(SENT, keyOf(form)); });
    });
    document.addEventListener("submit", function (event) {
      if (event.target.hasAttribute("data-sign-out")) { dropDrafts(); }
    });
  }
})();
