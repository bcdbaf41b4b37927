/* The ConvTranspose2d explorer: the picture first, then the sliders, then what there is to say.

   Each part is a function of the explorer `app` ({ words, now, change, point, … }) that makes its element once and
   gives back { element, draw(now) }; `now` is the state with all that follows from it, and with what is traced. */

import { h } from "../lib/dom.js";
import { themeColour } from "../lib/palette.js";
import { inputOf, kernelOf, rowsOf } from "./arithmetic.js";
import { channels, unfolding, values } from "./fields.js";
import { controls, presets } from "./parts.js";
import { process } from "./process.js";
import { result } from "./result.js";
import { calculate, marksOf, sides, stateOf } from "./sheets.js";
import { folding, solver } from "./solver.js";

/** What the parts share: the model's state, all that follows from it, the traced cell, and the theme's colours. */
class Explorer {
  constructor(model, words) {
    Object.assign(this, { model, words, parts: [], now: null, traced: null, changing: false });
    const initial = stateOf(model);
    this.reset = () => this.change(initial);
    this.point = this.point.bind(this);
    this.update = () => {
      if (!this.changing) this.recalculate();
    };
    this.lose = () => {
      this.isLost = true; // the kernel, as ipywidgets tells, and for good
      this.draw();
    };
  }

  /** Changes some of the state; the numbers of input and kernel, which follow from it, go along. */
  change(changes) {
    const { model } = this, state = { ...stateOf(model), ...changes };
    state.input = rowsOf(inputOf(state));
    state.kernel = rowsOf(kernelOf(state));
    this.changing = true; // one drawing, after all of them
    for (const [name, value] of Object.entries(state)) {
      if (JSON.stringify(model.get(name)) !== JSON.stringify(value)) model.set(name, value);
    }
    this.changing = false;
    model.save_changes();
    this.update();
  }

  point(from, row, column, keyed = false) {
    const traced = { from, row, column, keyed };
    if (JSON.stringify(traced) === JSON.stringify(this.traced)) return;
    this.traced = traced;
    this.draw();
  }

  recalculate() {
    // Asked later, once something has changed, the browser would have to style all of it first.
    const { color } = getComputedStyle(this.root);
    if (color !== this.color) { // another theme, whose colours are in the order that painted() in grids.js takes
      Object.assign(this, { color, colours: ["--pos", "--neg", "--trace", "--muted"].map(themeColour) });
    }
    this.now = calculate(stateOf(this.model));
    if (this.traced && !isThere(this.traced, this.now)) this.traced = null;
    this.draw();
  }

  draw() {
    const now = { ...this.now, traced: this.traced, marks: marksOf(this.now, this.traced) };
    for (const part of this.parts) part.draw(now);
  }
}

/** Whether the input, or the canvas and the output, still have that cell. */
function isThere({ from, row, column }, { input, setting, canvas, size }) {
  const ends = sides(canvas).map((end, axis) => Math.max(end - setting.padding[axis], size[axis]));
  const [low, high] = from === "input" ? [[0, 0], sides(input)] : [setting.padding.map((cut) => -cut), ends];
  return [row, column].every((at, axis) => at >= low[axis] && at < high[axis]);
}

/** Puts the explorer of `model` into `el`; gives back what takes it away again. */
function render({ model, el, language, words }) {
  const app = new Explorer(model, words), picture = process(app), sliders = controls(app);
  const main = [presets, result].map((part) => part(app));
  const folded = [[words.values, values], [words.channels, channels], [words.solver, solver, folding]];
  const unfold = ([title, ...parts]) => unfolding(title, ...parts.map((part) => part(app)));
  const rest = [...main, ...folded.map(unfold)];
  app.parts.push(picture, sliders, ...rest);
  picture.element.append(sliders.element); // beside which its outcome stays in sight
  const named = { role: "group", "aria-label": words.title, lang: language };
  const root = h("div", { class: "aebook-explorer aebook-controls", ...named });
  root.append(picture.element, ...rest.map((part) => part.element));
  app.root = root;
  model.on("change", app.update);
  model.on("comm_live_update", app.lose);
  // JupyterLab would take the Enter.
  root.addEventListener("beforeinput", (event) => event.stopPropagation(), true);
  el.append(root);
  app.update();
  return () => {
    model.off("change", app.update);
    model.off("comm_live_update", app.lose);
    picture.stop();
    root.remove();
  };
}

export default { render };
