/* Training: a linear autoencoder that learns in the page, in a worker, while everything is watched. */

import { h, write } from "../lib/dom.js";
import { frame, status } from "../lib/frame.js";
import { onTheme, themeColour } from "../lib/pictures.js";
import { chart } from "./chart.js";
import { buttons, more, presets } from "./controls.js";
import { pairs, weightPictures } from "./pictures.js";
import BEST from "./pca.json" with { type: "json" };

const DIGITS = 4_000, MOST_STEPS = 20_000;
const RECIPE = ["optimizer", "learning_rate", "batch_size", "code_size", "seed"];
let views = 0;

/** What the parts share: the settings, and what the worker has told of the course that they make. */
class App {
  constructor(model, words, crew) {
    Object.assign(this, {
      model,
      words,
      crew,
      id: `aebook-training-${++views}`,
      number: 0,
      key: "",
      until: 0,
      due: false,
    });
    Object.assign(this, { losses: [], before: [], report: null, goesOn: false, redraw: () => {} });
    this.update = () => {
      if (this.due) return;
      this.due = true; // a link sets several settings, one after another
      queueMicrotask(() => {
        this.due = false;
        this.follow();
      });
    };
  }

  get state() {
    return Object.fromEntries([...RECIPE, "pause_every", "steps"].map((name) => [name, this.model.get(name)]));
  }

  /** The step at which the course is; one that has just begun has told nothing yet. */
  get there() {
    return this.report?.steps ?? 0;
  }

  /** Changes settings, and begins anew by them. */
  change(changes) {
    this.set({ ...changes, steps: 0 });
  }

  set(changes) {
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** Does what the settings say: begins a course where they ask for another, and brings it to its step. */
  follow() {
    const { state } = this, { steps } = state, key = JSON.stringify(RECIPE.map((name) => state[name]));
    const { there } = this;
    if (key !== this.key || steps < there || (steps === 0 && this.goesOn)) this.begin(key, state, steps);
    else if (steps > there && steps !== this.until) this.run(steps);
    else this.redraw();
  }

  begin(key, { code_size, batch_size, learning_rate, optimizer, seed }, until) {
    if (this.losses.length > 1 && key !== this.key) this.before = this.losses;
    this.key = key;
    this.losses = [];
    this.goesOn = until > 0;
    this.until = until;
    this.report = null;
    const recipe = { codeSize: code_size, batchSize: batch_size, learningRate: learning_rate, optimizer, seed };
    this.crew.postMessage({ recipe, number: ++this.number, until });
  }

  run(until) {
    this.goesOn = true;
    this.until = Math.min(until, MOST_STEPS);
    this.crew.postMessage({ until: this.until });
    this.redraw();
  }

  /** Goes on to the next place to pause at, or pauses. */
  toggle() {
    if (this.goesOn) return this.pause();
    const { pause_every } = this.state;
    this.run((Math.floor(this.there / pause_every) + 1) * pause_every);
  }

  pause() {
    this.until = null;
    this.crew.postMessage({ until: "now" });
  }

  oneStep() {
    this.run(this.there + 1);
  }

  reset() {
    this.set({ steps: 0 });
    this.follow();
  }

  /** Takes what the worker tells. */
  hear(data) {
    if (data.number !== this.number) return; // of a course that is over
    for (const loss of data.losses) this.losses.push(loss);
    this.report = data;
    const isLate = !data.diverged && data.steps < (this.until ?? 0); // it has been told to go on meanwhile
    this.goesOn = data.goesOn || isLate;
    if (!this.goesOn && this.model.get("steps") !== data.steps) this.set({ steps: data.steps });
    this.redraw();
    this.crew.postMessage({ seen: data.number });
  }

  /** What is told of a course: the mean loss of its last epoch, as far as it is done, and errors beside PCA's. */
  get numbers() {
    const { batch_size, code_size } = this.state, batches = Math.ceil(DIGITS / batch_size);
    const last = this.losses.slice(-batches), sum = last.reduce((total, loss) => total + loss, 0);
    return {
      steps: this.report.steps,
      epochs: this.report.steps / batches,
      loss: last.length ? sum / last.length : null,
      testError: this.report.testError,
      best: BEST.training[code_size],
      bestTest: BEST.test[code_size],
      diverged: this.report.diverged,
    };
  }
}

/** The numbers below the curve, each with what it is to be compared with. */
function figures(words) {
  const names = ["steps", "loss", "testError"], values = names.map(() => [h("b", {}), h("span", {})]);
  const told = names.map((name, at) =>
    h("div", {}, h("dt", {}, words.names[name]), h("dd", {}, values[at][0], " ", values[at][1]))
  );
  const draw = (numbers) =>
    names.forEach((name, at) =>
      words.values[name](numbers).forEach((said, part) => write(values[at][part], said))
    );
  return { element: h("dl", {}, ...told), draw };
}

/** Puts all parts into a root. */
function assembled(app, shown) {
  const { words } = app, curve = chart(words), digits = pairs(words, shown), numbers = figures(words);
  const weights = weightPictures(words), sentence = h("p", { class: "sentence" }), told = status();
  const controls = [buttons(app), presets(app), more(app)];
  const root = frame(
    "training",
    app.model.get("language"),
    words,
    curve.element,
    numbers.element,
    digits.element,
    sentence,
    h("div", { class: "controls" }, controls[0].element, controls[1].element),
    weights.element,
    controls[2].element,
    told,
  );
  const draw = () => {
    const { state } = app;
    for (const control of controls) control.draw({ ...state, goesOn: app.goesOn, steps: app.there });
    if (!app.report) return;
    const said = app.numbers, { code_size, pause_every } = state;
    const end = Math.max(pause_every, app.losses.length, app.before.length);
    curve.draw({ losses: app.losses, before: app.before, end, best: said.best, average: BEST.training[0], said });
    numbers.draw(said);
    digits.draw(app.report.pictures, app.colours.ink);
    weights.draw(app.report.weights, app.colours.positive, app.colours.negative);
    write(sentence, words.sentence(said, code_size));
    if (!app.goesOn) write(told, words.told(said));
    root.dataset.steps = app.report.steps;
    root.dataset.goesOn = app.goesOn;
  };
  return { root, draw, end: curve.end };
}

/** Puts a view into `el`; gives back what takes it away again. */
function show(app, el, shown, signal) {
  const { root, draw, end } = assembled(app, shown);
  el.append(root);
  const recolour = () => {
    const [ink, positive, negative] = ["--ink", "--pos", "--neg"].map(themeColour);
    app.colours = { ink, positive, negative };
    draw();
  };
  app.redraw = draw;
  recolour();
  onTheme(recolour, signal);
  app.model.on("change", app.update);
  return () => {
    app.model.off("change", app.update);
    end();
    root.remove();
  };
}

/** The next thing that the worker says; rejects where it fails. */
const nextOf = (crew) =>
  new Promise((resolve, reject) => {
    crew.onerror = (event) => reject(new Error(event.message || "the worker does not begin"));
    crew.onmessage = (event) => resolve(event.data);
  });

/** Puts the widget of `model` into `el`; rejects where the digits do not come, or no worker does.

    It is there once its first numbers are: nothing below it has to move when they come. */
async function render({ model, el, words, data, worker }) {
  const bytes = await data("digits.bin"), crew = worker("worker.js"), ends = new AbortController();
  let remove = () => {};
  const end = () => {
    ends.abort();
    crew.terminate();
    remove();
  };
  try {
    crew.postMessage({ digits: bytes });
    const { shown } = await nextOf(crew), app = new App(model, words, crew);
    remove = show(app, el, shown, ends.signal);
    app.follow();
    const first = await nextOf(crew);
    crew.onmessage = (event) => app.hear(event.data);
    app.hear(first);
    return end;
  } catch (error) {
    end();
    throw error;
  }
}

export default { render };
