// Symbols of the map: shape and color say the kind's family, the fill whether a toll is known, pallor that it is only claimed.

const SHAPES = {
  battle: "M0,-1.2L1.2,0L0,1.2L-1.2,0Z",
  remote: "M0,-1.2L1.12,0.8L-1.12,0.8Z",
  civilians: "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
  crowd: "M-0.9,-0.9H0.9V0.9H-0.9Z",
  strategic: "M-0.42,-1.1H0.42V-0.42H1.1V0.42H0.42V1.1H-0.42V0.42H-1.1V-0.42H-0.42Z",
};
export const FAMILIES = Object.keys(SHAPES);
const SIZE = 64;
const RATIO = 2;

/** Colors of the style sheet, so that map and list agree in light and dark. */
export function colors() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "ink", "muted", "water", "land", "border", "accent", ...FAMILIES];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

function drawing(draw) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  draw(pen);
  return pen.getImageData(0, 0, SIZE, SIZE);
}

function symbol(family, look, color, paper) {
  return drawing((pen) => {
    pen.translate(SIZE / 2, SIZE / 2);
    pen.scale(18, 18);
    const shape = new Path2D(SHAPES[family]);
    pen.fillStyle = paper;
    pen.fill(shape);
    if (look !== "hollow") {
      pen.globalAlpha = look === "pale" ? 0.4 : 1;
      pen.fillStyle = color;
      pen.fill(shape);
      pen.globalAlpha = 1;
    }
    pen.lineWidth = look === "full" ? 0.16 : 0.22;
    pen.strokeStyle = look === "full" ? paper : color;
    pen.stroke(shape);
  });
}

function hatch(color) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = color;
  pen.globalAlpha = 0.5;
  pen.lineWidth = 1.6;
  for (const start of [-16, 0, 16]) {
    pen.beginPath();
    pen.moveTo(start, 16);
    pen.lineTo(start + 16, 0);
    pen.stroke();
  }
  return pen.getImageData(0, 0, 16, 16);
}

/** Puts all symbols into a map whose style has loaded. */
export function addSymbols(map, palette) {
  for (const family of FAMILIES) {
    for (const look of ["full", "pale", "hollow"]) {
      const name = `${family}-${look}`;
      if (!map.hasImage(name)) map.addImage(name, symbol(family, look, palette[family], palette.paper), { pixelRatio: RATIO });
    }
    if (!map.hasImage(`${family}-hatch`)) map.addImage(`${family}-hatch`, hatch(palette[family]), { pixelRatio: RATIO });
  }
}
