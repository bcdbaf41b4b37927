/* The parts that are always there: examples, sliders, the traced cell. */

import { slider } from "../lib/controls.js";
import { button, h, labelled, put, write } from "../lib/dom.js";
import { exact, shown } from "./numbers.js";
import {
  BOUNDS,
  contributions,
  DEFAULTS,
  isSplit,
  pair,
  PRESETS,
  reached,
  SETTINGS,
  withAxis,
} from "./arithmetic.js";
import { tracedOutput } from "./sheets.js";

// Each part is a function of the explorer `app` ({ words, now, change, point, … }) that makes its element once and
// gives back { element, draw(now) }; `now` is the state with all that follows from it, and with what is traced.

function sliderOf(app, name, axis) {
  const label = axis === null ? name : `${name} ${"HW"[axis]}`;
  const take = (value) => app.change({ [name]: withAxis(app.now.state[name], axis, value) });
  const { element, draw } = slider(label, BOUNDS[name], take);
  return { element, draw: (state) => draw(pair(state[name])[axis ?? 0]) };
}

/** The sliders, one per setting or, where H and W differ, two. */
export function controls(app) {
  const { words } = app;
  const group = (axes) => SETTINGS.flatMap((name) => axes.map((axis) => sliderOf(app, name, axis)));
  const together = group([null]), apart = group([0, 1]);
  const box = h("div", { class: "sliders" });
  const turn = () => {
    const turned = split.checked ? pair : (value) => pair(value)[0];
    app.change(Object.fromEntries(SETTINGS.map((name) => [name, turned(app.now.state[name])])));
  };
  const split = h("input", { type: "checkbox", onchange: turn });
  const legend = h("legend", { class: "told" }, words.settings);
  return {
    element: h("fieldset", { class: "controls" }, legend, box, h("label", {}, split, words.split)),
    draw({ state }) {
      split.checked = isSplit(state);
      const sliders = split.checked ? apart : together;
      if (box.firstChild !== sliders[0].element) box.replaceChildren(...sliders.map((one) => one.element));
      for (const one of sliders) one.draw(state);
    },
  };
}

/** The examples, and the way back to the first setting. */
export function presets(app) {
  const { words } = app, names = Object.keys(PRESETS);
  const options = names.map((name) => h("option", { value: name }, words.presets[name]));
  const choose = () => {
    if (choice.value) app.change({ ...DEFAULTS, ...PRESETS[choice.value] });
  };
  const own = h("option", { value: "" }, words.ownSetting);
  const choice = h("select", { onchange: choose }, own, ...options);
  const matches = (state, name) =>
    Object.entries({ ...DEFAULTS, ...PRESETS[name] }).every(([key, value]) => `${state[key]}` === `${value}`);
  return {
    element: h("div", { class: "presets" }, labelled(words.preset, choice), button(words.reset, app.reset)),
    draw({ state }) {
      put(choice, "value", names.find((name) => matches(state, name)) ?? "");
    },
  };
}

function sumOf(words, now, { row, column }) {
  const { setting, input, kernel, canvas } = now, kept = tracedOutput(now), bias = kept ? now.bias : 0;
  const terms = contributions(setting, row, column).map(
    ({ input: [i, j], weight: [u, v] }) =>
      `${shown(input.values[i * input.width + j])}×${shown(kernel.values[u * kernel.width + v])}`,
  );
  const lands = terms.length > 0;
  if (bias) terms.push(shown(bias));
  const [r, c] = [row + setting.padding[0], column + setting.padding[1]];
  const inside = r < canvas.height && c < canvas.width;
  const total = exact((inside ? canvas.values[r * canvas.width + c] : 0) + bias);
  const where = kept ? (inside ? "" : words.biasOnly) : now.refused ? "" : words.cutOff;
  const said = where || (lands ? "" : words.nothingLands);
  const sum = [`${words.output}[${row}, ${column}]`, terms.join(" + "), total].filter(Boolean).join(" = ");
  return said ? `${sum} (${said})` : sum;
}

function reachOf(words, { setting, input, refused }, { row, column }) {
  const count = refused ? 0 : reached(setting, row, column).length;
  const number = exact(input.values[row * input.width + column]);
  return `${words.input}[${row}, ${column}] = ${number}: ${words.reaches(count)}`;
}

/** What the traced cell is made of, or reaches; read out where the keyboard moved there. */
export function trace({ words }) {
  const element = h("div", { class: "trace" });
  const draw = (now) => {
    const { traced } = now, text = traced?.from === "output" ? sumOf : reachOf;
    element.setAttribute("aria-live", traced?.keyed ? "polite" : "off"); // not every Firefox has ariaLive
    write(element, traced ? text(words, now, traced) : words.nothingTraced);
  };
  return { element, draw };
}
