/* What a reader moves: the buttons, the two recipes of the chapter, and, folded away, everything else. */

import { button, h, put, write } from "../lib/dom.js";

export const RATES = [1, 2, 5].flatMap((digit) => [-5, -4, -3, -2, -1].map((power) => Number(`${digit}e${power}`)))
  .concat(1).sort((a, b) => a - b);
const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SHORT = { optimizer: "adam", learning_rate: 0.0002, batch_size: 256, code_size: 20, pause_every: 1175 };
export const PRESETS = { short: SHORT, better: { ...SHORT, learning_rate: 0.002, pause_every: 2350 } };

/** Start and pause in one button, one step, and from the beginning. */
export function buttons(app) {
  const { words } = app;
  const start = button(words.start, () => app.toggle()), step = button(words.step, () => app.oneStep());
  const reset = button(words.reset, () => app.reset());
  start.classList.add("start");
  const draw = ({ goesOn, steps }) => {
    write(start, goesOn ? words.pause : steps ? words.goOn : words.start);
    put(step, "disabled", goesOn);
    put(reset, "disabled", !goesOn && steps === 0);
  };
  return { element: h("span", { class: "buttons" }, start, step, reset), draw };
}

/** Choices beside each other, of which one is made. */
function segments(app, name, legend, choices, choose) {
  const radios = Object.entries(choices).map(([value, text]) => {
    const radio = h("input", { type: "radio", name: `${app.id}-${name}`, value, onchange: () => choose(value) });
    return { radio, label: h("label", {}, radio, text) };
  });
  const element = h(
    "fieldset",
    { class: "segments" },
    h("legend", {}, legend),
    ...radios.map(({ label }) => label),
  );
  const draw = (chosen) => radios.forEach(({ radio }) => put(radio, "checked", radio.value === chosen));
  return { element, draw };
}

/** The chapter's two recipes. */
export function presets(app) {
  const choice = segments(app, "preset", app.words.recipe, app.words.presets, (name) => app.change(PRESETS[name]));
  const recipe = ["optimizer", "learning_rate", "batch_size", "code_size"];
  const fits = (state, preset) => recipe.every((name) => state[name] === preset[name]);
  const draw = (state) => choice.draw(Object.keys(PRESETS).find((name) => fits(state, PRESETS[name])));
  return { element: choice.element, draw };
}

/** A slider over some values, in a line with its name and its value. */
function slider(app, name, values, said) {
  const nearest = (value) =>
    values.reduce((best, one, at) => (Math.abs(one - value) < Math.abs(values[best] - value) ? at : best), 0);
  const begin = nearest(PRESETS.short[name] ?? 0);
  const input = h("input", {
    type: "range",
    min: 0,
    max: values.length - 1,
    step: 1,
    oninput: () => app.change({ [name]: values[input.value] }),
    ondblclick: () => app.change({ [name]: values[begin] }),
    onkeydown: (event) => jump(event, input, begin),
  });
  const value = h("output", {});
  const draw = (state) => {
    put(input, "value", `${nearest(state[name])}`);
    input.setAttribute("aria-valuetext", said(state[name]));
    write(value, said(state[name]));
  };
  return { element: h("label", { class: "slider" }, h("span", {}, app.words[name]), input, value), draw };
}

/** Home goes to what the first recipe has, Shift with an arrow ten steps far. */
function jump(event, input, begin) {
  const far = { ArrowRight: 10, ArrowUp: 10, ArrowLeft: -10, ArrowDown: -10 }[event.key];
  if (event.key !== "Home" && !(event.shiftKey && far)) return;
  event.preventDefault();
  input.value = event.key === "Home" ? begin : Number(input.value) + far;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Everything else, folded away. */
export function more(app) {
  const { words } = app, upTo = (end) => Array.from({ length: end }, (_, at) => at + 1);
  const optimizer = segments(
    app,
    "optimizer",
    words.optimizer,
    words.optimizers,
    (name) => app.change({ optimizer: name }),
  );
  const sliders = [
    slider(app, "learning_rate", RATES, words.rate),
    slider(app, "batch_size", BATCHES, words.count),
    slider(app, "code_size", upTo(64), words.count),
    slider(app, "seed", [0, ...upTo(20)], words.count),
  ];
  const about = h("p", {}, words.about);
  const element = h(
    "details",
    {},
    h("summary", {}, words.more),
    optimizer.element,
    ...sliders.map((one) => one.element),
    about,
  );
  const draw = (state) => {
    optimizer.draw(state.optimizer);
    for (const one of sliders) one.draw(state);
  };
  return { element, draw };
}
