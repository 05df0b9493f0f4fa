// A point chosen on the map: it fills the degrees, and offers the names around it. How precise it is stays the person's word.

import { outlinesOf } from "./outlines.js";
import { styleOf } from "./map_style.js";
import { colors } from "./symbols.js";

async function mapIn(holder, place) {
  const library = await import(place.dataset.library);
  library.setWorkerUrl(new URL(place.dataset.worker, location.href).href);
  const outlines = outlinesOf(await (await fetch(place.dataset.outlines)).json());
  const known = place.dataset.latitude !== "" && place.dataset.longitude !== "";
  const map = new library.Map({
    container: holder, style: styleOf(outlines, colors()), attributionControl: false, dragRotate: false, pitchWithRotate: false,
    touchPitch: false, maxZoom: 12, fadeDuration: 0, center: known ? [Number(place.dataset.longitude), Number(place.dataset.latitude)] : [15, 12], zoom: known ? 5 : 2,
    locale: { "NavigationControl.ZoomIn": place.dataset.zoomIn, "NavigationControl.ZoomOut": place.dataset.zoomOut, "Map.Title": place.dataset.label },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new library.NavigationControl({ showCompass: false }), "bottom-right");
  return { map, marker: new library.Marker({ color: colors().civilians }) };
}

/** As many decimals as a click at this zoom can mean. */
const decimals = (zoom) => Math.max(1, Math.min(4, Math.round(zoom / 2.5)));

function offered(found, take) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  const note = document.createElement("small");
  button.type = "button";
  note.textContent = found.note;
  button.append(found.name, note);
  button.addEventListener("click", () => take(found));
  line.append(button);
  return line;
}

export function startPoint(place) {
  const form = place.closest("form");
  const [latitude, longitude, name] = ["latitude", "longitude", "place"].map((each) => form.elements[each]);
  const meant = place.querySelector(".rv-meant");
  const precise = (word) => { const radio = form.querySelector(`[name=precision][value=${word}]`); if (radio) radio.checked = true; };
  /** A name of the gazetteer has its own point; a unit is as precise as a unit. */
  const take = (found) => {
    name.value = found.value;
    latitude.value = "";
    longitude.value = "";
    if (found.sort !== "town") precise(found.sort);
    form.querySelector("[name=precision]:checked")?.focus();
  };
  const ask = async () => {
    const address = new URL("/suggest/place-at.json", location.href);
    address.searchParams.set("latitude", latitude.value);
    address.searchParams.set("longitude", longitude.value);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (answer.ok) meant.replaceChildren(...(await answer.json()).found.map((found) => offered(found, take)));
  };
  const open = async () => {
    const holder = place.querySelector(".rv-map");
    if (!place.open || !holder.hidden) return;
    holder.hidden = false;
    const { map, marker } = await mapIn(holder, place);
    map.on("click", ({ lngLat }) => {
      const digits = decimals(map.getZoom());
      const turned = lngLat.wrap();
      latitude.value = turned.lat.toFixed(digits);
      longitude.value = turned.lng.toFixed(digits);
      marker.setLngLat(turned).addTo(map);
      name.value = "";
      // What was said of another place does not hold for this one: the person says it anew.
      for (const radio of form.querySelectorAll("[name=precision]")) radio.checked = false;
      ask();
    });
    map.once("load", () => { holder.dataset.ready = "yes"; });
  };
  place.addEventListener("toggle", () => open().catch((error) => console.warn("no map:", error)));
  open();
}
