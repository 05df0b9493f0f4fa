// Keeps the form, the words for screen readers and the focus in step with the results that were put in.

/** Single fields show what the address says; a field that adds one more value is empty again. */
function follow(form, query) {
  const asked = new URLSearchParams(query);
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field === document.activeElement) continue;
    field.value = "adds" in field.dataset ? "" : asked.get(field.name) ?? "";
    // A choice without an empty option is at its first, the usual one.
    if (field.tagName === "SELECT" && field.selectedIndex < 0) field.selectedIndex = 0;
  }
  const active = document.activeElement;
  if (active && "adds" in active.dataset) active.value = "";
}

/** On a phone the filters are folded under one button; without a script they all show. */
function startUnfolding(form) {
  const button = form.querySelector(".unfold");
  button.hidden = false;
  form.classList.add("foldable");
  button.addEventListener("click", () => button.setAttribute("aria-expanded", String(form.classList.toggle("unfolded"))));
}

export function startFilter() {
  const form = document.querySelector("#filter");
  if (!form) return;
  startUnfolding(form);
  // What is typed was asked for already; leaving the field must not ask, and be a step of the way back, once more.
  document.addEventListener("change", (event) => { if (event.target.id === "f-text") event.stopPropagation(); }, true);
  let seen = document.querySelector("#results");
  document.addEventListener("htmx:after:swap", () => {
    // A part that came later than the list is no new result.
    const now = document.querySelector("#results");
    if (now === seen) return;
    seen = now;
    const results = document.querySelector("#results[data-query]");
    const heading = document.querySelector("#list-heading") ?? document.querySelector("#results h1");
    document.querySelector("#told").textContent = heading?.textContent ?? "";
    if (results) follow(form, results.dataset.query);
    if (document.activeElement === document.body) heading?.focus?.({ preventScroll: true });
  });
}
