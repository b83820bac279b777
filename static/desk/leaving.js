/* Signing out of a phone with unsent records: how many there are, and three ways out. Whichever is taken, the
   key leaves the phone first; what stays is unreadable until its owner signs in again. */
(function () {
  "use strict";
  var Desk = window.Desk || {};
  var panel = document.getElementById("leaving");
  var owner = document.body.dataset.owner;
  if (!panel || !Desk.canKeep || !Desk.canKeep()) { return; }

  async function show() {
    var counts = await Desk.store.recount();
    var own = counts[owner] || 0;
    if (own) {
      panel.querySelector("[data-count]").textContent = String(own);
      panel.querySelector("[data-unsent]").hidden = false;
      panel.querySelector("[data-plain]").hidden = true;
    }
    return Object.keys(counts).length;
  }

  async function leave(form) {
    await Desk.store.forgetKeys();
    if (form.dataset.leave === "drop") { await Desk.store.dropAll(owner); }
    var left = Object.keys(await Desk.store.recount()).length;
    if (left) {
      // Somebody's records stay, encrypted: the server must not ask the browser to forget everything.
      var keep = document.createElement("input");
      keep.type = "hidden";
      keep.name = "keep";
      keep.value = "1";
      form.appendChild(keep);
    }
    form.submit();
  }

  panel.addEventListener("submit", function (event) {
    event.preventDefault();
    leave(event.target).catch(function () { event.target.submit(); });
  });
  show();
})();
