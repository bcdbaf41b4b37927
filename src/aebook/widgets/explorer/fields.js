/* Parts that unfold: the numbers of the input and the kernel, channels and bias. */

import { h, labelled, write } from "../lib/dom.js";
import { exact } from "./numbers.js";
import { rangeOf } from "../lib/state.js";
import { accepts, BOUNDS, rowsOf, typedRows } from "./arithmetic.js";
import SPEC from "./spec.json" with { type: "json" };

/** Parts that unfold together, drawn only while they are open. */
export function unfolding(title, ...parts) {
  let now = null;
  const draw = () => {
    if (details.open) { for (const part of parts) part.draw(now); }
  };
  const elements = parts.map((part) => part.element);
  const details = h("details", { ontoggle: draw }, h("summary", {}, title), ...elements);
  return {
    element: details,
    draw(next) {
      now = next;
      draw();
    },
  };
}

/** A number field for a count, the seed or the bias; what it does not take goes back, and `say` is told. */
function numberField(app, name, say) {
  const [min, max] = rangeOf(SPEC.settings[name]);
  const take = () => {
    const value = element.valueAsNumber, taken = accepts(name, value);
    say(taken ? "" : app.words.notTaken(exact(min, 2), exact(max, 4)));
    if (taken) app.change({ [name]: value });
  };
  const reset = () => {
    element.value = app.now.state[name];
  };
  const step = SPEC.settings[name].kind === "whole" ? 1 : "any";
  const element = h("input", { type: "number", min, max, step, oninput: take, onchange: reset });
  const draw = () => {
    if (element !== document.activeElement) reset();
  };
  return { element, draw };
}

function kindChooser(app, name) {
  const options = SPEC.settings[name].of.map((kind) => h("option", { value: kind }, app.words.kinds[kind]));
  const element = h("select", { onchange: () => app.change({ [name]: element.value }) }, ...options);
  const draw = ({ state }) => {
    element.value = state[name];
  };
  return { element, draw };
}

/** The input or the kernel as a text to change; `say` is told what is not taken. */
function typing(app, name, say) {
  const limit = BOUNDS[`${name}_size`][1];
  const take = () => {
    const rows = typedRows(element.value, limit);
    say(rows ? "" : app.words.notTyped(limit));
    if (!rows) return;
    const size = [rows.length, rows[0].length], one = size[0] === size[1];
    app.change({ [name]: rows, [`${name}_kind`]: "typed", [`${name}_size`]: one ? size[0] : size });
  };
  const element = h("textarea", { rows: 4, spellcheck: "false", oninput: take });
  const text = (grid) => rowsOf(grid).map((row) => row.join(" ")).join("\n");
  const draw = (now) => {
    if (element !== document.activeElement) element.value = text(now[name]);
  };
  return { element, draw };
}

/** Labelled parts, and below them what they say; `make` is given how to say it. */
function fields(labels, make, ...more) {
  const note = h("p", { role: "status" }), parts = make((text) => write(note, text));
  const all = parts.map((part, at) => labelled(labels[at], part.element));
  const draw = (now) => {
    for (const part of parts) part.draw(now);
  };
  return { element: h("div", { class: "fields" }, ...all, note, ...more), draw };
}

export function values(app) {
  const { words } = app;
  return fields([words.inputKind, words.kernelKind, words.seed, words.typedInput, words.typedKernel], (say) => [
    kindChooser(app, "input_kind"),
    kindChooser(app, "kernel_kind"),
    numberField(app, "seed", say),
    typing(app, "input", say),
    typing(app, "kernel", say),
  ]);
}

export function channels(app) {
  const { words } = app, counts = ["in_channels", "out_channels", "groups"];
  const check = h("input", { type: "checkbox", onchange: () => app.change({ bias: check.checked }) });
  const draw = ({ state }) => {
    check.checked = state.bias;
  };
  const numbers = (names, say) => names.map((name) => numberField(app, name, say));
  const make = (say) => [...numbers(counts, say), { element: check, draw }, ...numbers(["bias_value"], say)];
  return fields([...counts, "bias", words.biasValue], make, h("p", {}, words.channelsNote));
}
