// The map of the current filter. It asks the server for places, never for single incidents, so that it stays quick.

import { outlinesOf } from "./outlines.js";
import { CLICKABLE, areasOf, styleOf, togetherIf } from "./map_style.js";
import { addSymbols, colors } from "./symbols.js";

const results = () => document.querySelector("#results[data-map]");
const empty = { type: "FeatureCollection", features: [] };

/** The box around all spots, or null; of two ways around the world the shorter one. */
function boundsOf(spots) {
  if (!spots.features.length) return null;
  const points = spots.features.map((spot) => spot.geometry.coordinates);
  const span = (list) => [Math.min(...list), Math.max(...list)];
  const plain = span(points.map(([x]) => x));
  const turned = span(points.map(([x]) => (x < 0 ? x + 360 : x)));
  const [west, east] = turned[1] - turned[0] < plain[1] - plain[0] ? turned : plain;
  const [south, north] = span(points.map(([, y]) => y));
  return [[west, south], [east, north]];
}

function boxOf(map) {
  const around = (x) => ((((x + 180) % 360) + 360) % 360) - 180;
  const bounds = map.getBounds();
  const [west, south, east, north] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  if (east - west >= 360) return [-180, Math.max(-90, south), 180, Math.min(90, north)];
  return [around(west), Math.max(-90, south), around(east), Math.min(90, north)];
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
  const view = { spots: empty, asked: 0, shown: "" };
  const paint = () => {
    map.getSource("spots")?.setClusterOptions(togetherIf(view.spots.features.length));
    map.getSource("spots")?.setData(view.spots);
    map.getSource("areas")?.setData(areasOf(view.spots));
  };
  const dress = () => {
    addSymbols(map, colors());
    paint();
  };
  map.on("style.load", dress);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map.setStyle(styleOf(outlines, colors()), { diff: false }));

  async function draw() {
    const address = results()?.dataset.map;
    if (!address || address === view.shown) return;
    view.shown = address;
    const number = (view.asked += 1);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || number !== view.asked) return;
    view.spots = await answer.json();
    paint();
    holder.dataset.spots = String(view.spots.features.length);
    document.querySelector("#at").replaceChildren();
    const bounds = boundsOf(view.spots);
    if (bounds && !address.includes("bbox=")) map.fitBounds(bounds, { padding: 50, maxZoom: 5, duration: 0 });
  }

  document.addEventListener("htmx:after:swap", draw);
  pointing(map, holder, htmx);
  tools(map);
  map.once("load", () => {
    holder.dataset.ready = "yes";
    draw();
  });
}

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

/** Comes so near that places that stand together come apart. */
async function nearer(map, feature) {
  const zoom = await map.getSource("spots").getClusterExpansionZoom(feature.properties.cluster_id);
  map.easeTo({ center: feature.geometry.coordinates, zoom: zoom + 0.2 });
}

/** Words at the pointer, and the incidents of a place that is chosen. */
function pointing(map, holder, htmx) {
  const tip = document.createElement("div");
  tip.className = "map-tip";
  tip.hidden = true;
  holder.parentElement.append(tip);
  const under = (point) => {
    const layers = CLICKABLE.filter((layer) => map.getLayer(layer));
    return map.queryRenderedFeatures([[point.x - 3, point.y - 3], [point.x + 3, point.y + 3]], { layers })[0];
  };
  map.on("mousemove", ({ point }) => {
    const feature = under(point);
    map.getCanvas().style.cursor = feature ? "pointer" : "";
    tip.hidden = !feature;
    if (!feature) return;
    const title = document.createElement("b");
    title.textContent = feature.properties.title ?? holder.dataset.together.replace("{n}", feature.properties.incidents);
    tip.replaceChildren(title, feature.properties.toll ?? "");
    tip.style.left = `${Math.min(point.x + 12, holder.clientWidth - 200)}px`;
    tip.style.top = `${Math.min(point.y + 12, holder.clientHeight - 60)}px`;
  });
  map.on("mouseout", () => { tip.hidden = true; });
  map.on("click", ({ point }) => {
    const feature = under(point);
    if (!feature) return;
    if (feature.properties.cluster) {
      nearer(map, feature);
      return;
    }
    const address = new URL(results().dataset.at, location.href);
    address.searchParams.set("spot", feature.properties.spot);
    htmx.ajax("GET", address.pathname + address.search, { target: "#at" });
  });
}
