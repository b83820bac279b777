/* Drag and drop on a draft of the rota. What is dropped is sent as the same form the pick list sends, so the
   server answers with the same warnings before anything is saved. Everything works without this file. */
const form = document.querySelector("[data-rota-drop]");
let held = null;

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
  const target = event.currentTarget;
  leave(event);
  if (!fits(target)) { return; }
  event.preventDefault();
  const isTurn = held.hasAttribute("data-day");
  const isExchange = isTurn && target.getAttribute("data-key");
  field("day", target.getAttribute("data-day"));
  field("kind", target.getAttribute("data-kind"));
  field("holder", target.getAttribute("data-key"));
  field("key", isExchange ? "" : held.getAttribute("data-key"));
  field("other_day", isExchange ? held.getAttribute("data-day") : "");
  field("other_holder", isExchange ? held.getAttribute("data-key") : "");
  form.submit();
}

function makeDraggable() {
  document.querySelectorAll("[data-seat]").forEach((seat) => {
    if (seat.getAttribute("data-key")) {
      seat.setAttribute("draggable", "true");
      seat.addEventListener("dragstart", begin);
    }
    seat.addEventListener("dragover", over);
    seat.addEventListener("dragleave", leave);
    seat.addEventListener("drop", drop);
  });
  document.querySelectorAll("[data-person]").forEach((person) => {
    person.setAttribute("draggable", "true");
    person.addEventListener("dragstart", begin);
  });
  document.documentElement.classList.add("has-drag");
}

if (form && "draggable" in document.createElement("span")) { makeDraggable(); }
