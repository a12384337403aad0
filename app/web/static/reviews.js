// The page of a review works without this: another condition is then one more round trip.

document.addEventListener("click", (event) => {
  const promises = event.target.closest("[data-add-promise]")?.closest("[data-promises]");
  if (!promises) return;
  const rows = promises.querySelectorAll("fieldset.promise");
  if (rows.length >= 20) return;
  event.preventDefault();
  const last = rows[rows.length - 1];
  const row = last.cloneNode(true);
  const from = rows.length;
  const to = from + 1;
  const renumber = (text) => text.replace(new RegExp(`([-. ])${from}$`), `$1${to}`);
  row.querySelector("legend").textContent = renumber(row.querySelector("legend").textContent);
  for (const error of row.querySelectorAll(".error")) error.remove();
  for (const label of row.querySelectorAll("label")) label.htmlFor = renumber(label.htmlFor);
  for (const field of row.querySelectorAll("input, select")) {
    field.id = renumber(field.id);
    field.name = renumber(field.name);
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  last.after(row);
  row.querySelector("input").focus();
});
