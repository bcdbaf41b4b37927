/* Threshold: hits and false alarms, as a threshold moves between two histograms. */

import { bytesOf } from "../lib/bytes.js";
import { h, put, write } from "../lib/dom.js";
import { frame, status } from "../lib/frame.js";
import { above, area, axisOf, curve, exceededBy, unpacked } from "./counting.js";
import { choice, histograms, numbers, roc, slider } from "./parts.js";

const KINDS = ["without-2", "without-1", "mirrored", "letters", "hangul", "noise", "blank"];
const SCORES = ["error", "neighbours", "error_by_variance"];
const FALSE_ALARMS = 0.05; // of the familiar scores, above the threshold at first
let views = 0;

/** What the parts share: the scores of both kinds, and the threshold between them. */
class App {
  constructor(model, words, book, own) {
    Object.assign(this, {
      model,
      words,
      book,
      own,
      id: `aebook-threshold-${++views}`,
      live: null,
      draw: () => {},
    });
  }

  get kind() {
    const kind = this.model.get("kind");
    return kind === "own" ? (this.own ? "own" : KINDS[0]) : kind;
  }
  get score() {
    return this.model.get("score");
  }
  get threshold() {
    return this.live ?? this.model.get("threshold")[0] ?? this.home;
  }

  /** Takes up the scores that are chosen. */
  choose() {
    const { kind, score, own, book } = this, { familiar, unfamiliar } = book;
    const [usual, strange] = kind === "own"
      ? own
      : [(familiar[kind] ?? familiar.all)[score], unfamiliar[kind][score]];
    Object.assign(this, { familiar: usual, unfamiliar: strange, axis: axisOf(usual, strange), live: null });
    this.home = exceededBy(usual, FALSE_ALARMS);
    this.points = curve(usual, strange);
    this.area = area(this.points);
  }

  /** What is to be said of the threshold. */
  count() {
    const { familiar, unfamiliar, threshold } = this;
    const [alarmed, hit] = [familiar, unfamiliar].map((scores) => above(scores, threshold));
    const shares = { alarms: alarmed / familiar.length, hits: hit / unfamiliar.length };
    const counts = { alarmed, hit, familiar: familiar.length, unfamiliar: unfamiliar.length };
    this.facts = { ...shares, ...counts, threshold, area: this.area, curve: this.points };
  }

  /** Moves the threshold to a place on the axis; `keep` says that it stays there. */
  move(place) {
    this.live = Number(this.axis.scoreAt(place).toPrecision(6));
    this.draw();
  }
  keep() {
    if (this.live !== null) this.set({ threshold: [this.live] });
  }

  set(changes) {
    this.live = null; // first: what hears of the changes draws what is kept
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.model.save_changes();
  }
}

/** Puts all parts into a root, and gives what draws them. */
function assembled(app) {
  const { words } = app, both = histograms(app), line = slider(app), across = roc(app), told = numbers(app);
  const kinds = choice(app, "kind", [...KINDS, ...(app.own ? ["own"] : [])], words.kinds, words.kind);
  const scores = choice(app, "score", SCORES, words.scores, words.by);
  const said = status(), about = h("p", {});
  const more = h("details", {}, h("summary", {}, words.more), h("p", {}, words.keys), about);
  const left = h("div", { class: "scores" }, both.element, line.element);
  const stage = h("div", { class: "stage" }, left, h("div", { class: "beside" }, told.element, across.element));
  const sentence = h("p", { class: "sentence" }, words.sentence);
  const language = app.model.get("language");
  const root = frame("threshold", language, words, stage, sentence, kinds.element, scores.element, more, said);
  const draw = () => {
    app.count();
    for (const part of [both, line, across]) part.draw();
    told.draw(app.facts);
    if (app.live === null) write(said, words.told(app.facts));
  };
  const chosen = () => {
    app.choose();
    kinds.draw(app.kind);
    scores.draw(app.score);
    put(scores.element, "disabled", app.kind === "own");
    write(about, words.about[app.kind] ?? words.about.all);
    draw();
    root.dataset.settled = `${app.kind} ${app.score}`;
  };
  return { root, draw, chosen, end: both.end };
}

/** Puts a view into `el`; gives back what takes it away again. */
function show(app, el) {
  const { root, draw, chosen, end } = assembled(app);
  app.draw = draw;
  const listeners = { "change:kind": chosen, "change:score": chosen, "change:threshold": draw };
  for (const [event, listener] of Object.entries(listeners)) app.model.on(event, listener);
  el.append(root);
  chosen();
  return () => {
    for (const [event, listener] of Object.entries(listeners)) app.model.off(event, listener);
    end();
    root.remove();
  };
}

/** A learner's own scores, familiar and unfamiliar; null for none. */
function ownScores(model) {
  const both = ["usual", "strange"].map((name) => bytesOf(model.get(name)));
  return both.every(Boolean) ? both.map((bytes) => new Float64Array(bytes.slice().buffer)) : null;
}

/** Puts the widget of `model` into `el`; rejects where the scores do not come. */
async function render({ model, el, words, data }) {
  const book = unpacked(await data("scores.bin"));
  const begin = () => show(new App(model, words, book, ownScores(model)), el);
  let remove = begin();
  const changed = () => {
    remove();
    remove = begin();
  };
  const events = ["change:usual", "change:strange"];
  for (const event of events) model.on(event, changed);
  return () => {
    for (const event of events) model.off(event, changed);
    remove();
  };
}

export default { render };
