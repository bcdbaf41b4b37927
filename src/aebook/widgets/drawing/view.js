/* Drawing: draw a digit, see what each model makes of it from a few numbers. */

import { bytesOf } from "../lib/bytes.js";
import { button, h, write } from "../lib/dom.js";
import { drawer } from "../lib/drawer.js";
import { meanSquaredError } from "../lib/errors.js";
import { frame, status } from "../lib/frame.js";
import { numbersOf, ownModels, packed } from "../lib/models.js";
import { onTheme, paint, picture, themeColour } from "../lib/pictures.js";
import { takingTurns } from "../lib/turns.js";
import { strength } from "./changes.js";
import { CHANGES, imageOf, padOf, PAPER, stateOf } from "./image.js";
import { lane } from "./lanes.js";
import { more, once } from "./more.js";
import { emptyPad, pad } from "./pad.js";
import { MOST, read, written } from "./strokes.js";

const PLAIN = ["linear-20", "page-stacked-20", "light-20"];
const BOOK = { plain: PLAIN, denoising: [...PLAIN, "denoiser"] };
const REMEMBERED = 100; // steps that can be undone
let views = 0;

/**
 * What the parts share. `raster` is what the pad shows; `image`, what the models get, 28×28 greys; `wanted`, what
 * their pictures are compared with: the same, but where one denoises what it was before the noise. `noise` is the
 * strength of that there, and null elsewhere.
 */
class App {
  constructor(model, words, digits) {
    Object.assign(this, { model, words, digits, id: `aebook-drawing-${++views}`, lanes: [], past: [] });
    Object.assign(this, { state: stateOf(model), live: null, changing: false, redraw: () => {} });
    this.noise = model.get("book") === "denoising" ? 0 : null;
    this.update = () => {
      if (!this.changing) this.follow();
    };
  }

  /** Changes some settings; what was before can be had back. */
  change(changes) {
    this.past = [...this.past, this.state].slice(-REMEMBERED);
    this.set(changes);
  }

  set(changes) {
    this.changing = true; // one drawing, after all of them
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.changing = false;
    this.follow();
    this.model.save_changes();
  }

  undo() {
    const before = this.past.pop();
    if (before) this.set(before);
  }

  take = (digit) => this.change({ ...PAPER, ...CHANGES, digit });
  unchange = () => this.change(CHANGES);
  isChanged = (state) => Object.keys(CHANGES).some((name) => state[name] !== CHANGES[name]);

  /** Draws what the settings say, unless a stroke is being drawn: it comes in at its end. */
  follow() {
    this.state = stateOf(this.model);
    if (this.live) return;
    this.raster = padOf(this.state, this.digits);
    this.look(this.state);
  }

  /** Has the models look at what is on the pad with all that a state does to it. */
  look(state) {
    const image = (some) => imageOf(some, this.digits, this.raster);
    if (this.noise !== null) this.noise = strength(state.noise);
    this.image = image(state);
    this.wanted = this.noise ? image({ ...state, noise: 0 }) : this.image;
    this.redraw();
  }

  // What the pad calls, in this order.

  begin() {
    const { state } = this;
    this.live = state.strokes ? state : { ...state, ...PAPER, ...CHANGES };
    if (!state.strokes) this.raster = emptyPad();
    return this.raster;
  }

  goOn() {
    this.look({ ...this.live, strokes: "drawing" });
  }

  finish(stroke) {
    const strokes = [...(read(this.live.strokes) ?? []), stroke], { live } = this;
    this.live = null;
    const points = strokes.reduce((count, one) => count + one.length / 2, 0);
    if (points > MOST) return this.follow(); // more than a link carries
    this.change({ ...live, strokes: written(strokes) });
  }

  drop() {
    this.live = null;
    this.follow();
  }
}

/** Segments that choose, on a narrow screen, which model is shown. */
function segments(app) {
  const radios = app.lanes.map(({ model }) =>
    h("input", {
      type: "radio",
      name: `${app.id}-shown`,
      value: model.name,
      onchange: () => app.set({ shown: model.name }),
    })
  );
  const element = h(
    "fieldset",
    { class: "segments" },
    h("legend", { class: "told" }, app.words.choose),
    ...app.lanes.map(({ name }, at) => h("label", {}, radios[at], h("span", {}, name))),
  );

  function draw() {
    const wanted = app.model.get("shown"), last = app.lanes.length - 1;
    const at = Math.max(app.lanes.findIndex(({ model }) => model.name === wanted), -1);
    const chosen = at < 0 ? last : at;
    for (const [place, radio] of radios.entries()) radio.checked = place === chosen;
    for (const [place, one] of app.lanes.entries()) one.element.classList.toggle("chosen", place === chosen);
  }
  return { element, draw };
}

/** What stands under the pad: the image as the models get it, and under noise how far that is from the drawing. */
function seenAs(app) {
  const canvas = picture("seen", app.words.seen), caption = h("span", { "aria-hidden": "true" });
  const element = h("div", { class: "as-seen" }, canvas, caption);
  function draw() {
    paint(canvas, app.image, app.ink, 255);
    const { noise, words } = app, apart = noise && meanSquaredError(...[app.image, app.wanted].map(numbersOf));
    write(caption, noise ? words.seenUnder(noise, apart) : words.seen);
    canvas.setAttribute("aria-label", caption.textContent);
  }
  return { element, draw };
}

/** Puts all parts into a root. */
function assembled(app, language) {
  const thePad = pad(app), seen = seenAs(app), choice = segments(app), digits = drawer(app, app.digits);
  const rest = more(app), told = status();
  const undo = button(app.words.undo, () => app.undo()), blank = button(app.words.blank, () => app.take(-1));
  const denoises = app.noise !== null, buttons = [...(denoises ? [once(app, "noise")] : []), undo, blank];
  const stage = h("div", { class: "stage" }, choice.element, thePad.element, seen.element);
  stage.append(h("div", { class: "lanes" }, ...app.lanes.map(({ element }) => element)));
  const controls = h("div", { class: "controls" }, digits.element, h("span", { class: "buttons" }, ...buttons));
  const sentence = denoises ? app.words.sentenceOfDenoising : app.words.sentence;
  const under = h("div", { class: "under" }, h("p", { class: "sentence" }, sentence), controls);
  const root = frame("drawing", language, app.words, stage, under, told, rest.element);
  root.classList.toggle("denoises", denoises);
  const draw = () => {
    thePad.draw(app.raster, app.ink);
    seen.draw();
    if (thePad.isDrawing()) return;
    for (const part of [choice, rest]) part.draw(app.state);
    digits.draw(app.state.pixels || app.state.strokes ? -1 : app.state.digit);
    undo.disabled = app.past.length === 0;
  };
  const tell = () => {
    if (thePad.isDrawing()) return;
    for (const one of app.lanes) one.tell();
    const results = app.lanes.map(({ name, now }) => app.words.result(name, now.error, now.percent, app.noise));
    write(told, results.join(". "));
  };
  return { root, draw, tell };
}

/** Puts a view of those models into `el`; gives back what takes it away again. */
function shown({ model, el, language, words }, digits, models) {
  const app = new App(model, words, digits), ends = new AbortController();
  app.lanes = models.map((one, number) => lane(app, one, number));
  const { root, draw, tell } = assembled(app, language);
  el.append(root);
  const turns = takingTurns(app.lanes.map((one) => one.turn), () => {
    tell();
    if (!app.live) sendSeen(model, app.image);
    root.dataset.settled = "yes"; // which tests and benches wait for
  });
  app.redraw = () => {
    delete root.dataset.settled;
    draw();
    turns.ask();
  };
  app.ink = themeColour("--ink");
  app.follow();
  onTheme(() => {
    app.ink = themeColour("--ink");
    draw();
    for (const one of app.lanes) one.draw();
  }, ends.signal);
  model.on("change", app.update);
  return () => {
    model.off("change", app.update);
    ends.abort();
    turns.end();
    root.remove();
  };
}

/** Puts the widget of `model` into `el`; rejects where the weights do not come. */
async function render(given) {
  const { model, weights, data } = given;
  const [digits, ...book] = await Promise.all([
    data("digits.bin"),
    ...BOOK[model.get("book")].map((name) => packed(name, weights)),
  ]);
  const show = () => shown(given, digits, [...ownModels(bytesOf(model.get("nets"))), ...book]);
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

/** Tells Python what the models get. */
function sendSeen(model, image) {
  const before = bytesOf(model.get("seen"));
  if (before?.length === image.length && image.every((grey, at) => grey === before[at])) return;
  model.set("seen", new DataView(image.slice().buffer));
  model.save_changes();
}

export default { render };
