/* A decoder, sized layer by layer: the picture first, the layers as tabs, the chosen one's sliders, the code. */

import { h } from "../lib/dom.js";
import { sized } from "./decoder.js";
import { actions, codeBox, layer, layers, picture, verdict, whole } from "./parts.js";
import SPEC from "./spec.json" with { type: "json" };

/** What the parts share: the model's state, and all that follows from it. */
class Chain {
  constructor(model, words) {
    Object.assign(this, { model, words, parts: [], now: null, changing: false });
    const initial = this.state();
    this.reset = () => this.change(initial);
    this.update = () => {
      if (!this.changing) this.draw();
    };
  }

  state() {
    return Object.fromEntries(Object.keys(SPEC.settings).map((name) => [name, this.model.get(name)]));
  }

  change(changes) {
    this.changing = true; // one drawing, after all of them
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.changing = false;
    this.model.save_changes();
    this.update();
  }

  draw() {
    const state = this.state(), at = Math.min(state.chosen, state.layers.length) - 1;
    this.now = { state, layers: sized(state), at };
    for (const part of this.parts) part.draw(this.now);
  }
}

/** Puts the chain of `model` into `el`; gives back what takes it away again. */
function render({ model, el, language, words }) {
  const app = new Chain(model, words);
  app.parts = [picture, verdict, layers, layer, actions, whole, codeBox].map((part) => part(app));
  const [maps, ...rest] = app.parts.map(({ element }) => element);
  const root = h("div", {
    class: "aebook-chain aebook-controls",
    role: "group",
    lang: language,
    "aria-label": words.title,
  });
  root.append(h("div", { class: "outcome" }, maps), ...rest);
  el.append(root);
  model.on("change", app.update);
  app.draw();
  return () => {
    model.off("change", app.update);
    root.remove();
  };
}

export default { render };
