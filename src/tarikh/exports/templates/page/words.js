// How values are put in words. Unknown is always said, never shown as 0 or as nothing.

const FAMILIES = {
  battle: "Fighting",
  remote: "Explosions and strikes",
  civilians: "Violence against civilians",
  crowd: "Crowds and protest",
  strategic: "Strategic events",
};
const STATUSES = {
  reported: ["Reported", "stated as fact, or by officials, witnesses or monitors"],
  claimed: ["Claimed", "only a party to the conflict says so, of its own deed or success"],
  alleged: ["Alleged", "one party or witness accuses another"],
  disputed: ["Disputed", "one says yes, another says no"],
};
const HARM_NAMES = {
  killed: "Killed",
  killed_attackers: "Killed, attackers",
  killed_targets: "Killed, targets",
  killed_civilians: "Killed, civilians",
  injured: "Injured",
  abducted: "Abducted",
  displaced: "Displaced",
  arrested: "Arrested",
};
const FIELD_NAMES = {
  kind: "Kind", trigger: "Kind", status: "Status", aspect: "Aspect", attackers: "Attackers", targets: "Targets",
  date: "Date", place: "Place", attribution: "Who says so", review: "Review",
  ...Object.fromEntries(Object.entries(HARM_NAMES).map(([name, words]) => [`harm.${name}`, words])),
};
const PLACE_PRECISIONS = {
  exact: "at the place itself", near: "near the place", admin2: "district only", admin1: "region only",
  country: "country only", unknown: "place unknown",
};
const DATE_PRECISIONS = {
  day: "to the day", week: "within a week", month: "within a month", year: "within a year", unknown: "date unknown",
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NUMBER = new Intl.NumberFormat("en-US");

/** Days since 1970 of an ISO day, or null. */
function dayNumber(iso) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)/.exec(iso ?? "");
  return parts ? Date.UTC(+parts[1], +parts[2] - 1, +parts[3]) / 864e5 : null;
}

const isoDay = (day) => new Date(day * 864e5).toISOString().slice(0, 10);

function dayText(iso) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)/.exec(iso ?? "");
  return parts ? `${+parts[3]} ${MONTHS[+parts[2] - 1]} ${parts[1]}` : "no date";
}

/** "12–14 Mar 2024": the years and months that both ends share are said once. */
function rangeText(start, end) {
  if (!start || !end || start === end) return dayText(start ?? end);
  const [y1, m1] = start.split("-");
  const [y2, m2] = end.split("-");
  if (y1 !== y2) return `${dayText(start)} – ${dayText(end)}`;
  if (m1 !== m2) return `${dayText(start).replace(` ${y1}`, "")} – ${dayText(end)}`;
  return `${+start.slice(8, 10)}–${dayText(end)}`;
}

/** A date with its precision: what is only known to lie within a span says so. */
function whenText(date) {
  const { date_start: start, date_end: end, date_precision: precision } = date;
  if (!start || precision === "unknown") return "Date unknown";
  if (precision === "day") return rangeText(start, end);
  const sameMonth = end && start.slice(0, 7) === end.slice(0, 7);
  if (precision === "month" && sameMonth) return `Some time in ${MONTHS[+start.slice(5, 7) - 1]} ${start.slice(0, 4)}`;
  if (precision === "year" && end && start.slice(0, 4) === end.slice(0, 4)) return `Some time in ${start.slice(0, 4)}`;
  return `Some time ${rangeText(start, end)}`;
}

const countryName = (code) => (code ? DATA.countries[code] ?? code : null);

/** The name that the words support most precisely, in words: "near Téra", "somewhere in Tillabéri". */
function placeText(where) {
  const unit = { admin2: where.admin2 ?? where.place, admin1: where.admin1 ?? where.place, country: countryName(where.country) };
  const { place_precision: precision } = where;
  if (precision === "exact" && where.place) return where.place;
  if (precision === "near" && where.place) return `near ${where.place}`;
  if (unit[precision]) return `somewhere in ${unit[precision]}`;
  return "Place unknown";
}

/** The units around the place, without those that `placeText` has said. */
function aroundText(where) {
  const around = { exact: ["admin2", "admin1"], near: ["admin2", "admin1"], admin2: ["admin1"] }[where.place_precision] ?? [];
  const names = around.map((unit) => where[unit]).filter((name) => name && name !== where.place);
  if (where.place_precision !== "country") names.push(countryName(where.country));
  return [...new Set(names.filter(Boolean))].join(", ");
}

/** A count as "22 (17–22)", "24 or more", "up to 30"; null (not stated) as "unknown". */
function countText(count, open = " or more") {
  const [low, best, high] = count ?? [null, null, null];
  const n = (number) => NUMBER.format(number);
  if (low === null && best === null && high === null) return "unknown";
  if (best === null) return low === null ? `up to ${n(high)}` : high === null ? `${n(low)}${open}` : `${n(low)}–${n(high)}`;
  if (low === null && high === null) return `about ${n(best)}`;
  if (low === null) return best === high ? `up to ${n(best)}` : `${n(best)} (up to ${n(high)})`;
  if (high === null) return low === best ? `${n(best)}${open}` : `${n(best)} (${n(low)}${open})`;
  return low === best && best === high ? n(best) : `${n(best)} (${n(low)}–${n(high)})`;
}

const listText = (names, none = "unknown") => (names && names.length ? names.join(", ") : none);

/** Any value of a field, as a claim or a mention has it, in words. */
function valueText(field, value) {
  if (value === null || value === undefined) return "unknown";
  if (field.startsWith("harm.")) return countText(value);
  if (field === "date") return whenText(value);
  if (field === "place") return [placeText(value), aroundText(value)].filter(Boolean).join(", ");
  if (field === "kind") return DATA.kinds[value]?.label ?? String(value);
  if (field === "status") return STATUSES[value]?.[0] ?? String(value);
  if (Array.isArray(value)) return listText(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const plural = (number, one, many) => `${NUMBER.format(number)} ${number === 1 ? one : many}`;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
