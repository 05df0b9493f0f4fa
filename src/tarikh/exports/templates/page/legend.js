// What the symbols of the map mean; the families switch on and off.

/** A symbol as the map draws it, on a small canvas of its own, so the legend cannot differ from the map. */
function sample(incident, width, height, x, y) {
  const dots = window.devicePixelRatio || 1;
  const small = el("canvas", { width: width * dots, height: height * dots, "aria-hidden": "true" });
  small.style.width = `${width}px`;
  small.style.height = `${height}px`;
  const own = small.getContext("2d");
  own.scale(dots, dots);
  drawSymbol(own, { family: "civilians", status: "reported", ...incident }, x, y, 0, colors, false);
  return small;
}

function familyButton(family) {
  const count = INCIDENTS.filter((incident) => incident.family === family).length;
  return el("button", {
    type: "button", class: "family", "data-family": family, "aria-pressed": "true", disabled: count === 0,
    onclick: () => toggleFamily(family),
  }, glyph(family), el("span", {}, FAMILIES[family]), el("span", { class: "tally" }, NUMBER.format(count)));
}

function toggleFamily(family) {
  const on = new Set(state.filters.families ?? Object.keys(FAMILIES));
  if (!on.delete(family)) on.add(family);
  filter({ families: on.size === Object.keys(FAMILIES).length ? null : on });
}

function drawLegend() {
  const toll = (number, words) => el("li", {}, sample({ toll: number, place_precision: "exact" }, 40, 50, 20, 46), words);
  const place = (precision, words) => el("li", {}, sample({ toll: 3, place_precision: precision }, 58, 50, 29, precision === "exact" ? 40 : 24), words);
  const legend = byId("legend");
  const before = legend.querySelector("details");
  const open = before ? before.open : innerWidth > 900 && innerHeight > 700;
  legend.replaceChildren(
    el("div", { class: "families", role: "group", "aria-label": "Kinds shown" }, Object.keys(FAMILIES).map(familyButton)),
    el("details", { open }, el("summary", {}, "How to read the symbols"),
      el("div", { class: "samples" },
        el("div", {}, el("h3", {}, "Place"),
          el("ul", {}, place("exact", "at the place"), place("near", "near it"), place("admin1", "within an area"))),
        el("div", {}, el("h3", {}, "People killed"),
          el("ul", {}, toll(null, "not stated"), toll(0, "none"), toll(10, "10"), toll(60, "60"))),
        el("div", {}, el("h3", {}, "Not settled"),
          el("ul", {}, el("li", {}, sample({ toll: 10, place_precision: "exact", status: "claimed" }, 40, 50, 20, 46), "claim, accusation"))))),
  );
  markFamilies();
}

function markFamilies() {
  for (const button of document.querySelectorAll("[data-family]")) {
    button.setAttribute("aria-pressed", String(!state.filters.families || state.filters.families.has(button.dataset.family)));
  }
}
