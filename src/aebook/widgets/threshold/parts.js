/* The two histograms with their threshold, the ROC curve, the numbers, and what is chosen. */

import { h, put, write } from "../lib/dom.js";
import { svg } from "../lib/svg.js";
import { shares } from "./counting.js";

// HALF and TOP are together half of the height in style.css.
const BARS = 48, HALF = 108, TOP = 22, STEPS = 1000, FAR = 10;
const ROC = 200, EDGE = 26;

const between = (low, value, high) => Math.min(Math.max(low, value), high);

/** A path of bars from the middle, up or down: those beside the threshold are cut by it into two paths. */
function bars(values, width, way) {
  const most = Math.max(...values), apart = width / values.length;
  return Array.from(values, (share, at) => {
    const tall = way * HALF * share / most;
    return share
      ? `M${(at * apart).toFixed(1)} 0h${(apart - 1).toFixed(1)}v${tall.toFixed(1)}h${(1 - apart).toFixed(1)}z`
      : "";
  }).join("");
}

/** The histograms: familiar scores upwards, unfamiliar ones downwards; a pointer moves the threshold. */
export function histograms(app) {
  const { words } = app, drawing = svg("svg", { role: "img" });
  const element = h("div", { class: "histograms" }, drawing);
  hearPointer(app, element);
  const draw = () => {
    const width = Math.max(240, element.clientWidth), height = 2 * (HALF + TOP);
    const [up, down] = [[app.familiar, -1], [app.unfamiliar, 1]].map(([scores, way]) =>
      bars(shares(scores, app.axis, BARS), width, way)
    );
    const at = between(0, app.axis.placeOf(app.threshold), 1) * width;
    const [left, right] = [`${app.id}-left`, `${app.id}-right`];
    const clip = (id, x, wide) =>
      svg("clipPath", { id }, svg("rect", { x, y: -height, width: wide, height: 2 * height }));
    const both = (side, name) => [
      svg("path", { class: `familiar ${name}`, d: up, "clip-path": `url(#${side})` }),
      svg("path", { class: `unfamiliar ${name}`, d: down, "clip-path": `url(#${side})` }),
    ];
    const text = (y, said, name) => svg("text", { x: 0, y, class: name }, said);
    drawing.setAttribute("viewBox", `0 ${-height / 2} ${width} ${height}`);
    drawing.setAttribute("aria-label", words.histograms(app.facts));
    drawing.replaceChildren(
      svg("defs", {}, clip(left, 0, at), clip(right, at, Math.max(0, width - at))),
      ...both(left, "quiet"),
      ...both(right, "alarm"),
      svg("line", { class: "axis", x1: 0, x2: width, y1: 0, y2: 0 }),
      svg("line", { class: "threshold", x1: at, x2: at, y1: -height / 2, y2: height / 2 }),
      text(-HALF - 6, words.familiar(app.familiar.length), "name"),
      text(HALF + 16, words.unfamiliar(words.kinds[app.kind], app.unfamiliar.length), "name"),
    );
  };
  const sizes = new ResizeObserver(() => app.facts && draw());
  sizes.observe(element);
  return { element, draw, end: () => sizes.disconnect() };
}

/** While the pointer is pressed, the threshold is where it is. */
function hearPointer(app, element) {
  const to = (event) => {
    const { left, width } = element.getBoundingClientRect();
    app.move(between(0, (event.clientX - left) / width, 1));
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    to(event);
  });
  element.addEventListener("pointermove", (event) => element.hasPointerCapture(event.pointerId) && to(event));
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => app.keep());
}

/** The threshold as a slider. */
export function slider(app) {
  const input = h("input", {
    type: "range",
    min: 0,
    max: STEPS,
    step: 1,
    oninput: () => app.move(input.value / STEPS),
  });
  input.addEventListener("change", () => app.keep());
  input.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (event.key === "Home") app.set({ threshold: [] });
    else if (way && event.shiftKey) {
      app.move(between(0, (Number(input.value) + way * FAR) / STEPS, 1));
      app.keep();
    } else return;
    event.preventDefault();
  });
  const value = h("output", {});
  const draw = () => {
    put(input, "value", `${Math.round(STEPS * between(0, app.axis.placeOf(app.threshold), 1))}`);
    input.setAttribute("aria-valuetext", app.words.told(app.facts));
    write(value, app.words.score(app.threshold));
  };
  const element = h("label", { class: "slider" }, h("span", {}, app.words.threshold), input, value);
  return { element, draw };
}

/** The ROC curve, with the point of the threshold on it. */
export function roc(app) {
  const { words } = app, side = ROC - EDGE - 8;
  const drawing = svg("svg", { role: "img", class: "roc", viewBox: `0 0 ${ROC} ${ROC}`, width: ROC, height: ROC });
  const x = (share) => EDGE + share * side, y = (share) => 8 + (1 - share) * side;
  const draw = () => {
    const { curve, alarms, hits } = app.facts;
    const line = curve.map(([across, up]) => `${x(across).toFixed(1)},${y(up).toFixed(1)}`).join(" ");
    drawing.setAttribute("aria-label", words.roc(app.facts));
    drawing.replaceChildren(
      svg("rect", { class: "frame", x: x(0), y: y(1), width: side, height: side }),
      svg("line", { class: "chance", x1: x(0), y1: y(0), x2: x(1), y2: y(1) }),
      svg("polyline", { class: "curve", points: line }),
      svg("circle", { class: "point", cx: x(alarms), cy: y(hits), r: 5 }),
      svg("text", { x: x(0.5), y: ROC - 6, class: "middle" }, words.alarmsAxis),
      svg(
        "text",
        { x: 0, y: 0, class: "middle", transform: `translate(14 ${y(0.5)}) rotate(-90)` },
        words.hitsAxis,
      ),
    );
  };
  return { element: drawing, draw };
}

/** Hits, false alarms and the area, as numbers. */
export function numbers({ words }) {
  const fields = ["hits", "alarms", "area"].map((name) => [name, h("dd", { class: name })]);
  const element = h(
    "dl",
    {},
    ...fields.map(([name, field]) => h("div", {}, h("dt", {}, words.fields[name]), field)),
  );
  const draw = (facts) => fields.forEach(([name, field]) => write(field, words.shown[name](facts)));
  return { element, draw };
}

/** One of several, as a row of radio buttons. */
export function choice(app, setting, options, names, legend) {
  const radios = options.map((value) =>
    h("input", {
      type: "radio",
      name: `${app.id}-${setting}`,
      value,
      onchange: () => app.set({ [setting]: value, threshold: [] }),
    })
  );
  const labels = radios.map((radio) => h("label", {}, radio, names[radio.value]));
  const element = h("fieldset", { class: "segments" }, h("legend", {}, legend), ...labels);
  const draw = (chosen) => radios.forEach((radio) => put(radio, "checked", radio.value === chosen));
  return { element, draw };
}
