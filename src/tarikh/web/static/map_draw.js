// A box or an area drawn on the map becomes the filter. What is drawn is written into the form's own fields, which can be typed as well.

import { toldOf } from "./map_data.js";
import { disc } from "./map_style.js";

const NEAR_PX = 12;
const empty = { type: "FeatureCollection", features: [] };
const polygon = (ring) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } });
const line = (points) => ({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points } });
const corner = (point) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: point } });
const boxRing = ([west, south, east, north]) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
const collection = (features) => ({ type: "FeatureCollection", features });

/** The area in force as features. */
export function askedFeatures(asked) {
  if (!asked) return empty;
  const made = asked.rings.map(polygon);
  if (asked.around) made.push(polygon(disc([asked.around[0], asked.around[1]], asked.around[2])));
  return collection(made);
}

/** Buttons and pointer for drawing. Returns what the map must be told after its style has loaded anew. */
export function startDrawing(map, holder) {
  const find = (name) => document.querySelector(`#${name}`);
  const [boxField, areaField, hint] = [find("f-bbox"), find("f-area"), find("draw-hint")];
  const buttons = { box: find("draw-box"), area: find("draw-area") };
  const [finish, clear] = [find("draw-finish"), find("draw-clear")];
  const state = { mode: null, corners: [], start: null, ended: -1e9, shown: empty, asked: empty };

  const paint = () => {
    map.getSource("drawing")?.setData(state.shown);
    map.getSource("asked")?.setData(state.asked);
  };
  const show = (features) => {
    state.shown = collection(features);
    paint();
  };
  const submit = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));
  const at = (event) => {
    const frame = map.getCanvas().getBoundingClientRect();
    return map.unproject([event.clientX - frame.left, event.clientY - frame.top]);
  };
  const pair = ({ lng, lat }) => [Number(lng.toFixed(3)), Number(lat.toFixed(3))];

  function begin(mode) {
    const again = state.mode === mode;
    end();
    if (again) return;
    state.mode = mode;
    holder.dataset.drawing = mode;
    for (const handler of [map.dragPan, map.touchZoomRotate, map.doubleClickZoom, map.boxZoom]) handler.disable();
    buttons[mode].setAttribute("aria-pressed", "true");
    hint.textContent = hint.dataset[mode];
    hint.hidden = false;
    document.querySelector("#at").replaceChildren();
  }

  function end() {
    Object.assign(state, { mode: null, corners: [], start: null, ended: performance.now() });
    delete holder.dataset.drawing;
    for (const handler of [map.dragPan, map.touchZoomRotate, map.doubleClickZoom, map.boxZoom]) handler.enable();
    map.touchZoomRotate.disableRotation();
    for (const button of Object.values(buttons)) button.setAttribute("aria-pressed", "false");
    hint.hidden = finish.hidden = true;
    show([]);
  }

  function drawn(field, text) {
    const other = field === boxField ? areaField : boxField;
    end();
    other.value = "";
    field.value = text;
    submit(field);
  }

  function boxOf(to) {
    const [[x, y], [right, top]] = [state.start, to];
    return [Math.min(x, right), Math.min(y, top), Math.max(x, right), Math.max(y, top)];
  }

  function showArea(pointer) {
    const points = pointer ? [...state.corners, pointer] : state.corners;
    const features = state.corners.map(corner);
    if (points.length > 2) features.unshift(polygon([...points, points[0]]));
    else if (points.length > 1) features.unshift(line(points));
    show(features);
    finish.hidden = state.corners.length < 3;
  }

  function close() {
    if (state.corners.length < 3) return;
    drawn(areaField, state.corners.flat().join(","));
  }

  function addCorner(event) {
    const point = map.project(at(event));
    const first = state.corners.length > 2 && map.project(state.corners[0]);
    if (first && Math.hypot(first.x - point.x, first.y - point.y) < NEAR_PX) return close();
    state.corners.push(pair(at(event)));
    showArea();
  }

  const canvas = map.getCanvasContainer();
  const own = (event) => state.mode && event.isPrimary && (event.pointerType !== "mouse" || event.button === 0);
  canvas.addEventListener("pointerdown", (event) => {
    if (!own(event)) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    state.start = pair(at(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!state.mode) return;
    if (state.mode === "box" && state.start) show([polygon(boxRing(boxOf(pair(at(event)))))]);
    if (state.mode === "area" && event.pointerType === "mouse") showArea(pair(at(event)));
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!state.mode || !state.start) return;
    if (state.mode === "area") {
      state.start = null;
      return addCorner(event);
    }
    const [west, south, east, north] = boxOf(pair(at(event)));
    if (west === east || south === north) return void (state.start = null);
    drawn(boxField, toldOf([west, south, east, north]).map((degrees) => degrees.toFixed(3)).join(","));
  });
  canvas.addEventListener("pointercancel", () => { state.start = null; });
  canvas.addEventListener("dblclick", () => { if (state.mode === "area") close(); });
  document.addEventListener("keydown", (event) => {
    if (!state.mode || event.target.closest("input, select, textarea")) return;
    if (event.key === "Escape") end();
    else if (state.mode === "area" && event.key === "Enter" && !event.target.closest("button, a")) close();
    else if (state.mode === "area" && event.key === "Backspace") {
      state.corners.pop();
      showArea();
    } else return;
    event.preventDefault();
  });
  for (const [mode, button] of Object.entries(buttons)) button.addEventListener("click", () => begin(mode));
  finish.addEventListener("click", close);
  clear.addEventListener("click", () => {
    boxField.value = areaField.value = "";
    submit(boxField);
  });

  return {
    paint,
    // The click that ends a drawing is none on what lies under it.
    active: () => state.mode !== null || performance.now() - state.ended < 400,
    /** The area in force, as the server told it. */
    follow(asked) {
      state.asked = askedFeatures(asked);
      clear.hidden = !asked?.rings.length;
      paint();
    },
  };
}
