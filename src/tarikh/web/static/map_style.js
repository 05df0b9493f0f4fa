// How the map is drawn: outlines from the package, and incidents as precisely as they are known and no more.

import { FAMILIES } from "./symbols.js";

const EARTH_KM = 6371;
const empty = { type: "FeatureCollection", features: [] };
const FONT = ["Noto Sans", "Liberation Sans", "sans-serif"];

/** A disc of so many kilometers around a point, as a ring of degrees. */
export function disc([longitude, latitude], km) {
  const points = [];
  const angle = km / EARTH_KM;
  const phi = (latitude * Math.PI) / 180;
  for (let step = 0; step <= 48; step += 1) {
    const bearing = (step / 48) * 2 * Math.PI;
    const north = Math.asin(Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(bearing));
    const east = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(phi), Math.cos(angle) - Math.sin(phi) * Math.sin(north));
    points.push([longitude + (east * 180) / Math.PI, (north * 180) / Math.PI]);
  }
  return points;
}

/** The discs and rings of the spots that are no points. */
export function areasOf(spots) {
  const features = spots.features.filter((spot) => spot.properties.km > 0).map((spot) => ({
    type: "Feature", id: spot.id, properties: spot.properties,
    geometry: { type: "Polygon", coordinates: [disc(spot.geometry.coordinates, spot.properties.km)] },
  }));
  return { type: "FeatureCollection", features };
}

const byFamily = (palette) => ["match", ["get", "family"], ...FAMILIES.flatMap((family) => [family, palette[family]]), palette.muted];
const isUnit = ["in", ["get", "precision"], ["literal", ["admin1", "admin2"]]];
const isCell = ["==", ["get", "precision"], "cell"];
const isPlace = ["in", ["get", "precision"], ["literal", ["exact", "near"]]];
const isNear = ["==", ["get", "precision"], "near"];
// Area grows with the toll; an unknown one has a middling size of its own.
const size = ["case", ["==", ["get", "killed"], null], 0.5,
  ["min", 1.5, ["+", 0.36, ["*", 0.105, ["sqrt", ["max", 0, ["coalesce", ["get", "killed"], 0]]]]]]];
// Circles of cells lie at least 64 pixels apart at their own zoom; each tenfold is one step.
const cellSize = ["interpolate", ["linear"], ["log10", ["max", 1, ["get", "incidents"]]], 0, 10, 1, 13, 2, 17, 3, 22, 4, 27, 5, 32];
const look = ["concat", ["get", "family"], ["case", ["==", ["get", "killed"], null], "-hollow", ["get", "sure"], "-full", "-pale"]];

export const CLICKABLE = ["cells", "points", "near-ring", "unit-fill", "unit-glow"];

export function styleOf(outlines, palette) {
  const color = byFamily(palette);
  const halo = { "text-color": palette.ink, "text-halo-color": palette.paper, "text-halo-width": 1.4 };
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: outlines.areas, tolerance: 0.3 },
      borders: { type: "geojson", data: outlines.borders, tolerance: 0.3 },
      names: { type: "geojson", data: outlines.labels },
      areas: { type: "geojson", data: empty },
      asked: { type: "geojson", data: empty },
      drawing: { type: "geojson", data: empty },
      spots: { type: "geojson", data: empty },
    },
    layers: [
      { id: "water", type: "background", paint: { "background-color": palette.water } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": palette.land, "fill-antialias": false } },
      { id: "borders", type: "line", source: "borders", paint: { "line-color": palette.border, "line-width": ["interpolate", ["linear"], ["zoom"], 1, 0.5, 6, 1.1] } },
      { id: "names", type: "symbol", source: "names", minzoom: 2.2, layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "symbol-sort-key": ["-", 0, ["get", "size"]], "text-max-width": 7 }, paint: { ...halo, "text-color": palette.muted, "text-halo-color": palette.land } },
      { id: "asked-fill", type: "fill", source: "asked", paint: { "fill-color": palette.accent, "fill-opacity": 0.07 } },
      { id: "asked-line", type: "line", source: "asked", paint: { "line-color": palette.accent, "line-width": 1.6, "line-dasharray": [4, 2] } },
      { id: "unit-glow", type: "circle", source: "spots", filter: isUnit, paint: { "circle-color": color, "circle-radius": ["match", ["get", "precision"], "admin1", 22, 15], "circle-blur": 1, "circle-opacity": 0.55 } },
      { id: "unit-fill", type: "fill", source: "areas", filter: isUnit, minzoom: 2.5, paint: { "fill-color": color, "fill-opacity": 0.13 } },
      { id: "unit-hatch", type: "fill", source: "areas", filter: isUnit, minzoom: 4, paint: { "fill-pattern": ["concat", ["get", "family"], "-hatch"], "fill-opacity": 0.6 } },
      { id: "near-area", type: "line", source: "areas", filter: isNear, minzoom: 6, paint: { "line-color": color, "line-width": 1.4, "line-dasharray": [2, 1.5] } },
      { id: "near-ring", type: "circle", source: "spots", filter: isNear, paint: { "circle-color": color, "circle-opacity": 0.14, "circle-radius": ["+", 5, ["*", 11, size]], "circle-stroke-color": color, "circle-stroke-width": 1.5 } },
      { id: "points", type: "symbol", source: "spots", filter: isPlace, layout: { "icon-image": look, "icon-size": size, "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["-", 0, ["coalesce", ["get", "killed"], 0]] } },
      { id: "unit-names", type: "symbol", source: "spots", filter: isUnit, minzoom: 4, layout: { "text-field": ["concat", ["get", "unit"], ["case", [">", ["get", "incidents"], 1], ["concat", " (", ["to-string", ["get", "incidents"]], ")"], ""]], "text-font": FONT, "text-size": 11, "text-max-width": 8 }, paint: { ...halo, "text-color": color } },
      { id: "tallies", type: "symbol", source: "spots", filter: ["all", isPlace, [">", ["get", "incidents"], 1]], layout: { "text-field": ["to-string", ["get", "incidents"]], "text-font": FONT, "text-size": 11, "text-offset": [1, -1] }, paint: halo },
      { id: "cells", type: "circle", source: "spots", filter: isCell, layout: { "circle-sort-key": ["-", 0, ["get", "incidents"]] }, paint: { "circle-color": palette.accent, "circle-opacity": 0.82, "circle-radius": cellSize, "circle-stroke-color": palette.paper, "circle-stroke-width": 1.5 } },
      { id: "drawing-fill", type: "fill", source: "drawing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": palette.accent, "fill-opacity": 0.15 } },
      { id: "drawing-line", type: "line", source: "drawing", paint: { "line-color": palette.accent, "line-width": 2 } },
      { id: "drawing-corners", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": palette.paper, "circle-radius": 5, "circle-stroke-color": palette.accent, "circle-stroke-width": 2 } },
      { id: "cell-counts", type: "symbol", source: "spots", filter: isCell, layout: { "text-field": ["get", "short"], "text-font": FONT, "text-size": 12, "text-allow-overlap": true, "symbol-sort-key": ["-", 0, ["get", "incidents"]] }, paint: { "text-color": palette.paper } },
    ],
  };
}
