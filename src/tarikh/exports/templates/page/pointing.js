// Pointing at the map: dragging, pinching, hovering, choosing; and its keys.

const tip = byId("tip");
const here = byId("here");
const fingers = new Map();
let dragged = 0;

function pointOf(event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** The incidents under a point, the one drawn last first. */
function incidentsAt(x, y, slack) {
  return spots.filter((spot) => Math.hypot(spot.x - x, spot.y - y) <= spot.r + slack).reverse().map((spot) => spot.incident);
}

function shortText(incident) {
  return `${capital(incident.label)}, ${placeText(incident)}`;
}

function placeBox(box, x, y) {
  box.hidden = false;
  const left = Math.min(x + 14, view.width - box.offsetWidth - 8);
  const top = y + 14 + box.offsetHeight > view.height ? y - box.offsetHeight - 10 : y + 14;
  box.style.left = `${Math.max(8, left)}px`;
  box.style.top = `${Math.max(8, top)}px`;
}

function hover(x, y) {
  const found = incidentsAt(x, y, 2);
  canvas.style.cursor = found.length ? "pointer" : "grab";
  if (!found.length || !here.hidden) {
    tip.hidden = true;
    return;
  }
  const [first] = found;
  tip.replaceChildren(
    el("strong", {}, glyph(first.family), " ", shortText(first)),
    el("span", {}, `${whenText(first)} · killed: ${countText(first.harm.killed)}`),
    first.status === "reported" ? null : el("span", {}, `${STATUSES[first.status]?.[0]}: ${STATUSES[first.status]?.[1]}`),
    found.length > 1 ? el("span", {}, `and ${plural(found.length - 1, "more incident", "more incidents")} here`) : null,
  );
  placeBox(tip, x, y);
}

function choose(x, y, slack) {
  const found = incidentsAt(x, y, slack);
  tip.hidden = true;
  here.hidden = true;
  if (found.length === 1) location.hash = addressOf(found[0]);
  else if (found.length > 1) offer(found, x, y);
}

/** Several incidents lie on each other: a short list to choose from. */
function offer(found, x, y) {
  here.replaceChildren(
    el("p", {}, plural(found.length, "incident here", "incidents here")),
    el("ul", {}, found.slice(0, 40).map((incident) => el("li", {},
      el("a", { href: addressOf(incident), onclick: () => { here.hidden = true; } },
        glyph(incident.family, { hollow: incident.toll === null }), el("span", {}, shortText(incident), el("small", {}, `${whenText(incident)} · killed: ${countText(incident.harm.killed)}`)))))),
    found.length > 40 ? el("p", {}, "Zoom in for the others.") : null,
  );
  placeBox(here, x, y);
  here.querySelector("a").focus({ preventScroll: true });
}

function onPointerDown(event) {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, pointOf(event));
  dragged = fingers.size > 1 ? 99 : 0;
  here.hidden = true;
}

function onPointerMove(event) {
  const now = pointOf(event);
  const before = fingers.get(event.pointerId);
  if (!before) return hover(...now);
  if (fingers.size === 2) {
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
    const spread = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
    zoomAt(spread(now) / spread(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    moveBy((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  } else {
    dragged += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    moveBy(now[0] - before[0], now[1] - before[1]);
  }
  tip.hidden = true;
  fingers.set(event.pointerId, now);
  return undefined;
}

function onPointerUp(event) {
  const wasDown = fingers.delete(event.pointerId);
  if (wasDown && event.type === "pointerup" && dragged < 6) choose(...pointOf(event), event.pointerType === "touch" ? 10 : 3);
}

const KEYS = {
  ArrowLeft: () => moveBy(60, 0),
  ArrowRight: () => moveBy(-60, 0),
  ArrowUp: () => moveBy(0, 60),
  ArrowDown: () => moveBy(0, -60),
  "+": () => zoomAt(1.5),
  "=": () => zoomAt(1.5),
  "-": () => zoomAt(1 / 1.5),
  0: showAll,
};

function startPointing() {
  canvas.addEventListener("pointerdown", onPointerDown);
  canvas.addEventListener("pointermove", onPointerMove);
  canvas.addEventListener("pointerup", onPointerUp);
  canvas.addEventListener("pointercancel", onPointerUp);
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode ? 20 : 1;
    zoomAt(Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) * 0.004), ...pointOf(event));
  }, { passive: false });
  canvas.addEventListener("dblclick", (event) => zoomAt(2, ...pointOf(event)));
  canvas.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? null : KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  here.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    here.hidden = true;
    canvas.focus();
  });
  const buttons = { in: () => zoomAt(1.6), out: () => zoomAt(1 / 1.6), all: showAll };
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", buttons[button.dataset.zoom]);
}
