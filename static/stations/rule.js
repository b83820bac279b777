/* The form of a reception rule shows only what its kind asks for. Without this file everything is shown and
   what does not belong to the kind is not read by the server. */
const form = document.querySelector("[data-rule-form]");

function show() {
  const chosen = form.querySelector("input[name=kind]:checked");
  form.querySelectorAll("[data-for-kinds]").forEach((part) => {
    const kinds = part.dataset.forKinds.split(" ");
    part.hidden = !chosen || !kinds.includes(chosen.value);
  });
}

if (form) {
  form.querySelectorAll("input[name=kind]").forEach((field) => {
    field.addEventListener("change", show);
    field.addEventListener("draft", show);
  });
  show();
}
