/* The parts of the chain. Each is a function of the chain `app` ({ words, now, change }) that makes its element
   once and gives back { element, draw(now) }; `now` is the state, its layers, sized, and which one is chosen. */

import { copier, slider, tabs } from "../lib/controls.js";
import { button, h, put, QUIET, write } from "../lib/dom.js";
import { rangeOf } from "../lib/state.js";
import { formula, meaning, WORDS_FROM } from "../lib/transposed.js";
import { changed, code, KNOBS, MOST, reachable, wayBack } from "./decoder.js";
import SPEC from "./spec.json" with { type: "json" };

const SIDES = 2.2; // the sum of the maps' sides, at most, in sides of the largest one drawn
const LONGEST = 4096; // an axis whose cells are counted

/** A square of that size, to scale. */
function square(tag, size) {
  const element = h(tag);
  element.style.setProperty("--size", size ?? 0);
  return element;
}

/** The maps to scale, and around the last one the target. */
export function picture() {
  const element = h("div", { class: "maps", role: "img" });
  const map = (size, channels, name) =>
    h("div", { class: `map ${name}` }, square("i", size), h("b", {}, size ?? "–"), h("span", {}, `×${channels}`));
  return {
    element,
    draw({ state, layers, at }) {
      const all = [{ size: state.input_size, out_channels: state.in_channels }, ...layers];
      const sizes = all.map(({ size }) => size ?? 0), sum = sizes.reduce((some, size) => some + size);
      const nameOf = (place) => (place === 0 ? "code" : place === layers.length ? "image" : "");
      const maps = all.map(({ size, out_channels }, place) =>
        map(size, out_channels, `${nameOf(place)}${place === at + 1 ? " made" : ""}`)
      );
      maps.at(-1).prepend(square("u", state.target));
      element.style.setProperty("--most", Math.max(state.target, ...sizes, sum / SIDES));
      element.setAttribute("aria-label", all.map(({ size }) => size ?? "–").join(" → "));
      element.replaceChildren(...maps);
    },
  };
}

/** Where the decoder ends and how to come to the target; or the layer that PyTorch refuses, and why. */
export function verdict({ words }) {
  const element = h("p", { role: "status" });
  const ended = (state, size) => {
    if (size === state.target) return words.there(size);
    const extras = wayBack(state),
      way = extras ? words.leads(extras.join(", ")) : words.reaches(...reachable(state));
    return `${words.apart(size, state.target)} ${way}`;
  };
  return {
    element,
    draw({ state, layers }) {
      const at = layers.findIndex(({ rule }) => rule), { text, rule, about } = layers[at]?.rule ?? {};
      const refused = () => `${words.refused(at + 1, WORDS_FROM)}\n${text}\n${words.why[rule](...about.slice(1))}`;
      write(element, rule ? refused() : ended(state, layers.at(-1).size));
    },
  };
}

/** The layers as tabs, each with the sizes that it goes from and to. */
export function layers(app) {
  const { words } = app, texts = {};
  for (let number = 1; number <= MOST; number++) texts[number] = h("span", {});
  const { element, draw } = tabs(words.layers, texts, (number) => app.change({ chosen: Number(number) }));
  element.classList.add("layers");
  return {
    element,
    draw({ layers, at }) {
      draw(`${at + 1}`);
      Object.values(texts).forEach((text, place) => {
        const { input_size, size } = layers[place] ?? {};
        text.parentElement.hidden = place >= layers.length;
        write(text, `${words.layer(place + 1)}\n${input_size ?? "–"} → ${size ?? "–"}`);
      });
    },
  };
}

/** Finds output_padding, adds a layer behind the chosen one or takes that away, leads back to the first state. */
export function actions(app) {
  const { words } = app;
  const find = () => {
    const extras = wayBack(app.now.state);
    const set = (layers, extra, at) => changed(layers, at, "output_padding", extra);
    if (extras) app.change({ layers: extras.reduce(set, app.now.state.layers) });
  };
  const add = () => {
    const { state: { layers }, at } = app.now;
    if (layers.length < MOST) app.change({ layers: layers.toSpliced(at, 0, layers[at]), chosen: at + 2 });
  };
  const remove = () => {
    const { state: { layers }, at } = app.now;
    if (layers.length > 1) app.change({ layers: layers.toSpliced(at, 1), chosen: Math.max(1, at) });
  };
  const [adder, remover] = [button(words.add, add), button("", remove)];
  const all = [button(words.find, find), adder, remover, button(words.reset, app.reset)];
  return {
    element: h("div", { class: "actions" }, ...all),
    draw({ layers, at }) {
      put(adder, "ariaDisabled", `${layers.length === MOST}`);
      put(remover, "ariaDisabled", `${layers.length === 1}`);
      write(remover, words.remove(at + 1));
    },
  };
}

/** Sliders under a title, for numbers with bounds and maybe a label; `set` is given the name and the value. */
function sliders(title, bounds, set) {
  const all = bounds.map(([name, ends, label = name]) => slider(label, ends, (value) => set(name, value)));
  const box = h("div", { class: "sliders" }, ...all.map(({ element }) => element));
  const draw = (numbers) => bounds.forEach(([name], at) => all[at].draw(numbers[name]));
  return { element: h("fieldset", {}, title, box), draw };
}

/** The sliders of the chosen layer, and what it does. */
export function layer(app) {
  const { words } = app, title = h("legend", {}), sum = h("p", { class: "sum" }), means = h("p", {});
  const set = (name, value) => app.change({ layers: changed(app.now.state.layers, app.now.at, name, value) });
  const { element, draw } = sliders(title, KNOBS, set);
  element.append(sum, means);
  return {
    element,
    draw({ layers, at }) {
      const now = layers[at], [kind, ...counts] = now.size && now.size <= LONGEST ? meaning(now) : [];
      draw(now);
      write(title, words.layer(at + 1));
      write(sum, now.size ? formula(now, now.size) : "");
      write(means, kind ? words.means[kind](...counts) : "");
    },
  };
}

/** The sliders of the whole: what comes in, and what is to come out. */
export function whole(app) {
  const { words } = app, title = h("legend", {}, words.whole);
  const bounds = ["input_size", "in_channels", "target"].map((
    name,
  ) => [name, rangeOf(SPEC.settings[name]), words[name]]);
  const { element, draw } = sliders(title, bounds, (name, value) => app.change({ [name]: value }));
  return { element, draw: ({ state }) => draw(state) };
}

/** The decoder's code, to be copied, in one of two ways. */
export function codeBox(app) {
  const { words } = app, text = h("code"), { of } = SPEC.settings.call;
  const texts = Object.fromEntries(of.map((name) => [name, h("code", {}, `${name}=`)]));
  const ways = tabs(words.call, texts, (call) => app.change({ call }));
  const box = h("div", {}, h("pre", { tabindex: 0, [QUIET[0]]: QUIET[1] }, text), copier(words, text));
  return {
    element: h("div", {}, ways.element, box),
    draw({ state, layers }) {
      box.hidden = !layers.at(-1).size;
      ways.draw(state.call);
      write(text, box.hidden ? "" : code(state, layers));
    },
  };
}
