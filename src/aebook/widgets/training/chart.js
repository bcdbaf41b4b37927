/* The loss of every batch as a curve, and the least that is possible; this course, and the one before it. */

import { h } from "../lib/dom.js";
import { svg } from "../lib/svg.js";

const HEIGHT = 220, LEFT = 40, RIGHT = 8, TOP = 8, BOTTOM = 24, COLUMNS = 400, TEXT = 13;
const HIGHEST = 0.1, GRID = [0, 0.02, 0.04, 0.06, 0.08, 0.1];

/** Means of so many parts of the losses, each with the step in its middle: what a curve can show. */
export function columns(losses, most = COLUMNS) {
  const size = Math.max(1, Math.ceil(losses.length / most)), points = [];
  for (let from = 0; from < losses.length; from += size) {
    const to = Math.min(from + size, losses.length);
    let sum = 0;
    for (let at = from; at < to; at++) sum += losses[at];
    points.push([(from + to - 1) / 2, sum / (to - from)]);
  }
  return points;
}

/** Round numbers along an axis that ends at `end`, about four of them. */
export function ticks(end) {
  const rough = end / 4, power = 10 ** Math.floor(Math.log10(rough));
  const apart = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough) * power);
  return Array.from({ length: Math.floor(end / apart) + 1 }, (_, at) => at * apart);
}

/** A chart; `draw` takes what is to be seen. */
export function chart(words) {
  const drawing = svg("svg", { role: "img", class: "chart" }), element = h("div", { class: "curve" }, drawing);
  let state = null;
  const draw = (next) => {
    state = next;
    const width = Math.max(240, element.clientWidth);
    drawing.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    drawing.setAttribute("aria-label", words.chart(state));
    drawing.replaceChildren(...parts(state, width, words));
  };
  const sizes = new ResizeObserver(() => state && draw(state));
  sizes.observe(element);
  return { element, draw, end: () => sizes.disconnect() };
}

function parts({ losses, before, end, best, average }, width, words) {
  const x = (at) => LEFT + (at / end) * (width - LEFT - RIGHT);
  const y = (error) => TOP + (1 - Math.min(error, HIGHEST * 1.05) / HIGHEST) * (HEIGHT - TOP - BOTTOM);
  const level = (error, name) =>
    svg("line", { class: name, x1: LEFT, x2: width - RIGHT, y1: y(error), y2: y(error) });
  const text = (at, height, name, said) => svg("text", { x: at, y: height, class: name }, said);
  const curve = (of, name) =>
    svg("polyline", {
      class: name,
      points: columns(of).map(([at, loss]) => `${x(at).toFixed(1)},${y(loss).toFixed(1)}`).join(" "),
    });
  const right = width - RIGHT;
  const drawn = GRID.flatMap((error) => [
    level(error, "grid"),
    text(LEFT - 6, y(error) + TEXT / 3, "tick end", error === 0 ? "0" : error.toFixed(2)),
  ]);
  for (const at of ticks(end)) {
    drawn.push(text(x(at), HEIGHT - 6, `tick ${at === 0 ? "" : "middle"}`, words.count(at)));
  }
  drawn.push(level(average, "average"), text(right, y(average) - 5, "average end", words.averageLine(average)));
  drawn.push(
    level(best, "best"),
    text(right, Math.min(y(best) + TEXT + 2, y(0) - 3), "best end", words.bestLine(best)),
  );
  if (before.length) drawn.push(curve(before, "before"));
  if (losses.length) {
    const [at, loss] = columns(losses).at(-1);
    drawn.push(curve(losses, "now"), svg("circle", { class: "now", cx: x(at), cy: y(loss), r: 4 }));
  }
  return drawn;
}
