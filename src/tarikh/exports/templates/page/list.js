// The list: every incident that passes the filters, as a table; the same content as the map, in words.

const PAGE = 100;
const unknownLast = (value) => (value === null || value === undefined ? Infinity : value);
const SORTS = {
  newest: ["Date, newest first", (a, b) => unknownLast(a.first === null ? null : -a.first) - unknownLast(b.first === null ? null : -b.first)],
  oldest: ["Date, oldest first", (a, b) => unknownLast(a.first) - unknownLast(b.first)],
  kind: ["Kind", (a, b) => a.label.localeCompare(b.label)],
  parties: ["Parties", (a, b) => listText(a.attackers, "~").localeCompare(listText(b.attackers, "~"))],
  place: ["Place", (a, b) => placeKey(a).localeCompare(placeKey(b))],
  killed: ["Killed, most first", (a, b) => unknownLast(a.toll === null ? null : -a.toll) - unknownLast(b.toll === null ? null : -b.toll)],
  fewest: ["Killed, fewest first", (a, b) => unknownLast(a.toll) - unknownLast(b.toll)],
  sources: ["Sources, most first", (a, b) => b.sources.length - a.sources.length],
  status: ["Status", (a, b) => Object.keys(STATUSES).indexOf(a.status) - Object.keys(STATUSES).indexOf(b.status)],
};
const COLUMNS = [
  ["Date", "date", "newest", "oldest"],
  ["Kind and parties", "kind", "kind"],
  ["Place", "place", "place"],
  ["Killed", "killed", "killed", "fewest"],
  ["Sources", "sources", "sources"],
  ["Status", "status", "status"],
];
let sorting = "newest";
let limit = PAGE;

const placeKey = (incident) => `${countryName(incident.country) ?? "~"}\n${incident.admin1 ?? "~"}\n${incident.place ?? "~"}`;

function sortBy(name) {
  sorting = name;
  byId("sort").value = name;
  limit = PAGE;
  drawList();
}

function headCell([words, column, ...sorts]) {
  const now = sorts.indexOf(sorting);
  const next = sorts[(now + 1) % sorts.length];
  const falling = { newest: true, killed: true, sources: true }[sorting];
  return el("th", { scope: "col", class: column, "aria-sort": now < 0 ? null : falling ? "descending" : "ascending" },
    el("button", { type: "button", "data-sort": column, onclick: () => sortAndStay(next, column) }, words,
      el("span", { class: "arrow", "aria-hidden": "true" }, now < 0 ? "" : falling ? " ↓" : " ↑")));
}

function sortAndStay(name, column) {
  sortBy(name);
  document.querySelector(`[data-sort="${column}"]`)?.focus();
}

function statusChip(status) {
  const [words, what] = STATUSES[status] ?? [status, ""];
  return el("span", { class: `chip ${status in STATUSES ? status : ""}`, title: what }, words);
}

function partiesText(incident) {
  const attackers = listText(incident.attackers, "Unknown");
  return incident.targets.length ? `${attackers} → ${incident.targets.join(", ")}` : attackers;
}

function row(incident) {
  const around = aroundText(incident);
  const killed = countText(incident.harm.killed, "+");
  return el("tr", { "data-id": incident.id, class: incident === state.selected ? "chosen" : null, onclick: openFromRow },
    el("td", { class: "date" }, whenText(incident)),
    el("td", { class: "kind" },
      el("a", { href: addressOf(incident) }, glyph(incident.family, { hollow: incident.toll === null }), capital(incident.label)),
      el("span", { class: "parties" }, partiesText(incident))),
    el("td", { class: "place" }, el("span", {}, capital(placeText(incident))), around ? el("small", {}, around) : null),
    el("td", { class: `killed ${killed === "unknown" ? "unknown" : ""}`, "data-label": "Killed" }, killed),
    el("td", { class: "sources", "data-label": incident.sources.length === 1 ? "source" : "sources" }, NUMBER.format(incident.sources.length)),
    el("td", { class: "status" }, statusChip(incident.status)));
}

/** A click anywhere on a row opens it, but not the end of a text selection. */
function openFromRow(event) {
  if (event.target.closest("a") || String(getSelection())) return;
  location.hash = event.currentTarget.querySelector("a").getAttribute("href");
}

function drawList() {
  const rows = byId("rows");
  state.order = [...state.shown].sort((a, b) => SORTS[sorting][1](a, b) || (a.id < b.id ? -1 : 1));
  if (!state.order.length) {
    rows.replaceChildren(el("p", { class: "nothing" }, INCIDENTS.length ? "No incident passes these filters." : "There are no incidents."));
    return;
  }
  const body = el("tbody", {}, state.order.slice(0, limit).map(row));
  rows.replaceChildren(
    el("table", {}, el("caption", { class: "unseen" }, "Incidents that pass the filters"), el("thead", {}, el("tr", {}, COLUMNS.map(headCell))), body),
  );
  if (limit < state.order.length) rows.append(moreButton());
}

/** Long lists grow as they are scrolled: a phone should not lay out thousands of rows at once. */
function moreButton() {
  const left = state.order.length - limit;
  const button = el("button", { type: "button", class: "more", onclick: grow }, `Show more (${NUMBER.format(left)} left)`);
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting) || !button.isConnected) return;
    watcher.disconnect();
    grow();
  }, { rootMargin: "600px" });
  watcher.observe(button);
  return button;
}

function grow() {
  const body = document.querySelector("#rows tbody");
  const button = document.querySelector("#rows .more");
  const hadFocus = document.activeElement === button;
  const fresh = state.order.slice(limit, limit + PAGE).map(row);
  limit += PAGE;
  button?.remove();
  body.append(...fresh);
  if (limit < state.order.length) byId("rows").append(moreButton());
  if (hadFocus) fresh[0]?.querySelector("a").focus();
}

function markRow() {
  for (const line of document.querySelectorAll("#rows tr.chosen")) line.classList.remove("chosen");
  const line = state.selected && document.querySelector(`#rows tr[data-id="${CSS.escape(state.selected.id)}"]`);
  line?.classList.add("chosen");
}

function startList() {
  const choice = byId("sort");
  choice.append(...Object.entries(SORTS).map(([name, [words]]) => el("option", { value: name }, words)));
  choice.value = sorting;
  choice.addEventListener("change", () => sortBy(choice.value));
}
