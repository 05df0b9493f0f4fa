// Reports with the words marked that carry a field. Offsets are code points, so texts are cut by code points.

const LONG = 3500;

/** Marks of one report: {part: [{start, end, field}]} from the incident's mentions in it. */
function marksOf(incident, reportId) {
  const marks = { title: [], text: [] };
  for (const mention of mentionsOf(incident, reportId)) {
    for (const [field, evidence] of Object.entries(mention.evidence)) {
      for (const [part, start, end] of evidence.spans) marks[part]?.push({ start, end, field });
    }
  }
  return marks;
}

/** The incident's mentions (of one report, if one is named), in the order of its reports, the oldest first. */
function mentionsOf(incident, reportId) {
  return incident.members.map((id) => DATA.mentions[id]).filter((mention) => mention && (!reportId || mention.report === reportId))
    .sort((a, b) => incident.reports.indexOf(a.report) - incident.reports.indexOf(b.report));
}

/** The text in pieces, each with the fields whose words it belongs to; marks may overlap. */
function pieces(letters, marks) {
  const edges = new Set([0, letters.length]);
  const fitting = marks.filter(({ start, end }) => start >= 0 && end <= letters.length && start < end);
  for (const { start, end } of fitting) edges.add(start).add(end);
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, number) => {
    const end = sorted[number + 1];
    const fields = [...new Set(fitting.filter((mark) => mark.start <= start && mark.end >= end).map((mark) => mark.field))];
    return { start, end, fields };
  });
}

function markedNodes(letters, marks) {
  return pieces(letters, marks).map(({ start, end, fields }) => {
    const words = letters.slice(start, end).join("");
    if (!fields.length) return words;
    return el("mark", { "data-fields": fields.join(" "), title: fields.map((field) => FIELD_NAMES[field] ?? field).join(", ") }, words);
  });
}

/** Paragraph bounds of a text: [start, end) in code points. */
function paragraphs(letters) {
  const found = [];
  let start = 0;
  letters.forEach((letter, at) => {
    if (letter !== "\n") return;
    found.push([start, at + 1]);
    start = at + 1;
  });
  found.push([start, letters.length]);
  return found;
}

/** A long text shows its first paragraph and those with marked words, until all of it is asked for. */
function reportBody(text, marks) {
  const letters = Array.from(text);
  const body = el("div", { class: "body", dir: "auto" });
  const whole = () => body.replaceChildren(...markedNodes(letters, marks));
  const parts = paragraphs(letters);
  if (letters.length <= LONG || parts.length < 4 || !marks.length) {
    whole();
    return body;
  }
  const wanted = parts.map(([start, end], number) => number === 0 || marks.some((mark) => mark.start < end && mark.end > start));
  let gap = false;
  parts.forEach(([start, end], number) => {
    if (wanted[number]) {
      const inside = marks.filter((mark) => mark.start < end && mark.end > start)
        .map((mark) => ({ field: mark.field, start: Math.max(0, mark.start - start), end: Math.min(end, mark.end) - start }));
      body.append(...markedNodes(letters.slice(start, end), inside));
    } else if (!gap) body.append(el("span", { class: "gap" }, "[…]\n"));
    gap = !wanted[number];
  });
  const button = el("button", { type: "button", class: "quiet", onclick: () => { whole(); button.remove(); markField(activeField); } }, "Show the whole text");
  return el("div", {}, body, button);
}

function reportArticle(incident, reportId) {
  const report = DATA.reports[reportId];
  if (!report) return null;
  const marks = marksOf(incident, reportId);
  const address = report.url && webAddress(report.url);
  return el("article", { class: "report", id: `report-${reportId}`, lang: report.language, tabindex: "-1" },
    el("p", { class: "from", lang: "en" }, el("strong", {}, report.source ?? "Unknown source"), ` · ${report.published ? dayText(report.published) : "no date of publication"}`,
      address ? [" · ", el("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank", referrerpolicy: "no-referrer" }, "original ↗")] : null),
    el("h4", { dir: "auto" }, markedNodes(Array.from(report.title), marks.title)),
    reportBody(report.text, marks.text));
}

const AROUND = 55;

/** The words of a span with a little of what stands around them, cut between words. */
function inContext(report, [part, start, end]) {
  const letters = Array.from((part === "title" ? report.title : report.text) ?? "");
  let before = letters.slice(Math.max(0, start - AROUND), start).join("").replace(/\s+/g, " ");
  let after = letters.slice(end, end + AROUND).join("").replace(/\s+/g, " ");
  if (start > AROUND) before = `… ${before.replace(/^\S* /, "")}`;
  if (end + AROUND < letters.length) after = `${after.replace(/ \S*$/, "")} …`;
  return [before, el("b", {}, letters.slice(start, end).join("")), after];
}
