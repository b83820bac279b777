/* The form of a reception rule shows only what its kind asks for. Without this file everything is shown and
   what does not belong to the kind is not read by the server. */
(function () {
  "use strict";
  var form = document.querySelector("[data-rule-form]");
  if (!form) { return; }

  function show() {
    var chosen = form.querySelector("input[name=kind]:checked");
    form.querySelectorAll("[data-for-kinds]").forEach(function (part) {
      var kinds = part.getAttribute("data-for-kinds").split(" ");
      part.hidden = !chosen || kinds.indexOf(chosen.value) < 0;
    });
  }

  form.addEventListener("change", function (event) {
    if (event.target.name === "kind") { show(); }
  });
  show();
})();
