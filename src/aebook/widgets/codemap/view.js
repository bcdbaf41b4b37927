/* CodeMap: a code of two numbers, seen whole. */

import { bytesOf } from "../lib/bytes.js";
import { h, write } from "../lib/dom.js";
import { frame, status } from "../lib/frame.js";
import { greysOf } from "../lib/greys.js";
import { ownModels, packed } from "../lib/models.js";
import { onTheme, themeColour } from "../lib/pictures.js";
import { takingTurns } from "../lib/turns.js";
import { colourOf, land, PIXELS } from "./land.js";
import { beside, classes, map, models } from "./parts.js";
import { frameOf, nearest } from "./place.js";

const TEST = 1_000, AT_ONCE = 20;
const BOOK = {
  plain: { linear: "pca-2", nonlinear: "page-stacked-2" },
  variational: { nonlinear: "page-stacked-2", variational: "sampling-vae-2" },
};
let views = 0;

/** What the parts share: where the point is, on which model's map. */
class App {
  constructor(model, words, digits, known) {
    Object.assign(this, { model, words, digits, known, id: `aebook-codemap-${++views}`, codes: new Map() });
    Object.assign(this, { drawMap: () => {}, drawPoint: () => {}, live: null });
  }

  get name() {
    const name = this.model.get("model");
    return name in this.known ? name : Object.keys(this.known).at(-1);
  }
  get net() {
    return this.known[this.name];
  }
  get frame() {
    return frameOf(this.net.facts.codes);
  }
  get home() {
    return this.net.facts.codes.mean;
  }
  get code() {
    const kept = this.live ?? this.model.get("code");
    return kept.length === 2 ? kept : this.home;
  }
  get hidden() {
    return this.model.get("hidden");
  }
  isShown = (point) => !this.hidden.includes(this.digits.labels[point]);

  /** Moves the point; `keep` says that it stays there. */
  move(code) {
    this.live = code;
    this.drawPoint();
  }
  keep() {
    if (!this.live) return;
    const code = this.live.map((number) => Number(number.toPrecision(4)));
    this.live = null;
    this.set({ code });
  }

  turn(label) {
    const others = this.hidden.filter((one) => one !== label);
    this.set({ hidden: others.length < this.hidden.length ? others : [...others, label].sort() });
  }

  set(changes) {
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** The codes of all digits by the model, found some at a time. */
  *encoded() {
    const { name, net, digits } = this;
    if (this.codes.has(name)) return;
    const codes = new Float32Array(2 * digits.labels.length);
    for (let point = 0; point < digits.labels.length; point++) {
      const pixels = Float32Array.from(
        digits.greys.subarray(point * PIXELS, (point + 1) * PIXELS),
        (grey) => grey / 15,
      );
      codes.set(net.encode(pixels), 2 * point);
      if (point % AT_ONCE === 0) yield;
    }
    this.codes.set(name, codes);
  }

  get points() {
    return this.codes.get(this.name) ?? new Float32Array(0);
  }
}

/** Puts all parts into a root, and gives what draws them. */
function assembled(app) {
  const { words } = app, ground = land(), theMap = map(app, ground.canvases), seen = beside(app);
  const choice = models(app, Object.keys(app.known)), shown = classes(app);
  const about = h("p", {}), told = status();
  const more = h("details", {}, h("summary", {}, words.more), h("p", {}, words.keys), about);
  const stage = h("div", { class: "stage" }, theMap.element, seen.element);
  const sentence = h("p", { class: "sentence" }, words.sentence);
  const controls = h("div", { class: "controls" }, choice.element, shown.element);
  const root = frame("codemap", app.model.get("language"), words, stage, sentence, controls, more, told);
  const drawPoint = () => {
    const { code, net, digits } = app, point = nearest(app.points, code, app.isShown);
    theMap.draw();
    const found = app.points.length > 0; // else the digits' codes are still being computed
    seen.draw({ ...digits, code, picture: net.decode(code), point, found, ink: app.ink });
    if (!app.live) write(told, words.told(code, point < 0 ? null : digits.labels[point]));
  };
  const drawPoints = () => {
    const place = { codes: app.points, frame: app.frame };
    ground.drawPoints(place, app.digits.labels, app.isShown, app.isDark, app.paper);
    shown.draw(app.hidden, (label) => colourOf(label, app.isDark));
    drawPoint();
  };
  function* drawMap() {
    root.dataset.settled = "no";
    choice.draw(app.name);
    write(about, words.about(words.models[app.name], { row: app.net.name, ...app.net.facts }));
    drawPoints();
    yield* ground.drawPictures({ decode: app.net.decode, frame: app.frame }, app.ink);
    yield* app.encoded();
    drawPoints();
  }
  return { root, drawMap, drawPoint, drawPoints };
}

/** Puts a view of those models into `el`; gives back what takes it away again. */
function show(app, el) {
  const { root, drawMap, drawPoint, drawPoints } = assembled(app), ends = new AbortController();
  el.append(root);
  const turns = takingTurns([drawMap], () => (root.dataset.settled = app.name));
  const recolour = () => {
    [app.ink, app.paper] = ["--ink", "--paper"].map(themeColour);
    app.isDark = app.ink[0] > 128;
    turns.ask();
  };
  app.drawPoint = drawPoint;
  onTheme(recolour, ends.signal);
  const listeners = { "change:model": turns.ask, "change:hidden": drawPoints, "change:code": drawPoint };
  for (const [event, listener] of Object.entries(listeners)) app.model.on(event, listener);
  recolour();
  return () => {
    for (const [event, listener] of Object.entries(listeners)) app.model.off(event, listener);
    ends.abort();
    turns.end();
    root.remove();
  };
}

/** The digits on the map: a learner's own, or the book's. */
async function digitsFor(model, data) {
  const greys = bytesOf(model.get("greys")), labels = bytesOf(model.get("labels"));
  if (greys && labels) return { greys, labels };
  const bytes = await data("digits.bin");
  return { labels: bytes.subarray(0, TEST), greys: greysOf(bytes.subarray(TEST)) };
}

/** Puts the widget of `model` into `el`; rejects where weights or digits do not come. */
async function render({ model, el, words, weights, data }) {
  const names = BOOK[model.get("book")];
  const book = await Promise.all(Object.values(names).map((name) => packed(name, weights)));
  const known = Object.fromEntries(Object.keys(names).map((name, at) => [name, book[at]]));
  const begin = async () => {
    const [own] = ownModels(bytesOf(model.get("nets")));
    return show(new App(model, words, await digitsFor(model, data), own ? { ...known, own } : known), el);
  };
  let remove = await begin();
  const changed = async () => {
    remove(); // a learner's own model is another, or has learned
    remove = await begin();
  };
  model.on("change:nets", changed);
  return () => {
    model.off("change:nets", changed);
    remove();
  };
}

export default { render };
