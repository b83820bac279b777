/* Drag and drop on a draft of the rota. What is dropped is sent as the same form the pick list sends, so the
   server answers with the same warnings before anything is saved. Everything works without this file. */
(function () {
  "use strict";
  var form = document.querySelector("[data-rota-drop]");
  if (!form || !("draggable" in document.createElement("span"))) { return; }
  var held = null;

  function field(name, value) { form.elements[name].value = value || ""; }

  function begin(event) {
    held = event.currentTarget;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.textContent.trim().slice(0, 20));
  }

  function fits(target) {
    return held && held !== target && target.getAttribute("data-kind") === held.getAttribute("data-kind") &&
      !(held.hasAttribute("data-day") && held.getAttribute("data-day") === target.getAttribute("data-day"));
  }

  function over(event) {
    if (!fits(event.currentTarget)) { return; }
    event.preventDefault();
    event.currentTarget.classList.add("is-over");
  }

  function leave(event) { event.currentTarget.classList.remove("is-over"); }

  function drop(event) {
    var target = event.currentTarget;
    leave(event);
    if (!fits(target)) { return; }
    event.preventDefault();
    var isTurn = held.hasAttribute("data-day");
    var isExchange = isTurn && target.getAttribute("data-key");
    field("day", target.getAttribute("data-day"));
    field("kind", target.getAttribute("data-kind"));
    field("holder", target.getAttribute("data-key"));
    field("key", isExchange ? "" : held.getAttribute("data-key"));
    field("other_day", isExchange ? held.getAttribute("data-day") : "");
    field("other_holder", isExchange ? held.getAttribute("data-key") : "");
    form.submit();
  }

  function each(selector, work) { Array.prototype.forEach.call(document.querySelectorAll(selector), work); }

  each("[data-seat]", function (seat) {
    if (seat.getAttribute("data-key")) {
      seat.setAttribute("draggable", "true");
      seat.addEventListener("dragstart", begin);
    }
    seat.addEventListener("dragover", over);
    seat.addEventListener("dragleave", leave);
    seat.addEventListener("drop", drop);
  });
  each("[data-person]", function (person) {
    person.setAttribute("draggable", "true");
    person.addEventListener("dragstart", begin);
  });
  document.documentElement.classList.add("has-drag");
}());
