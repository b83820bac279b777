/* Copies the text of a field: data-copy names the field, data-copied is what the button then says. */
(function () {
  "use strict";
  function copy(button) {
    var field = document.getElementById(button.getAttribute("data-copy"));
    var done = false;
    if (!field) { return; }
    field.focus();
    field.select();
    field.setSelectionRange(0, field.value.length);
    try { done = document.execCommand("copy"); } catch (refused) { done = false; }
    if (done) { button.textContent = button.getAttribute("data-copied"); }
  }
  document.addEventListener("click", function (event) {
    var target = event.target;
    var button = target.closest ? target.closest("[data-copy]") : null;
    if (button) { copy(button); }
  });
}());
