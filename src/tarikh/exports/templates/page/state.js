// What is shown: the incidents, the filters, the one selected. Every view listens and draws itself anew.

const INCIDENTS = DATA.incidents.map((raw) => {
  const family = DATA.kinds[raw.kind]?.family ?? "strategic";
  const [low, best, high] = raw.harm.killed ?? [null, null, null];
  return {
    ...raw,
    family,
    label: DATA.kinds[raw.kind]?.label ?? raw.kind,
    toll: best ?? low ?? high,
    first: raw.date_precision === "unknown" ? null : dayNumber(raw.date_start),
    last: raw.date_precision === "unknown" ? null : dayNumber(raw.date_end) ?? dayNumber(raw.date_start),
  };
});
const BY_ID = new Map(INCIDENTS.flatMap((i) => [...i.absorbed.map((id) => [id, i]), [i.id, i]]));
const EVERYTHING = { text: "", families: null, kind: "", country: "", status: "", from: null, to: null };

const state = {
  filters: { ...EVERYTHING },
  shown: INCIDENTS,
  beforePeriod: INCIDENTS,
  selected: null,
  order: INCIDENTS,
};
const listeners = [];
const reportHay = new Map();

function hayOfReport(id) {
  if (!reportHay.has(id)) {
    const { title, text, source } = DATA.reports[id] ?? {};
    reportHay.set(id, folded(`${title ?? ""}\n${text ?? ""}\n${source ?? ""}`));
  }
  return reportHay.get(id);
}

function hayOf(incident) {
  incident.hay ??= folded(
    [incident.id, incident.label, placeText(incident), aroundText(incident), ...incident.attackers, ...incident.targets,
      ...incident.sources].join("\n"),
  );
  return incident.hay;
}

function hasWords(incident, words) {
  return words.every((word) => hayOf(incident).includes(word) || incident.reports.some((id) => hayOfReport(id).includes(word)));
}

function passes(incident, filters, words) {
  if (filters.families && !filters.families.has(incident.family)) return false;
  if (filters.kind && incident.kind !== filters.kind) return false;
  if (filters.country && (incident.country ?? "?") !== filters.country) return false;
  if (filters.status && incident.status !== filters.status) return false;
  return hasWords(incident, words);
}

/** What may have happened within the period stays; an unknown date is in no period. */
function inPeriod(incident, { from, to }) {
  if (from === null && to === null) return true;
  if (incident.first === null) return false;
  return (to === null || incident.first <= to) && (from === null || incident.last >= from);
}

function isFiltered() {
  const { text, families, kind, country, status, from, to } = state.filters;
  return Boolean(text || families || kind || country || status || from !== null || to !== null);
}

function filter(changes) {
  Object.assign(state.filters, changes);
  const words = folded(state.filters.text).split(/\s+/).filter(Boolean);
  state.beforePeriod = INCIDENTS.filter((incident) => passes(incident, state.filters, words));
  state.shown = state.beforePeriod.filter((incident) => inPeriod(incident, state.filters));
  listeners.forEach((listener) => listener("filter"));
}

function select(incident) {
  if (state.selected === incident) return;
  state.selected = incident;
  listeners.forEach((listener) => listener("select"));
}

const addressOf = (incident) => `#incident=${encodeURIComponent(incident.id)}`;

/** The address keeps the selection, so it can be sent on and the back button works. */
function selectFromAddress() {
  const found = /^#incident=(.+)$/.exec(location.hash);
  let id = null;
  try {
    id = found && decodeURIComponent(found[1]);
  } catch {
    id = null;
  }
  select((id && BY_ID.get(id)) || null);
}

function unselect() {
  history.pushState(null, "", location.pathname + location.search);
  select(null);
}
