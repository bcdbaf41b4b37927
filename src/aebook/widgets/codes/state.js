/* From the settings to codes: where a model's begins, and where it is now. */

import { between, likeReal, standard } from "./walk.js";

const SIZE = 28 * 28;
const NAMES = ["model", "digit", "source", "seed", "to", "part", "along", "code", "difference"];

export const stateOf = (model) => Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));

/** Pixels from 0 to 1 of one of the drawer's digits. */
export const pixelsOf = (digits, digit) =>
  Float32Array.from(digits.subarray(digit * SIZE, (digit + 1) * SIZE), (grey) => grey / 255);

/** The code that a model begins with: a digit's, or one by chance. */
export function startOf(model, { source, digit, seed }, digits) {
  if (source === "digit") return [...model.encode(pixelsOf(digits, digit))];
  return (source === "normal" ? standard : likeReal)(seed, model.facts.codes);
}

/** The code of a model now: on its way to another digit's, or where sliders have moved it. */
export function codeOf(model, state, digits, start = startOf(model, state, digits)) {
  if (state.code.length === start.length && model.name === state.model) return state.code;
  return state.part ? between(start, [...model.encode(pixelsOf(digits, state.to))], state.part) : start;
}
