// An open field lights its words in the reports beside it.

function light(root, names) {
  let first = null;
  for (const mark of root.querySelectorAll("mark[data-fields]")) {
    const on = mark.dataset.fields.split("|").some((field) => names.has(field));
    mark.classList.toggle("on", on);
    if (on && !first) first = mark;
  }
  return first;
}

/** Scrolls within the column of texts only, so that the field that was opened stays where it is. */
function reveal(mark) {
  const column = mark.closest(".texts");
  if (!column || column.scrollHeight <= column.clientHeight) return;
  const away = mark.getBoundingClientRect().top - column.getBoundingClientRect().top;
  if (away < 0 || away > column.clientHeight - 40) column.scrollTop += away - column.clientHeight / 3;
}

export function startEvidence() {
  const root = document.querySelector("#evidence");
  if (!root) return;
  root.addEventListener("toggle", (event) => {
    const details = event.target;
    if (!details.matches?.("details.field")) return;
    const open = [...root.querySelectorAll("details.field[open]")].map((each) => each.dataset.field);
    const first = light(root, new Set(open));
    if (details.open && first) reveal(first);
  }, true);
  root.addEventListener("pointerover", (event) => {
    const mention = event.target.closest?.("details.mention");
    if (!mention) return;
    const number = `${mention.dataset.mention} `;
    for (const mark of root.querySelectorAll("mark[data-fields]")) {
      mark.classList.toggle("on", mark.dataset.fields.split("|").some((field) => field.startsWith(number)));
    }
  });
}
