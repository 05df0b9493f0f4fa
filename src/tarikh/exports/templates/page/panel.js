// One incident: its fields, each open to its words; the ledger of claims; why its reports were linked; their texts.

const panel = byId("panel");
let activeField = null;
let cameFrom = null;

function fieldsOf(incident) {
  const { harm } = incident;
  const counts = Object.keys(HARM_NAMES).filter((name) => harm[name] || name === "killed");
  return [
    ["kind", capital(incident.label)],
    ["status", STATUSES[incident.status]?.[0] ?? incident.status, STATUSES[incident.status]?.[1]],
    ["attackers", listText(incident.attackers)],
    ["targets", listText(incident.targets, "unknown or nobody")],
    ["date", whenText(incident), incident.first === null ? null : DATE_PRECISIONS[incident.date_precision]],
    ["place", capital(valueText("place", incident)), incident.place_precision === "unknown" ? null : PLACE_PRECISIONS[incident.place_precision]],
    ...counts.map((name) => [`harm.${name}`, capital(countText(harm[name]))]),
    ["attribution", capital(listText([...new Set(mentionsOf(incident).map((mention) => mention.values.attribution).filter(Boolean))], "unknown"))],
  ];
}

function fieldRow(incident, [field, value, qualifier]) {
  const detail = el("div", { class: "why", id: `why-${field}`, hidden: true });
  const empty = /^unknown|^(date|place) unknown/i.test(value);
  return el("div", { class: "field" },
    el("button", { type: "button", "data-field": field, "aria-expanded": "false", "aria-controls": detail.id, onclick: () => openField(incident, field) },
      el("span", { class: "name" }, FIELD_NAMES[field]), el("span", { class: empty ? "value unknown" : "value" }, value, qualifier ? el("small", {}, qualifier) : null)),
    detail);
}

/** Who claims and who holds the place, where that is contested: data of the package, not words of the reports. */
function contestedPlaces(incident) {
  if (!incident.contested.length) return null;
  return section("Contested place", incident.contested.map((area) => el("div", { class: "said" },
    el("p", { class: "from" }, el("strong", {}, area.name), LIES[area.lies] ? ` · ${LIES[area.lies]}` : "", area.disputed ? "" : " · not disputed on these days"),
    el("p", {}, `Claimed by: ${area.claimed_by.map(tenureText).join("; ") || "nobody that is told"}`),
    el("p", {}, `Held by: ${area.held_by.map(tenureText).join("; ") || "unknown"}`),
    el("p", { class: "note" }, `${area.note ? `${area.note} ` : ""}Told up to ${area.as_of}${area.covered ? "" : ", which may be before the incident"}. Verify in: ${area.source}.`))),
    el("p", { class: "note" }, "Tarikh takes no side. The country above is the gazetteer's."));
}

const LIES = { near: "near such a place", part: "only a part of the named place is in it" };

function tenureText(each) {
  const days = [each.from ? `from ${each.from}` : "", each.to ? `to ${each.to}` : ""].filter(Boolean).join(" ");
  return [each.name, days].filter(Boolean).join(", ") + (each.part ? ` (${each.part})` : "");
}

/** Opens a field: its words are marked in every report, and quoted here with why they were read so. */
function openField(incident, field) {
  activeField = activeField === field ? null : field;
  for (const button of panel.querySelectorAll("[data-field]")) {
    const open = button.dataset.field === activeField;
    const detail = button.nextElementSibling;
    button.setAttribute("aria-expanded", String(open));
    detail.hidden = !open;
    detail.replaceChildren(...(open ? whyRows(incident, field) : []));
  }
  markField(activeField);
}

function markField(field) {
  for (const mark of panel.querySelectorAll("mark")) {
    mark.classList.toggle("on", field !== null && mark.dataset.fields.split(" ").includes(field));
  }
}

function whyRows(incident, field) {
  const corrected = incident.corrections.filter((correction) => correction.field === field).map((correction) =>
    el("p", { class: "note" }, `Set by ${correction.by} on ${dayText(correction.at)}: ${valueText(field, correction.value)}${correction.note ? ` (${correction.note})` : ""}`));
  const rows = mentionsOf(incident).filter((mention) => mention.evidence[field]).map((mention) => whyRow(mention, field));
  if (!rows.length && !corrected.length) return [el("p", { class: "note" }, "No report has words for this: it stays unknown, or follows from another field.")];
  return [...corrected, ...rows];
}

function whyRow(mention, field) {
  const report = DATA.reports[mention.report];
  const { spans, reason, confidence, rejected } = mention.evidence[field];
  const sure = Math.round(confidence * 100);
  return el("div", { class: "said" },
    el("p", { class: "from" }, el("strong", {}, report?.source ?? "Unknown source"), report?.published ? ` · ${dayText(report.published)}` : "",
      " · ", el("span", {}, valueText(field, mention.values[field])), el("span", { class: "sure", title: "How sure the coder is" }, `${sure}% sure`)),
    report ? spans.map((span) => el("button", { type: "button", class: "quote", dir: "auto", title: "Show it in the report", onclick: () => showInReport(mention.report, field) }, inContext(report, span))) : null,
    reason ? el("p", { class: "note" }, capital(reason)) : null,
    rejected.length ? el("p", { class: "note" }, `Also weighed: ${rejected.slice(0, 4).map((candidate) => candidate.value).join("; ")}`) : null);
}

function showInReport(reportId, field) {
  const article = byId(`report-${reportId}`);
  const mark = [...(article?.querySelectorAll("mark") ?? [])].find((each) => each.dataset.fields.split(" ").includes(field));
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  (mark ?? article)?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  article?.focus({ preventScroll: true });
}

// ---- ledger, links, sources ---------------------------------------------------------------------------------

/** Claims by field: who said it, when, on whose word; those that the incident's value rests on are marked. */
function ledgerTable(incident) {
  if (!incident.ledger.length) return null;
  const fields = [...new Set(incident.ledger.map((claim) => claim.field))];
  return section("Who said what", el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Ledger of claims" },
    el("table", { class: "ledger" },
      el("thead", {}, el("tr", {}, ["Claim", "Source", "Date", "Who says so", "Words"].map((words) => el("th", { scope: "col" }, words)))),
      fields.map((field) => el("tbody", {},
        el("tr", {}, el("th", { scope: "rowgroup", colspan: "5", class: "group" }, FIELD_NAMES[field] ?? field)),
        incident.ledger.filter((claim) => claim.field === field).map(claimRow))))));
}

function claimRow(claim) {
  return el("tr", { class: claim.chosen ? "used" : null },
    el("td", {}, el("strong", {}, valueText(claim.field, claim.value)), claim.chosen ? el("span", { class: "tick-used" }, " ✓ used") : null),
    el("td", {}, claim.source ?? "unknown"),
    el("td", { class: "nowrap" }, claim.published ? dayText(claim.published) : "no date"),
    el("td", {}, claim.attribution ?? "–"),
    el("td", { class: "words", dir: "auto" }, claim.words.length ? `“${claim.words.join(" … ")}”` : "–"));
}

function nameOfMention(id) {
  const mention = DATA.mentions[id];
  const report = mention && DATA.reports[mention.report];
  return report ? `${report.source ?? "Unknown source"} (${report.published ? dayText(report.published) : "no date"})` : id;
}

const VERDICTS = { same: "Same incident", different: "Different incidents", unsure: "Not sure" };

function linkRow(judgement) {
  const largest = Math.max(1, ...judgement.reasons.map((reason) => Math.abs(reason.weight)));
  return el("details", { class: "link" },
    el("summary", {}, el("strong", {}, VERDICTS[judgement.verdict] ?? judgement.verdict), ` · ${nameOfMention(judgement.left)} and ${nameOfMention(judgement.right)}`),
    el("p", { class: "note" }, `Judged by ${judgement.by.replace(/^user:/, "")}, score ${judgement.score.toFixed(1)}`),
    el("ul", { class: "reasons" }, judgement.reasons.map((reason) => el("li", {},
      el("span", { class: reason.weight < 0 ? "weight against" : "weight for" }, `${reason.weight < 0 ? "−" : "+"}${Math.abs(reason.weight).toFixed(1)}`),
      el("meter", { min: 0, max: largest, value: Math.abs(reason.weight), class: reason.weight < 0 ? "against" : "for", "aria-hidden": "true" }),
      el("span", {}, `${capital(reason.feature.replace(/_/g, " "))}: ${reason.value}`)))));
}

function links(incident) {
  const rows = [...incident.judgements].sort((a, b) => Math.abs(b.score) - Math.abs(a.score));
  if (!rows.length) return incident.reports.length > 1 ? null : section("How reports were linked", el("p", { class: "note" }, "Only one report tells of this incident."));
  return section("How reports were linked", rows.slice(0, 12).map(linkRow),
    rows.length > 12 ? el("p", { class: "note" }, `and ${rows.length - 12} more pairs`) : null);
}

function sources(incident) {
  return section("Sources", el("ol", { class: "sources" }, incident.reports.map((id) => DATA.reports[id]).filter(Boolean).map((report, number) =>
    el("li", {}, el("button", { type: "button", class: "quiet", onclick: () => showInReport(incident.reports[number], "") }, report.source ?? "Unknown source"),
      ` · ${report.published ? dayText(report.published) : "no date"}`, el("small", { dir: "auto" }, report.title)))));
}

function withheld(incident) {
  if (!incident.withheld.length) return null;
  return section("Withheld", el("p", { class: "note" }, "Known, and not shown here:"), el("ul", {}, incident.withheld.map((note) => el("li", {}, capital(note)))));
}

function section(title, ...children) {
  return el("section", { class: "part" }, el("h3", {}, title), children);
}

// ---- the panel itself ---------------------------------------------------------------------------------------

function drawPanel() {
  const incident = state.selected;
  const wasOpen = !panel.hidden;
  activeField = null;
  panel.hidden = !incident;
  // What the panel covers must not be reached by the keyboard either: the list, on a phone all the rest.
  byId("list").inert = Boolean(incident);
  const covers = Boolean(incident) && matchMedia("(max-width: 900px)").matches;
  for (const part of document.querySelectorAll(".top, .where-when, .foot")) part.inert = covers;
  document.body.classList.toggle("reading", Boolean(incident));
  if (!incident) return wasOpen ? giveFocusBack() : undefined;
  if (!wasOpen) cameFrom = document.activeElement;
  const place = state.order.indexOf(incident);
  panel.replaceChildren(
    el("nav", { class: "panel-nav", "aria-label": "Incident" },
      el("button", { type: "button", onclick: unselect }, "← List"),
      el("span", {}, place < 0 ? "outside the filters" : `${NUMBER.format(place + 1)} of ${NUMBER.format(state.order.length)}`),
      stepButton("Previous", "↑", state.order[place - 1]), stepButton("Next", "↓", place < 0 ? null : state.order[place + 1])),
    el("header", {},
      el("h2", { id: "panel-title", tabindex: "-1" }, glyph(incident.family, { size: 20, hollow: incident.toll === null }), `${capital(incident.label)}, ${placeText(incident)}`),
      el("p", { class: "lead" }, [aroundText(incident), whenText(incident)].filter(Boolean).join(" · ")),
      el("p", { class: "chips" }, statusChip(incident.status), incident.review === "unreviewed" ? null : el("span", { class: "chip" }, `${capital(incident.review)} by a person`),
        el("span", { class: "note" }, `${plural(incident.reports.length, "report", "reports")} · ${incident.id}`))),
    section("What is known", el("p", { class: "note" }, "Choose a field to see the words that it rests on."), el("div", { class: "fields" }, fieldsOf(incident).map((field) => fieldRow(incident, field)))),
    contestedPlaces(incident) ?? "",
    ledgerTable(incident) ?? "",
    sources(incident),
    withheld(incident) ?? "",
    links(incident) ?? "",
    section("Reports", incident.reports.map((id) => reportArticle(incident, id))));
  panel.scrollTop = 0;
  byId("panel-title").focus({ preventScroll: true });
  return undefined;
}

function stepButton(words, arrow, target) {
  return el("button", { type: "button", "aria-label": `${words} incident`, title: `${words} incident`, disabled: !target,
    onclick: () => { location.hash = addressOf(target); } }, arrow);
}

function giveFocusBack() {
  const target = cameFrom?.isConnected && cameFrom !== document.body ? cameFrom : byId("list");
  target.focus({ preventScroll: true });
  return undefined;
}

function startPanel() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.selected && !event.defaultPrevented) unselect();
  });
}
