// Symbols of the map: shape and color say the kind's family, size the toll, the base how precise the place is.

const SHAPES = {
  battle: "M0,-1.2L1.2,0L0,1.2L-1.2,0Z",
  remote: "M0,-1.2L1.12,0.8L-1.12,0.8Z",
  civilians: "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
  crowd: "M-0.9,-0.9H0.9V0.9H-0.9Z",
  strategic: "M-0.42,-1.1H0.42V-0.42H1.1V0.42H0.42V1.1H-0.42V0.42H-1.1V-0.42H-0.42Z",
};
const SHAPE_PATHS = Object.fromEntries(Object.entries(SHAPES).map(([name, path]) => [name, new Path2D(path)]));
const STEM = 7;
const AREAS = { admin2: { km: 20, least: 20 }, admin1: { km: 55, least: 28 }, country: { km: 140, least: 40 } };
const WIDEST = 150;

/** Radius in pixels; area grows with the toll. An unknown toll has a middling size of its own and is hollow. */
function radiusOf(toll) {
  return toll === null ? 6.5 : Math.min(24, 4.5 + 1.35 * Math.sqrt(toll));
}

/** Draws one incident at pixel (x, y); `kmPixels` is how many pixels a kilometer takes there, `shrink` (to 1) makes
 * it smaller where many are in view. Returns where to hit it. */
function drawSymbol(pen, incident, x, y, kmPixels, colors, chosen, shrink = 1) {
  const color = colors[incident.family];
  const r = radiusOf(incident.toll) * shrink;
  const area = AREAS[incident.place_precision];
  if (area) return drawArea(pen, incident, x, y, Math.min(WIDEST, Math.max(area.least, area.km * kmPixels)), color, colors, chosen, shrink);
  if (incident.place_precision === "near") {
    pen.lineWidth = 1.5;
    pen.strokeStyle = color;
    pen.beginPath();
    pen.arc(x, y, r + 6 * shrink, 0, 7);
    pen.fillStyle = withAlpha(color, 0.14);
    pen.fill();
    pen.stroke();
    if (chosen) ring(pen, x, y, r + 9, colors);
    drawShape(pen, incident, x, y, r, color, colors);
    return { x, y, r: r + 6 * shrink };
  }
  const head = y - r - STEM * shrink;
  pen.strokeStyle = color;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x, head);
  pen.lineTo(x, y);
  pen.stroke();
  pen.fillStyle = color;
  pen.beginPath();
  pen.arc(x, y, 2.4 * shrink, 0, 7);
  pen.fill();
  if (chosen) ring(pen, x, head, r + 5, colors);
  drawShape(pen, incident, x, head, r, color, colors);
  return { x, y: head, r: r + 3 };
}

function drawShape(pen, incident, x, y, r, color, colors) {
  pen.save();
  pen.translate(x, y);
  pen.scale(r, r);
  const shape = SHAPE_PATHS[incident.family];
  if (incident.toll === null) {
    pen.fillStyle = colors.paper;
    pen.fill(shape);
    pen.lineWidth = 1.8 / r;
    pen.setLineDash([3 / r, 2 / r]);
    pen.strokeStyle = color;
    pen.stroke(shape);
  } else {
    // What is only claimed, alleged or disputed must not look like what is reported: it is pale.
    const sure = incident.status === "reported";
    pen.fillStyle = colors.paper;
    pen.fill(shape);
    pen.fillStyle = sure ? color : withAlpha(color, 0.35);
    pen.fill(shape);
    pen.lineWidth = (sure ? 1.2 : 1.5) / r;
    pen.strokeStyle = sure ? colors.paper : color;
    pen.stroke(shape);
  }
  pen.restore();
}

/** A soft patch with no point in it: somewhere within this unit. The toll is written, since there is no pin to size. */
function drawArea(pen, incident, x, y, r, color, colors, chosen, shrink) {
  const soft = pen.createRadialGradient(x, y, r * 0.15, x, y, r);
  soft.addColorStop(0, withAlpha(color, chosen ? 0.5 : 0.34 * shrink * shrink));
  soft.addColorStop(0.7, withAlpha(color, chosen ? 0.3 : 0.18 * shrink * shrink));
  soft.addColorStop(1, withAlpha(color, 0));
  pen.fillStyle = soft;
  pen.beginPath();
  pen.arc(x, y, r, 0, 7);
  pen.fill();
  pen.save();
  pen.translate(x, y);
  const size = Math.min(r * 0.5, 34);
  pen.scale(size, size);
  pen.strokeStyle = withAlpha(color, 0.75);
  pen.lineWidth = 1.3 / size;
  if (incident.toll === null) pen.setLineDash([3 / size, 3 / size]);
  pen.stroke(SHAPE_PATHS[incident.family]);
  pen.restore();
  pen.fillStyle = colors.ink;
  pen.font = `600 11px ${colors.font}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(incident.toll === null ? "?" : NUMBER.format(incident.toll), x, y + (incident.family === "remote" ? 2 : 0));
  if (chosen) ring(pen, x, y, size + 8, colors);
  return { x, y, r: Math.max(14, r * 0.6) };
}

function ring(pen, x, y, r, colors) {
  pen.save();
  pen.lineWidth = 2.5;
  pen.strokeStyle = colors.accent;
  pen.beginPath();
  pen.arc(x, y, r, 0, 7);
  pen.stroke();
  pen.restore();
}

/** How many incidents share this very point; they lie on each other, so the number is written beside them. */
function drawTally(pen, spot, number, colors) {
  const text = String(number);
  const x = spot.x + spot.r * 0.75 + 3;
  const y = spot.y - spot.r * 0.75 - 2;
  pen.font = `700 10px ${colors.font}`;
  const half = Math.max(8, pen.measureText(text).width / 2 + 4);
  pen.fillStyle = colors.ink;
  pen.beginPath();
  pen.roundRect(x - half, y - 8, half * 2, 16, 8);
  pen.fill();
  pen.fillStyle = colors.paper;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, x, y + 0.5);
}

const withAlpha = (color, alpha) => color + Math.round(alpha * 255).toString(16).padStart(2, "0");

/** The family's shape as a small picture beside words. */
function glyph(family, { hollow = false, size = 14 } = {}) {
  return svg("svg", { viewBox: "-1.5 -1.5 3 3", width: size, height: size, class: `glyph ${family}`, "aria-hidden": "true" },
    svg("path", hollow
      ? { d: SHAPES[family], fill: "none", stroke: "currentColor", "stroke-width": 0.3, "stroke-dasharray": "0.5 0.35" }
      : { d: SHAPES[family], fill: "currentColor" }));
}
