/* The drawer of ten test digits: a group of radio buttons, each a picture. */

import { h } from "./dom.js";
import { paint, picture, SIDE } from "./pictures.js";

const SIZE = SIDE * SIDE;

/**
 * The drawer of a widget.
 * @param {object} app its `id`, `words`, `ink`; `take(digit)` is called when one is chosen
 * @param {Uint8Array} digits ten pictures, 28×28 greys
 */
export function drawer(app, digits) {
  const canvases = Array.from({ length: 10 }, () => picture("small"));
  const radios = canvases.map((_, digit) =>
    h("input", {
      type: "radio",
      name: `${app.id}-digit`,
      value: digit,
      "aria-label": app.words.testDigit(digit),
      onchange: () => app.take(digit),
    })
  );
  const element = h(
    "fieldset",
    { class: "drawer" },
    h("legend", { class: "told" }, app.words.drawer),
    ...radios.map((radio, digit) => h("label", {}, radio, canvases[digit])),
  );

  function draw(chosen) {
    for (const [at, radio] of radios.entries()) radio.checked = at === chosen;
    for (const [at, canvas] of canvases.entries()) {
      paint(canvas, digits.subarray(at * SIZE, (at + 1) * SIZE), app.ink, 255);
    }
  }
  return { element, draw };
}
