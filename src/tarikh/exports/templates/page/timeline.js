// The timeline: how many incidents when, and a period drawn over it. What has no exact day is a band, not a bar.

const bars = byId("bars");
const HEIGHT = 96;
const BASE = 70;
const STEPS = { day: 150, week: 900, month: 5500, year: Infinity };
let axis = null;
let brushed = null;

/** The day on which the day's week, month or year begins. */
function startOf(day, step) {
  const date = new Date(day * 864e5);
  if (step === "week") return day - ((date.getUTCDay() + 6) % 7);
  if (step === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 864e5;
  if (step === "year") return Date.UTC(date.getUTCFullYear(), 0, 1) / 864e5;
  return day;
}

function nextStart(start, step) {
  const date = new Date(start * 864e5);
  if (step === "week") return start + 7;
  if (step === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 864e5;
  if (step === "year") return Date.UTC(date.getUTCFullYear() + 1, 0, 1) / 864e5;
  return start + 1;
}

function makeAxis(width) {
  const dated = INCIDENTS.filter((incident) => incident.first !== null);
  if (!dated.length) return null;
  let first = Infinity, last = -Infinity;
  for (const incident of dated) {
    first = Math.min(first, incident.first);
    last = Math.max(last, incident.last);
  }
  const step = Object.keys(STEPS).find((name) => last - first <= STEPS[name]);
  first = startOf(first, step);
  last = nextStart(startOf(last, step), step);
  // A few days fill the whole width badly: a bar needs no more than this.
  last = Math.max(last, first + (step === "day" ? 14 : 0));
  return { first, last, step, width, at: (day) => 8 + ((day - first) / (last - first)) * (width - 16) };
}

const dayAt = (x) => Math.max(axis.first, Math.min(axis.last - 1, Math.floor(axis.first + ((x - 8) / (axis.width - 16)) * (axis.last - axis.first))));

/** Incidents by step; one of several days counts in every step that it touches. */
function tallies(incidents) {
  const bins = new Map();
  for (const incident of incidents) {
    if (incident.date_precision !== "day" || incident.first === null) continue;
    for (let start = startOf(incident.first, axis.step); start <= incident.last; start = nextStart(start, axis.step)) {
      const bin = bins.get(start) ?? { total: 0 };
      bin.total += 1;
      bin[incident.family] = (bin[incident.family] ?? 0) + 1;
      bins.set(start, bin);
    }
  }
  return bins;
}

function drawTimeline() {
  const width = bars.clientWidth;
  if (!width) return;
  axis = makeAxis(width);
  const undated = state.beforePeriod.filter((incident) => incident.first === null).length;
  byId("timeline-note").textContent = undated ? `${NUMBER.format(undated)} without a date` : "";
  if (!axis) {
    bars.replaceChildren(el("p", { class: "nothing" }, "No incident has a known date."));
    return;
  }
  const shown = tallies(state.beforePeriod);
  const top = Math.max(1, ...[...tallies(INCIDENTS).values()].map((bin) => bin.total));
  const picture = svg("svg", { width, height: HEIGHT, role: "img", "aria-label": `Incidents by ${axis.step}. To choose a period by keyboard, use the two dates.` },
    ticks(), [...shown].map(([start, bin]) => bar(start, bin, top)), bands(), svg("line", { class: "base", x1: 0, x2: width, y1: BASE, y2: BASE }), period());
  bars.replaceChildren(picture);
}

function bar(start, bin, top) {
  const end = nextStart(start, axis.step);
  const left = axis.at(start);
  const width = Math.max(1.5, axis.at(end) - left - (axis.at(end) - left > 5 ? 1.5 : 0.3));
  const pieces = [];
  let y = BASE;
  for (const family of Object.keys(FAMILIES)) {
    const height = ((bin[family] ?? 0) / top) * (BASE - 10);
    if (!height) continue;
    y -= height;
    pieces.push(svg("rect", { class: `fill ${family}`, x: left, y, width, height }));
  }
  const name = axis.step === "day" ? dayText(isoDay(start)) : rangeText(isoDay(start), isoDay(end - 1));
  return svg("g", {}, svg("title", {}, `${name}: ${plural(bin.total, "incident", "incidents")}`), pieces);
}

/** Incidents known only to a week, month or year, below the line, as wide as what is known. */
function bands() {
  const coarse = new Map();
  for (const incident of state.beforePeriod) {
    if (incident.first === null || incident.date_precision === "day") continue;
    const key = `${incident.first}/${incident.last}`;
    coarse.set(key, (coarse.get(key) ?? 0) + 1);
  }
  return [...coarse].map(([key, number]) => {
    const [first, last] = key.split("/").map(Number);
    const left = axis.at(first);
    return svg("rect", { class: "band", x: left, y: BASE + 3, width: Math.max(3, axis.at(last + 1) - left), height: 5, rx: 2.5 },
      svg("title", {}, `${plural(number, "incident", "incidents")} some time ${rangeText(isoDay(first), isoDay(last))}`));
  });
}

function ticks() {
  const most = Math.max(2, Math.floor(axis.width / 90));
  const days = axis.last - axis.first;
  const grain = days / most <= 1 ? "day" : days / most <= 7 ? "week" : days / most <= 31 ? "month" : days / most <= 92 ? "quarter" : "year";
  const marks = [];
  const by = grain === "quarter" ? "month" : grain;
  const every = grain === "year" ? Math.max(1, Math.ceil(days / 365 / most)) : 1;
  for (let day = startOf(axis.first, by); day < axis.last; day = nextStart(day, by)) {
    const iso = isoDay(day);
    if (day < axis.first || (grain === "quarter" && ((+iso.slice(5, 7) - 1) % 3)) || (grain === "year" && +iso.slice(0, 4) % every)) continue;
    const text = by === "year" ? iso.slice(0, 4) : by === "month" ? `${MONTHS[+iso.slice(5, 7) - 1]} ${iso.slice(0, 4)}` : dayText(iso).replace(/ \d{4}$/, "");
    marks.push(svg("line", { class: "tick", x1: axis.at(day), x2: axis.at(day), y1: 4, y2: BASE + 12 }),
      svg("text", { class: "tick-text", x: axis.at(day) + 4, y: HEIGHT - 6 }, text));
  }
  return marks;
}

function period() {
  const { from, to } = brushed ?? state.filters;
  if (from === null && to === null) return null;
  const left = axis.at(Math.max(axis.first, from ?? axis.first));
  const right = axis.at(Math.min(axis.last, (to ?? axis.last) + 1));
  return svg("rect", { class: "period", x: left, y: 1, width: Math.max(2, right - left), height: BASE + 12 });
}

function xOf(event) {
  return event.clientX - bars.getBoundingClientRect().left;
}

function brush(event) {
  const day = dayAt(xOf(event));
  brushed = { from: Math.min(brushed.start, day), to: Math.max(brushed.start, day), start: brushed.start };
  drawTimeline();
}

/** A click takes the step under it, a drag what it covers; a click on the chosen step gives all dates back. */
function endBrush() {
  if (!brushed) return;
  let { from, to } = brushed;
  if (from === to) {
    from = startOf(from, axis.step);
    to = nextStart(from, axis.step) - 1;
  }
  brushed = null;
  const again = from === state.filters.from && to === state.filters.to;
  filter(again ? { from: null, to: null } : { from, to });
}

function startTimeline() {
  bars.addEventListener("pointerdown", (event) => {
    if (!axis || event.button) return;
    bars.setPointerCapture(event.pointerId);
    brushed = { start: dayAt(xOf(event)) };
    brush(event);
  });
  bars.addEventListener("pointermove", (event) => brushed && brush(event));
  bars.addEventListener("pointerup", endBrush);
  bars.addEventListener("pointercancel", () => {
    brushed = null;
    drawTimeline();
  });
  const dates = [byId("from"), byId("to")];
  for (const input of dates) {
    input.addEventListener("change", () => filter({ from: dayNumber(dates[0].value), to: dayNumber(dates[1].value) }));
  }
  byId("all-time").addEventListener("click", () => filter({ from: null, to: null }));
}

function markPeriod() {
  const { from, to } = state.filters;
  byId("from").value = from === null ? "" : isoDay(from);
  byId("to").value = to === null ? "" : isoDay(to);
  byId("all-time").disabled = from === null && to === null;
}
