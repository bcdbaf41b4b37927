/* Codes: move the numbers of a code, see the decoder draw. */

import { bytesOf } from "../lib/bytes.js";
import { button, h, write } from "../lib/dom.js";
import { drawer } from "../lib/drawer.js";
import { frame } from "../lib/frame.js";
import { ownModels, packed } from "../lib/models.js";
import { onTheme, themeColour } from "../lib/pictures.js";
import { takingTurns } from "../lib/turns.js";
import { lane } from "./lanes.js";
import { moved, sliders } from "./sliders.js";
import { stateOf } from "./state.js";

const MODELS = { linear: "linear-20", stacked: "page-stacked-20", convolutional: "light-20" };
const ALONE = { ...MODELS, variational: "sampling-vae-20" }; // which is not among all
const SECONDS = 4; // that a walk takes
const PRECISE = 1000; // a code's numbers are kept to the third decimal, for a link's sake
let views = 0;

/** What the parts share: the state, and what changes it. */
class App {
  constructor(model, words, digits) {
    Object.assign(this, { model, words, digits, id: `aebook-codes-${++views}`, lanes: [], playing: 0 });
    this.update = () => {
      if (!this.changing) this.follow();
    };
    this.colour();
  }

  colour() {
    for (const [name, property] of [["ink", "--ink"], ["above", "--pos"], ["below", "--neg"]]) {
      this[name] = themeColour(property);
    }
  }

  get chosen() {
    return this.lanes.find(({ model }) => model.name === this.state.model) ?? this.lanes.at(-1);
  }

  set(changes, keep = true) {
    this.changing = true; // one drawing, after all of them
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.changing = false;
    this.follow();
    if (keep) this.model.save_changes();
  }

  /** Decodes and draws: the chosen model at once, the others in their turns. */
  follow() {
    this.state = stateOf(this.model);
    this.state.model = this.chosen.model.name;
    this.chosen.calculate();
    this.redraw();
  }

  choose = (model) => this.set({ model, code: [] });
  take = (digit) => this.set({ digit, source: "digit", part: 0, code: [] });
  draw = (source) => this.set({ source, seed: this.state.seed + 1, part: 0, code: [] });

  move(which, value) {
    const { now, model } = this.chosen;
    const code = moved(now.code, this.state.along, model.facts.codes, which, value);
    this.set({ code: code.map((number) => Math.round(number * PRECISE) / PRECISE) });
  }

  /** Walks on from where it is, or from the beginning; or stops. */
  play() {
    if (this.playing) return this.stop();
    let last = null, part = this.state.part < 1 ? this.state.part : 0;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = (time) => {
      part = still ? 1 : Math.min(1, part + (last === null ? 0 : (time - last) / 1000 / SECONDS));
      last = time;
      this.playing = part < 1 ? requestAnimationFrame(step) : 0;
      this.set({ part, code: [] }, !this.playing);
    };
    this.playing = requestAnimationFrame(step);
  }

  stop() {
    cancelAnimationFrame(this.playing);
    this.playing = 0;
    this.set({});
  }
}

/** The walk to another digit: where it goes, how far it is, play. */
function walk(app) {
  const { words } = app,
    options = Array.from({ length: 10 }, (_, digit) => h("option", { value: digit }, `${digit}`));
  const to = h("select", { onchange: () => app.set({ to: Number(to.value), code: [] }) }, ...options);
  const part = h("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": words.part });
  part.addEventListener("input", () => app.set({ part: part.valueAsNumber, code: [] }));
  const play = button(words.play, () => app.play());
  const element = h("div", { class: "walk" }, h("label", {}, words.to, " ", to), part, play);
  function draw({ state }) {
    to.value = state.to;
    part.valueAsNumber = state.part;
    write(play, app.playing ? words.pause : words.play);
  }
  return { element, draw };
}

/** Segments: by directions, or each number by itself. */
function ways(app) {
  const radios = ["directions", "numbers"].map((along) =>
    h("input", { type: "radio", name: `${app.id}-along`, value: along, onchange: () => app.set({ along }) })
  );
  const labels = radios.map((radio) => h("label", {}, radio, h("span", {}, app.words.ways[radio.value])));
  const element = h("fieldset", { class: "segments" }, h("legend", { class: "told" }, app.words.along), ...labels);
  const draw = ({ state }) => {
    for (const radio of radios) radio.checked = radio.value === state.along;
  };
  return { element, draw };
}

/** Buttons for codes by chance and the difference. */
function chances(app) {
  const { words } = app, apart = button(words.difference, () => app.set({ difference: !app.state.difference }));
  const all = ["normal", "codes"].map((source) => button(words.sources[source], () => app.draw(source)));
  const reset = button(words.reset, () => app.set({ part: 0, code: [] }));
  const element = h("div", { class: "buttons" }, ...all, apart, reset);
  return { element, draw: ({ state }) => apart.setAttribute("aria-pressed", String(state.difference)) };
}

/** Puts all parts into a root. */
function assembled(app, language) {
  const { words } = app, digits = drawer(app, app.digits), parts = [walk(app), chances(app), ways(app)];
  const bars = h("div", {}), stage = h("div", { class: "stage" }, ...app.lanes.map(({ element }) => element));
  const sentence = h("p", { class: "sentence" }, app.lanes.length > 1 ? words.sentence : words.sentenceOfOne);
  const root = frame("codes", language, words, stage, sentence, digits.element);
  root.append(...parts.map(({ element }) => element), bars);
  let made = null, count = 0;

  function draw() {
    const { now, model } = app.chosen, { state } = app;
    if (count !== now.code.length) {
      count = now.code.length;
      made = sliders(app, count);
      bars.replaceChildren(made.element);
    }
    made.draw([...now.code], now.start, state.along, model.facts.codes);
    for (const part of parts) part.draw(app);
    for (const one of app.lanes) one.draw();
    digits.draw(state.source === "digit" ? state.digit : -1);
  }
  return { root, draw };
}

/** Puts a view of those models into `el`; gives back what takes it away again. */
function shown({ model, el, language, words }, digits, models) {
  const app = new App(model, words, digits), ends = new AbortController();
  app.lanes = models.map((one) => lane(app, one, models.length > 1));
  const { root, draw } = assembled(app, language);
  const turns = takingTurns(app.lanes.map((one) => one.turn), () => {
    root.dataset.settled = "yes"; // which tests and benches wait for
  });
  app.redraw = () => {
    delete root.dataset.settled;
    draw();
    turns.ask();
  };
  el.append(root);
  app.follow();
  onTheme(() => {
    app.colour();
    draw();
  }, ends.signal);
  model.on("change", app.update);
  return () => {
    model.off("change", app.update);
    cancelAnimationFrame(app.playing);
    ends.abort();
    turns.end();
    root.remove();
  };
}

/** Puts the widget of `model` into `el`; rejects where the weights do not come. */
async function render(given) {
  const { model, weights, data } = given, only = model.get("only");
  const names = only in ALONE ? [ALONE[only]] : Object.values(MODELS);
  const [digits, ...book] = await Promise.all([
    data("digits.bin"),
    ...names.map((name) => packed(name, weights)),
  ]);
  const own = () => ownModels(bytesOf(model.get("nets"))).filter(({ facts }) => facts.codes.directions.length);
  const show = () => shown(given, digits, [...own(), ...book]);
  let remove = show();
  const changed = () => {
    remove(); // a learner's own models are others, or have learned
    remove = show();
  };
  model.on("change:nets", changed);
  return () => {
    model.off("change:nets", changed);
    remove();
  };
}

export default { render };
