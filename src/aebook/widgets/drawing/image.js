/* From the settings to the image that the models get. */

import { changed } from "./changes.js";
import { IMAGE, prepared } from "./prepare.js";
import { bytes, drawn, rasterOf, read } from "./strokes.js";

/** Settings that change nothing. */
export const CHANGES = { mirror: false, right: 0, down: 0, rub: 0, noise: 0, invert: false };
/** Settings with which nothing is on the pad. */
export const PAPER = { digit: -1, pixels: "", strokes: "" };
const SIZE = IMAGE * IMAGE;

/** The settings that say what is on the pad and what is done to it, of a model. */
export const stateOf = (model) =>
  Object.fromEntries([...Object.keys(PAPER), ...Object.keys(CHANGES)].map((name) => [name, model.get(name)]));

/** The image that is on the pad without having been drawn there, or null: given pixels, or a test digit. */
export function given({ digit, pixels }, digits) {
  const own = pixels ? bytes(pixels) : null;
  if (own?.length === SIZE) return own;
  return digit < 0 ? null : digits.subarray(digit * SIZE, (digit + 1) * SIZE);
}

/** What the pad shows, 224×224: the strokes, or else the image that is there. */
export function padOf(state, digits) {
  const strokes = read(state.strokes);
  return strokes?.length ? drawn(strokes) : rasterOf(given(state, digits));
}

/** What the models get of a pad, 28×28. */
export function imageOf(state, digits, raster) {
  const image = state.strokes ? prepared(raster) : given(state, digits) ?? new Uint8Array(SIZE);
  return changed(image, { ...state, shift: [state.right, state.down] });
}
