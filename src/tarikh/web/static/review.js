// Review by keyboard: a key presses what bears it in data-key, so that each can be pressed by mouse as well.

import { startSuggestions } from "./suggest.js";

const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=hidden]), textarea, select, [contenteditable]";
const PATIENCE = 4000;
let leaving = 0;

/** A page that was just left hears no key, lest a quick hand says of this incident what it means of the next. */
const gone = () => Date.now() - leaving < PATIENCE;

/** What is on the page for a key and can be pressed now; of several the last, which is the innermost that is open. */
function bearing(key) {
  const all = [...document.querySelectorAll("[data-key]")];
  return all.filter((each) => each.dataset.key.split(" ").includes(key) && !each.disabled && each.getClientRects().length).at(-1);
}

function close() {
  const open = document.querySelector("details.rv-help[open], details.rv-more[open]");
  if (!open) return false;
  open.open = false;
  return true;
}

function escape(event) {
  if (event.target.matches?.(TYPED)) return event.target.blur();
  if (!close()) bearing("Escape")?.click();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return escape(event);
  if (gone() || event.target.closest?.(TYPED)) return;
  const found = bearing(event.key);
  if (!found) return;
  event.preventDefault();
  found.click();
  // At once: what is typed next is the reason, and its first letter must be no key.
  typeInto(found.parentElement);
  if (found.href && !found.dataset.focus) leaving = Date.now();
}

/** Nothing is said twice. */
function onLeave(event) {
  if (gone()) event.preventDefault();
  else leaving = Date.now();
}

function typeInto(details) {
  if (details?.matches?.("details.rv-more[open]")) details.querySelector("input:not([type=hidden])")?.focus();
}

function onClick(event) {
  const focusing = event.target.closest?.("[data-focus]");
  if (focusing) {
    event.preventDefault();
    document.querySelector(focusing.dataset.focus)?.focus();
  }
  if (event.target.closest?.("[data-reload]")) {
    event.preventDefault();
    location.reload();
  }
}

/** Marks what others have changed in the list of what waits. */
function onMoved() {
  const moved = new Set((document.querySelector("#rv-moved")?.dataset.moved ?? "").split(" ").filter(Boolean));
  for (const item of document.querySelectorAll(".rv-item")) {
    item.classList.toggle("moved", item.dataset.incidents.split(" ").some((id) => moved.has(id)));
  }
}

/** The field under the pointer or with the focus lights its words in the texts. */
function lightWords(root) {
  let scrolled = null;
  const light = (event) => {
    const field = event.target.closest?.(".rv-field")?.dataset.field;
    if (!field) return;
    let first = null;
    for (const mark of root.querySelectorAll("mark[data-fields]")) {
      const on = mark.dataset.fields.split("|").includes(field);
      mark.classList.toggle("on", on);
      if (on && !first) first = mark;
    }
    const column = first?.closest(".texts");
    if (!column || scrolled === field || column.scrollHeight <= column.clientHeight) return;
    scrolled = field;
    const away = first.getBoundingClientRect().top - column.getBoundingClientRect().top;
    if (away < 0 || away > column.clientHeight - 40) column.scrollTop += away - column.clientHeight / 3;
  };
  root.addEventListener("pointerover", light);
  root.addEventListener("focusin", light);
  root.querySelector(".editing")?.dispatchEvent(new Event("pointerover", { bubbles: true }));
}

/** Scrolls the queue alone: on a phone it stands below, and the page must stay at what is open. */
function showCurrent() {
  const current = document.querySelector(".rv-item a[aria-current]");
  const list = current?.closest("ol");
  if (!list || list.scrollHeight <= list.clientHeight) return;
  list.scrollTop += current.getBoundingClientRect().bottom - list.getBoundingClientRect().bottom;
}

/** Where one begins to type: a page that is opened at a fragment does not focus what it should by itself. */
function begin() {
  const field = document.querySelector(".rv-open [autofocus]");
  if (!field || ![document.body, field].includes(document.activeElement)) return;
  field.focus({ preventScroll: true });
  if (field.type !== "text") return;
  if ("many" in field.dataset) field.setSelectionRange(field.value.length, field.value.length);
  else field.select();
}

export function startReview() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onLeave);
  document.addEventListener("click", onClick);
  document.addEventListener("toggle", (event) => typeInto(event.target), true);
  document.addEventListener("htmx:after:swap", onMoved);
  // A page that the way back brings again is not left any more.
  window.addEventListener("pageshow", () => { leaving = 0; });
  showCurrent();
  const body = document.querySelector(".rv-body");
  if (body) lightWords(body);
  startSuggestions();
  begin();
  const point = document.querySelector("details.rv-point");
  if (point) import("./point.js").then((map) => map.startPoint(point));
  document.querySelector("[data-review]").dataset.review = "ready";
}
