// The map: outlines and incidents on one canvas; moved by mouse, touch and keyboard.

const canvas = byId("map");
const pen = canvas.getContext("2d");
const view = { x: 0.5, y: 0.5, scale: 400, width: 0, height: 0 };
const EARTH_KM = 40075;
const LARGEST = 400000;
let outlines = [];
let colors = {};
let spots = [];
let drawing = false;

/** Web Mercator onto the unit square; beyond 85° there is nothing to draw. */
function project(longitude, latitude) {
  const phi = (Math.max(-85, Math.min(85, latitude)) * Math.PI) / 180;
  return [longitude / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + phi / 2)) / (2 * Math.PI)];
}

/** Undoes the build script's encoding: zigzag steps, five bits a letter, the lowest first. */
function decodeRing(text, unit, letters) {
  const points = [];
  const at = [0, 0];
  let axis = 0, value = 0, shift = 0;
  for (const letter of text) {
    const bits = letters.get(letter);
    value += (bits & 31) * 2 ** shift;
    if (bits & 32) {
      shift += 5;
      continue;
    }
    at[axis] += value % 2 ? -(value + 1) / 2 : value / 2;
    if (axis) points.push(project(at[0] * unit, at[1] * unit));
    axis ^= 1;
    value = shift = 0;
  }
  return points;
}

function readOutlines({ countries, unit, alphabet }) {
  const letters = new Map([...alphabet].map((letter, number) => [letter, number]));
  outlines = countries.map((country) => {
    const path = new Path2D();
    const box = [1, 1, 0, 0];
    let widest = 0;
    for (const text of country.rings) {
      const points = decodeRing(text, unit, letters);
      const xs = points.map((point) => point[0]);
      points.forEach(([x, y], number) => {
        if (number) path.lineTo(x, y);
        else path.moveTo(x, y);
        box[0] = Math.min(box[0], x);
        box[1] = Math.min(box[1], y);
        box[2] = Math.max(box[2], x);
        box[3] = Math.max(box[3], y);
      });
      path.closePath();
      widest = Math.max(widest, Math.max(...xs) - Math.min(...xs));
    }
    return { id: country.id, name: country.name, label: project(...country.label), path, box, widest };
  });
}

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ink", "paper", "water", "land", "border", "muted", "accent", ...Object.keys(FAMILIES)];
  colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  colors.font = "system-ui, sans-serif";
}

const toPixels = ([x, y]) => [(x - view.x) * view.scale + view.width / 2, (y - view.y) * view.scale + view.height / 2];

function drawSoon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

function draw() {
  const dots = window.devicePixelRatio || 1;
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  pen.fillStyle = colors.water;
  pen.fillRect(0, 0, view.width, view.height);
  drawLand(dots);
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  const taken = [];
  drawIncidents(taken);
  drawPlaceNames(taken);
  drawCountryNames(taken);
  drawScale();
}

function drawLand(dots) {
  const [left, top] = toPixels([0, 0]);
  pen.setTransform(view.scale * dots, 0, 0, view.scale * dots, left * dots, top * dots);
  const half = { x: view.width / view.scale / 2, y: view.height / view.scale / 2 };
  const seen = outlines.filter(({ box }) =>
    box[0] < view.x + half.x && box[2] > view.x - half.x && box[1] < view.y + half.y && box[3] > view.y - half.y);
  pen.lineWidth = 0.9 / view.scale;
  pen.lineJoin = "round";
  pen.strokeStyle = colors.border;
  pen.fillStyle = colors.land;
  for (const { path } of seen) pen.fill(path, "evenodd");
  const chosen = state.selected;
  if (chosen?.place_precision === "country") {
    pen.fillStyle = withAlpha(colors[chosen.family], 0.16);
    for (const { id, path } of seen) if (id === chosen.country) pen.fill(path, "evenodd");
  }
  for (const { path } of seen) pen.stroke(path);
}

const hasPoint = (incident) => incident.latitude !== null && incident.longitude !== null && incident.place_precision !== "unknown";
const DEPTH = { country: 0, admin1: 1, admin2: 2, near: 3, exact: 4 };

function onMap() {
  return state.shown.filter(hasPoint).sort((a, b) =>
    DEPTH[a.place_precision] - DEPTH[b.place_precision] || (b.toll ?? 1) - (a.toll ?? 1));
}

function drawIncidents(taken) {
  const together = new Map();
  spots = [];
  const rows = onMap();
  if (state.selected && rows.includes(state.selected)) rows.push(rows.splice(rows.indexOf(state.selected), 1)[0]);
  const seen = rows.map((incident) => [incident, ...toPixels((incident.point ??= project(incident.longitude, incident.latitude)))])
    .filter(([, x, y]) => x > -WIDEST && y > -WIDEST && x < view.width + WIDEST && y < view.height + WIDEST);
  const shrink = Math.max(0.6, Math.min(1, Math.sqrt(150 / seen.length)));
  for (const [incident, x, y] of seen) {
    const kmPixels = view.scale / (EARTH_KM * Math.cos((incident.latitude * Math.PI) / 180));
    const spot = { ...drawSymbol(pen, incident, x, y, kmPixels, colors, incident === state.selected, shrink), incident, at: [x, y] };
    spots.push(spot);
    const key = `${incident.latitude},${incident.longitude},${DEPTH[incident.place_precision] < 3}`;
    together.set(key, [...(together.get(key) ?? []), spot]);
    if (AREAS[incident.place_precision]) taken.push([x - 12, y - 8, x + 12, y + 8]);
    else taken.push([spot.x - spot.r, spot.y - spot.r, spot.x + spot.r, y + 3]);
  }
  for (const group of together.values()) {
    if (group.length > 1) drawTally(pen, group.reduce((a, b) => (b.r > a.r ? b : a)), group.length, colors);
  }
}

const meets = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

function write(text, x, y, align, taken, style) {
  pen.font = style.font;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  const width = pen.measureText(text).width;
  const left = align === "center" ? x - width / 2 : x;
  const box = [left - 2, y - 8, left + width + 2, y + 8];
  if (taken.some((other) => meets(box, other))) return;
  taken.push(box);
  pen.lineWidth = 3;
  pen.strokeStyle = withAlpha(colors.land, 0.85);
  pen.lineJoin = "round";
  pen.strokeText(text, x, y);
  pen.fillStyle = style.color;
  pen.fillText(text, x, y);
}

/** Names of towns with incidents, once each, where there is room. */
function drawPlaceNames(taken) {
  const named = new Set();
  const style = { font: `500 11px ${colors.font}`, color: colors.ink };
  for (const spot of [...spots].reverse()) {
    const { place, place_precision: precision } = spot.incident;
    if (!place || AREAS[precision] || named.has(place)) continue;
    named.add(place);
    write(place, spot.x + spot.r + 4, precision === "exact" ? spot.at[1] : spot.y, "left", taken, style);
  }
}

function drawCountryNames(taken) {
  const style = { font: `600 11px ${colors.font}`, color: colors.muted };
  for (const { name, label, widest } of outlines) {
    if (!name || widest * view.scale < name.length * 7.5) continue;
    const [x, y] = toPixels(label);
    if (x > 0 && y > 0 && x < view.width && y < view.height) write(name.toUpperCase(), x, y, "center", taken, style);
  }
}

function drawScale() {
  const latitude = (Math.atan(Math.sinh(Math.PI * (1 - 2 * view.y))) * 180) / Math.PI;
  const kmPixels = view.scale / (EARTH_KM * Math.cos((latitude * Math.PI) / 180));
  const km = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].findLast((step) => step * kmPixels < 110) ?? 1;
  const x = 14, y = view.height - 16, width = km * kmPixels;
  pen.strokeStyle = pen.fillStyle = colors.muted;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x, y - 5);
  pen.lineTo(x, y);
  pen.lineTo(x + width, y);
  pen.lineTo(x + width, y - 5);
  pen.stroke();
  pen.font = `500 11px ${colors.font}`;
  pen.textAlign = "left";
  pen.textBaseline = "alphabetic";
  pen.fillText(`${NUMBER.format(km)} km`, x + 5, y - 5);
}

// ---- moving -------------------------------------------------------------------------------------------------

function smallest() {
  return Math.max(view.width, 320);
}

function settle() {
  view.scale = Math.max(smallest(), Math.min(LARGEST, view.scale));
  view.x = Math.max(0, Math.min(1, view.x));
  view.y = Math.max(0, Math.min(1, view.y));
  drawSoon();
}

/** Zooms by a factor and keeps the point under (px, py) where it is. */
function zoomAt(factor, px = view.width / 2, py = view.height / 2) {
  const scale = Math.max(smallest(), Math.min(LARGEST, view.scale * factor));
  const gain = 1 / view.scale - 1 / scale;
  view.x += (px - view.width / 2) * gain;
  view.y += (py - view.height / 2) * gain;
  view.scale = scale;
  settle();
}

function moveBy(dx, dy) {
  view.x -= dx / view.scale;
  view.y -= dy / view.scale;
  settle();
}

/** Shows all incidents that pass the filters, never closer than a region. */
function showAll() {
  const points = onMap().map((incident) => project(incident.longitude, incident.latitude));
  if (!points.length) {
    Object.assign(view, { x: 0.5, y: 0.5, scale: smallest() });
    return settle();
  }
  const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  view.x = (west + east) / 2;
  view.y = (north + south) / 2;
  const room = 90;
  view.scale = Math.min((view.width - room) / Math.max(east - west, 1e-6), (view.height - room) / Math.max(south - north, 1e-6), 14000);
  return settle();
}

/** Brings a selected incident into view without zooming. */
function bringIntoView(incident) {
  if (!incident || !hasPoint(incident)) return;
  const [x, y] = toPixels(project(incident.longitude, incident.latitude));
  if (x < 40 || y < 50 || x > view.width - 40 || y > view.height - 40) [view.x, view.y] = project(incident.longitude, incident.latitude);
  drawSoon();
}

function resizeMap() {
  const { clientWidth: width, clientHeight: height } = canvas.parentElement;
  if (!width || !height) return;
  const first = !view.width;
  const dots = window.devicePixelRatio || 1;
  Object.assign(view, { width, height });
  canvas.width = width * dots;
  canvas.height = height * dots;
  if (first) showAll();
  else settle();
}

function describeMap() {
  const placed = state.shown.filter(hasPoint).length;
  const rest = state.shown.length - placed;
  canvas.dataset.shown = String(placed);
  byId("map-note").textContent = rest ? `${plural(rest, "incident has", "incidents have")} no known place: see the list` : "";
}
