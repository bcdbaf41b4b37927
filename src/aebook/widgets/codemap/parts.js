/* The map with its point, what is seen beside it, and what is chosen. */

import { h, put, write } from "../lib/dom.js";
import { paint, picture } from "../lib/pictures.js";
import { PIXELS } from "./land.js";
import { codeAt, placeOf } from "./place.js";

const STEP = 0.01, FAR = 10;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The map: the point goes where the pointer presses or draws it, and where the arrow keys move it. */
export function map(app, canvases) {
  const { words } = app, point = h("i", { class: "point" });
  const element = h(
    "div",
    {
      class: "map",
      role: "application",
      tabindex: 0,
      "aria-label": words.map,
      "data-lm-suppress-shortcuts": "true",
    },
    ...canvases,
    point,
  );
  hearPointer(app, element);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Home") app.move(app.home);
    else if (ARROWS[event.key]) app.move(codeAt(app.frame, moved(placeOf(app.frame, app.code), event)));
    else return;
    event.preventDefault();
    app.keep();
  });
  const draw = () => {
    const [across, down] = placeOf(app.frame, app.code);
    point.style.translate = `calc(${100 * across}cqi - 50%) calc(${100 * down}cqi - 50%)`;
  };
  return { element, draw };
}

/** While the pointer is pressed, the point is where it is. */
function hearPointer(app, element) {
  const to = (event) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    app.move(codeAt(app.frame, [(event.clientX - left) / width, (event.clientY - top) / height]));
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    to(event);
  });
  element.addEventListener("pointermove", (event) => element.hasPointerCapture(event.pointerId) && to(event));
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => app.keep());
}

function moved([across, down], { key, shiftKey }) {
  const step = STEP * (shiftKey ? FAR : 1);
  return [across + step * ARROWS[key][0], down + step * ARROWS[key][1]];
}

/** What the decoder draws at the point, and the nearest digit. */
export function beside({ words }) {
  const drawn = picture("drawn", words.drawn), digit = picture("digit", words.nearest);
  const code = h("b", {}), name = h("b", {});
  const element = h(
    "div",
    { class: "beside" },
    h("figure", {}, h("figcaption", {}, words.drawn), drawn, code),
    h("figure", {}, h("figcaption", {}, words.nearest), digit, name),
  );
  function draw({ code: at, picture: values, point, found, labels, greys, ink }) {
    paint(drawn, values, ink);
    write(code, words.code(at));
    put(digit, "hidden", point < 0);
    write(name, point >= 0 ? words.digit(labels[point]) : found ? words.none : "");
    if (point >= 0) paint(digit, greys.subarray(point * PIXELS, (point + 1) * PIXELS), ink, 15);
  }
  return { element, draw };
}

/** Which model's map it is. */
export function models(app, names) {
  const radios = names.map((name) =>
    h("input", {
      type: "radio",
      name: `${app.id}-model`,
      value: name,
      onchange: () => app.set({ model: name, code: [] }),
    })
  );
  const labels = radios.map((radio, at) => h("label", {}, radio, app.words.models[names[at]]));
  const element = h("fieldset", { class: "segments" }, h("legend", {}, app.words.model), ...labels);
  const draw = (chosen) => radios.forEach((radio) => put(radio, "checked", radio.value === chosen));
  return { element, draw };
}

/** Which classes are shown. */
export function classes(app) {
  const boxes = Array.from(
    { length: 10 },
    (_, label) =>
      h("input", { type: "checkbox", "aria-label": app.words.digit(label), onchange: () => app.turn(label) }),
  );
  const labels = boxes.map((box, label) =>
    h("label", { style: `--class: ${label}` }, box, h("span", {}, `${label}`))
  );
  const element = h("fieldset", { class: "classes" }, h("legend", {}, app.words.classes), ...labels);
  const draw = (hidden, colour) =>
    boxes.forEach((box, label) => {
      put(box, "checked", !hidden.includes(label));
      labels[label].style.color = colour(label);
    });
  return { element, draw };
}
