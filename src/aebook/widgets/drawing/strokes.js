/* Strokes: how they become a raster, and a text that a link can carry.

   A stroke is a list of numbers, x0, y0, x1, y1, …, whole ones from 0 to 223, in pixels of the raster. Its ink
   reaches from its line as far as the pen's radius, and fades over one pixel: the same in every browser. */

import { IMAGE, SIDE } from "./prepare.js";

export const PEN = 10; // pixels of the raster from a stroke's middle to its edge
export const MOST = 4000; // points of all strokes together
const LEAST = 2; // pixels between two points of a stroke: nearer ones say nothing
const INK = 255;

/** A place on the pad as whole pixels within it. */
export const pixel = (place) => Math.max(0, Math.min(SIDE - 1, Math.round(place)));

/** Whether a stroke has moved on: whether a point is far enough from its last one to be worth keeping. */
export const moved = (stroke, x, y) => Math.hypot(x - stroke.at(-2), y - stroke.at(-1)) >= LEAST;

/** An empty raster, or the one of an image: each of its 28×28 pixels eight by eight. */
export function rasterOf(image = null) {
  const raster = new Uint8Array(SIDE * SIDE), times = SIDE / IMAGE;
  for (let place = 0; image && place < raster.length; place++) {
    const row = Math.floor(place / SIDE / times), column = Math.floor((place % SIDE) / times);
    raster[place] = image[row * IMAGE + column];
  }
  return raster;
}

/** Draws whole strokes into a raster, which is given back. */
export function drawn(strokes, raster = rasterOf(), radius = PEN) {
  for (const stroke of strokes) {
    for (let at = 0; at < stroke.length; at += 2) segment(raster, stroke, Math.max(0, at - 2), at, radius);
  }
  return raster;
}

/** Draws the line between two points of a stroke, by their places in it; what is darker already stays. */
export function segment(raster, stroke, from, to, radius = PEN) {
  const [x0, y0, x1, y1] = [stroke[from], stroke[from + 1], stroke[to], stroke[to + 1]];
  const [dx, dy] = [x1 - x0, y1 - y0], square = dx * dx + dy * dy, reach = Math.ceil(radius);
  const end = (one, other) => Math.min(SIDE - 1, Math.max(one, other) + reach);
  for (let y = Math.max(0, Math.min(y0, y1) - reach); y <= end(y0, y1); y++) {
    for (let x = Math.max(0, Math.min(x0, x1) - reach); x <= end(x0, x1); x++) {
      const along = square ? Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / square)) : 0;
      const apart = Math.sqrt((x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2);
      const grey = Math.round(INK * Math.max(0, Math.min(1, radius + 0.5 - apart)));
      if (grey > raster[y * SIDE + x]) raster[y * SIDE + x] = grey;
    }
  }
}

/** Strokes as a text of letters that an address takes as they are, a full stop between two strokes. */
export const written = (strokes) => strokes.map((stroke) => letters(Uint8Array.from(stroke))).join(".");

/** The strokes that such a text holds; null where it holds something else. */
export function read(text) {
  if (typeof text !== "string") return null;
  const strokes = text ? text.split(".").map(bytes) : [];
  const points = strokes.reduce((count, stroke) => count + (stroke?.length ?? 0) / 2, 0);
  const suits = (stroke) => stroke?.length > 1 && stroke.length % 2 === 0 && stroke.every((at) => at < SIDE);
  return points <= MOST && strokes.every(suits) ? strokes.map((stroke) => [...stroke]) : null;
}

/** Bytes in the base64 that addresses take as it is. */
export function letters(some) {
  const text = btoa(Array.from(some, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes that such a text holds; null where it is none. */
export function bytes(text) {
  if (typeof text !== "string" || !/^[\w-]*$/.test(text)) return null;
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    return null; // no length that base64 has
  }
}
