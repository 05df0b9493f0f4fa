// The map of the current filter: what it draws, and what the pointer does on it.

import { boxOf, followData } from "./map_data.js";
import { askedFeatures, startDrawing } from "./map_draw.js";
import { outlinesOf } from "./outlines.js";
import { CLICKABLE, areasOf, styleOf } from "./map_style.js";
import { addSymbols, colors } from "./symbols.js";

const results = () => document.querySelector("#results[data-at]");
const empty = { type: "FeatureCollection", features: [] };

/** The box around points, or null; of two ways around the world the shorter one. */
function boundsOf(points) {
  if (!points.length) return null;
  const span = (list) => [Math.min(...list), Math.max(...list)];
  const plain = span(points.map(([x]) => x));
  const turned = span(points.map(([x]) => (x < 0 ? x + 360 : x)));
  const [west, east] = turned[1] - turned[0] < plain[1] - plain[0] ? turned : plain;
  const [south, north] = span(points.map(([, y]) => y));
  return [[west, south], [east, north]];
}

export async function startMap(htmx) {
  const holder = document.querySelector("#map");
  const library = await import(holder.dataset.library);
  library.setWorkerUrl(new URL(holder.dataset.worker, location.href).href);
  const outlines = outlinesOf(await (await fetch(holder.dataset.outlines)).json());
  const map = new library.Map({
    container: holder, style: styleOf(outlines, colors()), center: [15, 15], zoom: 1.4, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 12, fadeDuration: 0,
    locale: { "NavigationControl.ZoomIn": holder.dataset.zoomIn, "NavigationControl.ZoomOut": holder.dataset.zoomOut, "Map.Title": holder.dataset.label },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "bottom-right");
  const view = { spots: empty };
  const paint = () => {
    map.getSource("spots")?.setData(view.spots);
    map.getSource("areas")?.setData(areasOf(view.spots));
  };
  const drawing = startDrawing(map, holder);
  const dress = () => {
    addSymbols(map, colors());
    paint();
    drawing.paint();
  };
  map.on("style.load", dress);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.setStyle(styleOf(outlines, colors()), { diff: false }));

  const fit = (spots) => {
    const area = boundsOf(askedFeatures(spots.asked).features.flatMap((each) => each.geometry.coordinates[0]));
    const bounds = area ?? boundsOf(spots.features.map((spot) => spot.geometry.coordinates));
    // Who drew an area, or chose what is shown, sees it already.
    const seen = area && holder.dataset.spots && contains(map.getBounds(), bounds) && map.getZoom() > 2;
    if (bounds && !seen) map.fitBounds(bounds, { padding: area ? 30 : 50, maxZoom: area ? 12 : 5, duration: 0 });
  };
  pointing(map, holder, htmx, drawing);
  tools(map);
  map.once("load", () => {
    holder.dataset.ready = "yes";
    followData(map, holder, (spots) => { view.spots = spots; paint(); drawing.follow(spots.asked); }, fit);
  });
}

const contains = (shown, [[west, south], [east, north]]) => {
  const slack = 0.02;
  return shown.getWest() <= west + slack && shown.getSouth() <= south + slack && shown.getEast() >= east - slack && shown.getNorth() >= north - slack;
};

function tools(map) {
  const box = document.querySelector("#f-bbox");
  const submit = () => box.dispatchEvent(new Event("change", { bubbles: true }));
  document.querySelector(".map-tools").hidden = false;
  document.querySelector("#map-here").addEventListener("click", () => {
    box.value = boxOf(map).map((degrees) => degrees.toFixed(3)).join(",");
    submit();
  });
  document.querySelector("#map-anywhere").addEventListener("click", () => {
    map.easeTo({ center: [15, 15], zoom: 1.4 });
    if (!box.value) return;
    box.value = "";
    submit();
  });
}

/** Words at the pointer, and the incidents of a place that is chosen. */
function pointing(map, holder, htmx, drawing) {
  const tip = document.createElement("div");
  tip.className = "map-tip";
  tip.hidden = true;
  holder.parentElement.append(tip);
  const under = (point) => {
    if (drawing.active()) return undefined;
    const layers = CLICKABLE.filter((layer) => map.getLayer(layer));
    return map.queryRenderedFeatures([[point.x - 3, point.y - 3], [point.x + 3, point.y + 3]], { layers })[0];
  };
  map.on("mousemove", ({ point }) => {
    const feature = under(point);
    map.getCanvas().style.cursor = drawing.active() ? "crosshair" : feature ? "pointer" : "";
    tip.hidden = !feature;
    if (!feature) return;
    const title = document.createElement("b");
    title.textContent = feature.properties.title;
    tip.replaceChildren(title, feature.properties.toll);
    tip.style.left = `${Math.min(point.x + 12, holder.clientWidth - 200)}px`;
    tip.style.top = `${Math.min(point.y + 12, holder.clientHeight - 60)}px`;
  });
  map.on("mouseout", () => { tip.hidden = true; });
  map.on("click", ({ point }) => {
    const feature = under(point);
    if (!feature) return;
    if (feature.properties.precision === "cell") {
      const [west, south, east, north] = JSON.parse(feature.properties.box);
      map.fitBounds([[west, south], [east, north]], { padding: 20, maxZoom: Math.min(12, map.getZoom() + 3) });
      return;
    }
    const address = new URL(results().dataset.at, location.href);
    for (const [name, value] of new URLSearchParams(feature.properties.at)) address.searchParams.append(name, value);
    htmx.ajax("GET", address.pathname + address.search, { target: "#at" });
  });
}
