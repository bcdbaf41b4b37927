/* Pictures of 28×28 numbers, ink on paper in the theme's colours. */

import { h } from "./dom.js";

export { themeColour } from "./palette.js";

export const SIDE = 28;

/** A canvas for a picture; `alt` is what it is called, or it is hidden from screen readers. */
export function picture(name, alt) {
  const told = alt ? { role: "img", "aria-label": alt } : { "aria-hidden": "true" };
  return h("canvas", { class: `picture ${name}`, width: SIDE, height: SIDE, ...told });
}

/**
 * Puts numbers from 0 (paper) to 1 (ink) onto a canvas, row by row; what lies outside is cut off.
 * The canvas is as clear as there is no ink, so that its background is the paper.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values as many as it has pixels
 * @param {number[]} ink red, green, blue
 * @param {number} [full=1] the number that is all ink: 255 for greys
 */
export function paint(canvas, values, ink, full = 1) {
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  const { data } = image, [red, green, blue] = ink;
  for (let place = 0, at = 0; place < values.length; place++) {
    data[at++] = red;
    data[at++] = green;
    data[at++] = blue;
    data[at++] = Math.round((255 * values[place]) / full); // which is clamped
  }
  context.putImageData(image, 0, 0);
}

/** Puts numbers from -`full` to `full` onto a canvas: above 0 in one colour, below in another, 0 is paper. */
export function paintSigned(canvas, values, above, below, full = 1) {
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  for (let place = 0, at = 0; place < values.length; place++) {
    for (const part of values[place] > 0 ? above : below) image.data[at++] = part;
    image.data[at++] = Math.round((255 * Math.abs(values[place])) / full);
  }
  context.putImageData(image, 0, 0);
}

/** Calls `repaint` when the page's theme, JupyterLab's or the system's has changed, until the signal ends it. */
export function onTheme(repaint, signal) {
  const watch = new MutationObserver(() => repaint());
  const attributeFilter = ["data-theme", "data-mode", "data-jp-theme-light"];
  for (const one of [document.documentElement, document.body]) watch.observe(one, { attributeFilter });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => repaint(), { signal });
  signal.addEventListener("abort", () => watch.disconnect());
}
