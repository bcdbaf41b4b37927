/* The ten test digits and what becomes of them, and the weights. */

import { h, write } from "../lib/dom.js";
import { meanSquaredError } from "../lib/errors.js";
import { paint, paintSigned, picture } from "../lib/pictures.js";
import { PIXELS } from "./digits.js";

/** Pairs of a digit and its reconstruction, with the pair's error. */
export function pairs(words, shown) {
  const originals = Array.from(
    { length: shown.length / PIXELS },
    (_, at) => shown.subarray(at * PIXELS, (at + 1) * PIXELS),
  );
  const pixels = originals.map((greys) => Float32Array.from(greys, (grey) => grey / 15));
  const all = pixels.map(() => ({ above: picture("above"), below: picture("below"), error: h("span", {}) }));
  const element = h(
    "div",
    { class: "pairs", role: "img" },
    ...all.map(({ above, below, error }) => h("div", { class: "pair" }, above, below, error)),
  );
  function draw(pictures, ink) {
    const errors = all.map(({ above, below, error }, at) => {
      const again = pictures.subarray(at * PIXELS, (at + 1) * PIXELS),
        difference = meanSquaredError(pixels[at], again);
      paint(above, pixels[at], ink);
      paint(below, again, ink);
      write(error, words.error(difference));
      return difference;
    });
    element.setAttribute("aria-label", words.pairs(errors));
  }
  return { element, draw };
}

/** A picture for each number of the code: the decoder's weights, above 0 in one colour, below in another. */
export function weightPictures(words) {
  const grid = h("div", { class: "weights", "aria-hidden": "true" });
  const element = h("figure", {}, h("figcaption", {}, words.weights), grid);
  function draw(weights, positive, negative) {
    const count = weights.length / PIXELS;
    while (grid.children.length > count) grid.lastChild.remove();
    while (grid.children.length < count) grid.append(picture("weight"));
    grid.classList.toggle("many", count > 20);
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    for (const [at, canvas] of [...grid.children].entries()) {
      paintSigned(canvas, weights.subarray(at * PIXELS, (at + 1) * PIXELS), positive, negative, largest);
    }
  }
  return { element, draw };
}
