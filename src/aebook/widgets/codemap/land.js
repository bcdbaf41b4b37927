/* What lies under the point: decoded pictures as a grid, and the digits at their codes. */

import { h } from "../lib/dom.js";
import { paint, SIDE } from "../lib/pictures.js";
import { codeAt, placeOf } from "./place.js";

export const GRID = 15, PIXELS = SIDE * SIDE;
const SIZE = GRID * SIDE, FAINT = 0.4, HALO = 2.5;
const SHARP = 2; // pixels for each of the page, as most screens have: labels are small
const SHADES = { light: [65, 29], dark: [70, 72] }; // saturation, lightness

/** A colour for a class: ten hues around the circle, dark on paper and light on ink. */
export const colourOf = (label, isDark) => {
  const [saturation, lightness] = SHADES[isDark ? "dark" : "light"];
  return `hsl(${(36 * label + 20) % 360} ${saturation}% ${lightness}%)`;
};

/** The canvases of the map, one upon the other. */
export function land() {
  const pictures = h("canvas", { class: "pictures", width: SIZE, height: SIZE });
  const points = h("canvas", { class: "points", width: SHARP * SIZE, height: SHARP * SIZE });
  const tile = h("canvas", { width: SIDE, height: SIDE });

  /** Draws row after row of the grid, and yields between them. */
  function* drawPictures({ decode, frame }, ink) {
    const context = pictures.getContext("2d");
    context.clearRect(0, 0, SIZE, SIZE);
    context.globalAlpha = FAINT;
    for (let row = 0; row < GRID; row++) {
      for (let column = 0; column < GRID; column++) {
        paint(tile, decode(codeAt(frame, [(column + 0.5) / GRID, (row + 0.5) / GRID])), ink);
        context.drawImage(tile, column * SIDE, row * SIDE);
        if (column % 5 === 4) yield;
      }
    }
  }
  return { canvases: [pictures, points], drawPictures, drawPoints: (...given) => drawPoints(points, ...given) };
}

/** Draws each digit's label at its code. */
function drawPoints(points, { codes, frame }, labels, isShown, isDark, paper) {
  const context = points.getContext("2d");
  context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  context.clearRect(0, 0, SIZE, SIZE);
  const font = `600 11px ${getComputedStyle(points).fontFamily}`;
  Object.assign(context, {
    font,
    textAlign: "center",
    textBaseline: "middle",
    lineWidth: HALO,
    lineJoin: "round",
  });
  context.strokeStyle = `rgb(${paper.join(" ")})`; // around each label, which thus stands on paper everywhere
  for (let point = 0; 2 * point < codes.length; point++) {
    if (!isShown(point)) continue;
    const [across, down] = placeOf(frame, codes.subarray(2 * point, 2 * point + 2));
    if (Math.abs(across - 0.5) > 0.5 || Math.abs(down - 0.5) > 0.5) continue; // less than half of it is on the map
    context.strokeText(labels[point], across * SIZE, down * SIZE);
    context.fillStyle = colourOf(labels[point], isDark);
    context.fillText(labels[point], across * SIZE, down * SIZE);
  }
}
