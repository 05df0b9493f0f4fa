// What the map has of the server: the places of a window, asked anew only where it shows what was not asked for yet.

const results = () => document.querySelector("#results[data-map]");
const SLOW_MS = 300;
const SETTLED_MS = 120;

const around = (x) => ((((x + 180) % 360) + 360) % 360) - 180;

/** West, south, east, north of what the map shows and `part` of it beyond each side; longitudes run on beyond 180. */
function viewOf(map, part) {
  const bounds = map.getBounds();
  const [west, south, east, north] = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  const [wide, high] = [(east - west) * part, (north - south) * part];
  return [west - wide, Math.max(-90, south - high), east + wide, Math.min(90, north + high)];
}

/** A box as an address tells it; west greater than east crosses the 180th meridian. */
export function toldOf([west, south, east, north]) {
  if (east - west >= 360) return [-180, south, 180, north];
  return [around(west), south, around(east), north];
}

export const boxOf = (map) => toldOf(viewOf(map, 0));

const contains = (outer, inner) => outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];

/** Keeps the map in step with the filter and with what it shows. `paint` is given the features, `fit` them and the address. */
export function followData(map, holder, paint, fit) {
  const state = { address: "", window: null, zoom: 0, whole: false, byZoom: false, asked: 0, settling: 0 };
  const told = { address: null, note: "" };
  const wait = document.querySelector("#map-wait");

  function tellNote() {
    const note = document.querySelector("#undrawn");
    if (!note) return;
    note.textContent = told.note;
    note.hidden = !told.note;
  }

  function covered() {
    if (state.whole || !state.address) return true;
    return state.window !== null && contains(state.window, viewOf(map, 0)) && (!state.byZoom || state.zoom === zoomOf());
  }
  const zoomOf = () => Math.max(0, Math.min(20, Math.floor(map.getZoom())));

  async function ask(address, window) {
    const number = (state.asked += 1);
    const zoom = zoomOf();
    const target = new URL(address, location.href);
    target.searchParams.set("zoom", String(zoom));
    if (window) target.searchParams.set("window", toldOf(window).map((degrees) => degrees.toFixed(4)).join(","));
    const slow = setTimeout(() => { wait.hidden = false; }, SLOW_MS);
    try {
      const answer = await fetch(target, { headers: { Accept: "application/json" } });
      if (!answer.ok || number !== state.asked) return null;
      const spots = await answer.json();
      if (number !== state.asked) return null;
      Object.assign(state, { address, window, zoom, whole: spots.whole, byZoom: spots.by_zoom });
      return spots;
    } finally {
      clearTimeout(slow);
      if (number === state.asked) wait.hidden = true;
    }
  }

  function show(spots) {
    paint(spots);
    told.note = spots.note;
    tellNote();
    holder.dataset.spots = String(spots.features.length);
  }

  async function moved() {
    const address = results()?.dataset.map;
    if (!address || address !== state.address || covered()) return;
    const spots = await ask(address, viewOf(map, 0.5));
    if (spots) show(spots);
  }

  async function filtered() {
    const address = results()?.dataset.map;
    if (!address) return;
    // Another page of the list is put in without the note that the map wrote into the one before.
    if (address === told.address) return tellNote();
    told.address = address;
    const spots = await ask(address, null);
    if (!spots) return;
    document.querySelector("#at").replaceChildren();
    show(spots);
    fit(spots);
    moved();
  }

  map.on("moveend", () => {
    clearTimeout(state.settling);
    state.settling = setTimeout(moved, SETTLED_MS);
  });
  document.addEventListener("htmx:after:swap", filtered);
  filtered();
}
