// Puts the views together. One listener each: filters and selection are the only things that change.

function option(value, words, count) {
  return el("option", { value }, count === undefined ? words : `${words} (${NUMBER.format(count)})`);
}

function counted(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function fillChoices(form) {
  const kinds = counted(INCIDENTS.map((incident) => incident.kind));
  const groups = Object.entries(FAMILIES).map(([family, words]) => el("optgroup", { label: words },
    [...kinds].filter(([kind]) => (DATA.kinds[kind]?.family ?? "strategic") === family).map(([kind, count]) => option(kind, capital(DATA.kinds[kind]?.label ?? kind), count))));
  form.elements.kind.append(option("", "All kinds"), ...groups.filter((group) => group.children.length));
  const countries = [...counted(INCIDENTS.map((incident) => incident.country ?? "?"))].map(([code, count]) => [code, code === "?" ? "Unknown" : countryName(code), count]);
  countries.sort((a, b) => (a[0] === "?") - (b[0] === "?") || a[1].localeCompare(b[1]));
  form.elements.country.append(option("", "All countries"), ...countries.map((entry) => option(...entry)));
  const statuses = counted(INCIDENTS.map((incident) => incident.status));
  form.elements.status.append(option("", "Any status"), ...Object.keys(STATUSES).filter((status) => statuses.has(status)).map((status) => option(status, STATUSES[status][0], statuses.get(status))));
}

function startFilters() {
  const form = byId("filters");
  fillChoices(form);
  let waiting = 0;
  form.elements.text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => filter({ text: form.elements.text.value }), 120);
  });
  for (const name of ["kind", "country", "status"]) {
    form.elements[name].addEventListener("change", () => filter({ [name]: form.elements[name].value }));
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    clearTimeout(waiting);
    filter({ ...EVERYTHING });
  });
}

/** Sums only of what is stated, claims apart from reports; how many incidents state nothing is said beside them. */
function summarize() {
  const { shown } = state;
  const stated = shown.filter((incident) => incident.toll !== null);
  const sum = (incidents) => NUMBER.format(incidents.reduce((total, incident) => total + incident.toll, 0));
  const reported = stated.filter((incident) => incident.status === "reported");
  const doubtful = stated.filter((incident) => incident.status !== "reported" && incident.toll > 0);
  const number = isFiltered() ? `${NUMBER.format(shown.length)} of ${plural(INCIDENTS.length, "incident", "incidents")}` : plural(INCIDENTS.length, "incident", "incidents");
  const silent = shown.length - stated.length;
  const parts = [
    reported.length ? `${sum(reported)} reported killed` : null,
    doubtful.length ? `${sum(doubtful)} more claimed or disputed` : null,
    silent ? `deaths not stated in ${NUMBER.format(silent)}` : null,
  ].filter(Boolean);
  byId("summary").textContent = [number, parts.join(", ")].filter(Boolean).join(" · ");
  byId("clear").disabled = !isFiltered();
}

function onFilter() {
  limit = PAGE;
  drawList();
  markFamilies();
  markPeriod();
  drawTimeline();
  describeMap();
  summarize();
  here.hidden = true;
  drawSoon();
}

function onSelect() {
  drawPanel();
  markRow();
  bringIntoView(state.selected);
  drawSoon();
}

function onColors() {
  readColors();
  drawLegend();
  drawSoon();
}

function start() {
  readOutlines(DATA.basemap);
  readColors();
  startFilters();
  startList();
  startTimeline();
  startPointing();
  startPanel();
  drawLegend();
  listeners.push((what) => (what === "filter" ? onFilter() : onSelect()));
  filter({});
  new ResizeObserver(resizeMap).observe(canvas.parentElement);
  new ResizeObserver(() => drawTimeline()).observe(bars);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onColors);
  addEventListener("hashchange", selectFromAddress);
  addEventListener("popstate", selectFromAddress);
  resizeMap();
  selectFromAddress();
  document.documentElement.dataset.ready = "true";
}

start();
