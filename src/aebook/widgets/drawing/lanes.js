/* One lane for each model: its numbers between two trapezia, the digit drawn again, its error and place. */

import { h, write } from "../lib/dom.js";
import { meanSquaredError, worseThan } from "../lib/errors.js";
import { numbersOf } from "../lib/models.js";
import { paint, picture } from "../lib/pictures.js";
import { svg } from "../lib/svg.js";

export const AVERAGE = 0.0675; // the error of who always draws the average training digit: the line's other end
const BARS = { width: 80, height: 48 };

function trapezium(name, points) {
  const attributes = { class: name, viewBox: "0 0 112 20", preserveAspectRatio: "none", "aria-hidden": "true" };
  return svg("svg", attributes, svg("polygon", { points }));
}

/** Signed bars of a code, each as long as it is beside the largest that this number is among real codes. */
function barsPath(code, { low, high }) {
  const apart = BARS.width / code.length, middle = BARS.height / 2, wide = apart * 0.75;
  const bar = (number, at) => {
    const largest = Math.max(1e-9, -low[at], high[at]), left = at * apart + apart / 8;
    const tall = -Math.max(-1, Math.min(1, number / largest)) * middle;
    return `M${left.toFixed(2)} ${middle}h${wide.toFixed(2)}v${tall.toFixed(2)}h${(-wide).toFixed(2)}z`;
  };
  return Array.from(code, bar).join("");
}

/** The bars of a code, and the same in words for screen readers. */
function barsOf(app, number, { codes }) {
  const path = svg("path", {}), words = h("span", { class: "told", id: `${app.id}-code-${number}` });
  const element = svg(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${BARS.width} ${BARS.height}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-labelledby": words.id,
    },
    svg("path", { class: "zero", d: `M0 ${BARS.height / 2}h${BARS.width}` }),
    path,
  );
  const draw = (code) => path.setAttribute("d", barsPath(code, codes));
  return { element, words, draw, tell: (code) => write(words, app.words.code(code)) };
}

/** An error, where it is on the way to that of the average digit, and among the test digits'. */
function resultOf(app) {
  const error = h("b", {}), place = h("span", { class: "place" }), mark = h("i", {});
  const line = h("span", { class: "line", "aria-hidden": "true" }, mark);
  function draw(now) {
    write(error, app.words.error(now.error));
    mark.style.insetInlineStart = `${Math.min(100, (100 * now.error) / AVERAGE)}%`;
    write(place, app.words.place(now.percent, app.noise));
  }
  return { element: h("p", { class: "result" }, error, line, place), draw };
}

/**
 * A model's lane.
 * @param {object} app its `words`, and what the lane's turn takes: `image`, 28×28 greys; `wanted`, those that the
 *   model's picture is compared with; `noise`, the strength of what lies between the two, null where nothing can
 * @param {object} model from lib/models.js
 * @param {number} number which one it is, in this widget
 */
export function lane(app, model, number) {
  const { kind = "own", errors, sigma = 0 } = model.facts, name = app.words.models[kind] ?? model.name;
  const bars = barsOf(app, number, model.facts), result = resultOf(app);
  const canvas = picture("again", app.words.again(name));
  const [narrowing, widening] = ["0,0 112,0 96,20 16,20", "16,0 96,0 112,20 0,20"];
  const parts = [h("p", { class: "name" }, name), trapezium("in", narrowing), bars.element, bars.words];
  parts.push(trapezium("out", widening), canvas, result.element);
  const element = h("section", { class: `lane ${kind}`, "aria-label": name }, ...parts);
  const now = { code: null, pixels: null, error: 0, percent: 0 };

  /** What the lane does in its turn. */
  function* turn() {
    now.code = model.encode(numbersOf(app.image));
    yield;
    now.pixels = model.decode(now.code);
    yield;
    now.error = meanSquaredError(now.pixels, numbersOf(app.wanted));
    now.percent = sigma === (app.noise ?? 0) ? worseThan(now.error, errors) : null; // those errors are under sigma
    draw();
  }

  function draw() {
    if (!now.pixels) return;
    paint(canvas, now.pixels, app.ink);
    bars.draw(now.code);
    result.draw(now);
  }
  return { element, model, name, now, turn, draw, tell: () => bars.tell(now.code) };
}
