/* What each model draws of its code; and for the one whose code the sliders move, the difference to the start. */

import { h } from "../lib/dom.js";
import { paint, paintSigned, picture } from "../lib/pictures.js";
import { codeOf, startOf } from "./state.js";

/** What a model makes of the state, in small pieces: the start only where it is another one. */
function* decoding({ state, digits }, model, now) {
  const of = `${state.source} ${state.digit} ${state.seed}`;
  if (now.of !== of) {
    now.start = startOf(model, state, digits);
    now.first = model.decode(now.start);
    now.of = of;
    yield;
  }
  now.code = codeOf(model, state, digits, now.start);
  now.pixels = model.decode(now.code);
}

/** A model's picture below the button that chooses it; where it is the only one, below its name. */
export function lane(app, model, isOneOfSeveral) {
  const { kind = "own" } = model.facts, name = app.words.models[kind] ?? model.name;
  const canvas = picture("drawn", app.words.drawn(name)), apart = picture("apart", app.words.apart(name));
  const radio = h("input", { type: "radio", name: `${app.id}-model`, onchange: () => app.choose(model.name) });
  const title = isOneOfSeveral ? h("label", {}, radio, h("span", {}, name)) : h("p", {}, name);
  const told = h("small", { "aria-hidden": "true" }, app.words.difference);
  const element = h("div", { class: `lane ${kind}` }, title, canvas, told, apart);
  const now = { start: null, first: null, code: null, pixels: null, of: "" };

  /** All of it at once, for the model whose code is moved. */
  function calculate() {
    const steps = decoding(app, model, now);
    while (!steps.next().done);
  }

  function* turn() {
    if (app.state.model === model.name) return;
    yield* decoding(app, model, now);
    draw();
  }

  function draw() {
    radio.checked = app.state.model === model.name;
    told.hidden = apart.hidden = !app.state.difference;
    if (!now.pixels) return;
    paint(canvas, now.pixels, app.ink);
    if (!apart.hidden) paintSigned(apart, now.pixels.map((one, at) => one - now.first[at]), app.above, app.below);
  }
  return { element, model, now, calculate, turn, draw };
}
