/* Copies the text of a field: data-copy names the field, data-copied is what the button then says. */
function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  if (!field) { return; }
  field.focus();
  field.select();
  field.setSelectionRange(0, field.value.length);
  let isDone = false;
  // The clipboard of newer browsers asks for a secure address, which an office's own network seldom has.
  try { isDone = document.execCommand("copy"); } catch { isDone = false; }
  if (isDone) { button.textContent = button.dataset.copied; }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) { copy(button); }
});
