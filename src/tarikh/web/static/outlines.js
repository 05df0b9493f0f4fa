// Country outlines as they are packed in data/basemap.json (scripts/build_basemap.py) to GeoJSON. Rings are steps in
// units of `unit` degrees, zigzag and in base 32, five bits a letter, the sixth says that more follow.

function ringOf(packed, numbers, unit) {
  const points = [];
  let x = 0;
  let y = 0;
  let value = 0;
  let shift = 0;
  let pending = null;
  for (const letter of packed) {
    const bits = numbers.get(letter);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    const step = value & 1 ? -(value >> 1) - 1 : value >> 1;
    value = 0;
    shift = 0;
    if (pending === null) {
      pending = step;
      continue;
    }
    x += pending;
    y += step;
    pending = null;
    points.push([x * unit, y * unit]);
  }
  if (points.length) points.push(points[0]);
  return points;
}

/** A ring as lines without the edges along the 180th meridian, which are cuts and no borders. */
function linesOf(ring) {
  const lines = [[]];
  ring.forEach((point, at) => {
    const before = ring[at - 1];
    if (before && Math.abs(point[0]) > 179.98 && Math.abs(before[0]) > 179.98) lines.push([]);
    lines.at(-1).push(point);
  });
  return lines.filter((line) => line.length > 1);
}

/** {areas, borders, labels}: three FeatureCollections. */
export function outlinesOf(basemap) {
  const numbers = new Map([...basemap.alphabet].map((letter, number) => [letter, number]));
  const areas = [];
  const borders = [];
  const labels = [];
  for (const country of basemap.countries) {
    const rings = country.rings.map((ring) => [ringOf(ring, numbers, basemap.unit)]);
    areas.push({ type: "Feature", properties: { id: country.id }, geometry: { type: "MultiPolygon", coordinates: rings } });
    borders.push({ type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: rings.flatMap(([ring]) => linesOf(ring)) } });
    if (country.label && country.name) labels.push({ type: "Feature", properties: { name: country.name, size: country.rings.join("").length }, geometry: { type: "Point", coordinates: country.label } });
  }
  const together = (features) => ({ type: "FeatureCollection", features });
  return { areas: together(areas), borders: together(borders), labels: together(labels) };
}
