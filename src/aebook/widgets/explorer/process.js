/* The picture: how the output comes about, in four views, one at a time. */

import { tabs } from "../lib/controls.js";
import { h, write } from "../lib/dom.js";
import { shown } from "./numbers.js";
import { Player } from "./player.js";
import {
  axesOf,
  ends,
  gridOf,
  laid,
  makeGrid,
  meaning,
  overlaps,
  range,
  repeating,
  uncropped,
} from "./arithmetic.js";
import { NumberGrid, scrollers } from "./grids.js";
import { trace } from "./parts.js";
import { verdict } from "./result.js";
import { canvasSheet, joined, largest, marksOf, tracedIn, tracedOutput, whole } from "./sheets.js";

/** The `step`th place of a grid, counted from 1 in reading order; null before the first. */
const placeAt = (step, { width }) => (step > 0 ? [Math.floor((step - 1) / width), (step - 1) % width] : null);
const corner = (sets) => sets?.map((all) => Math.max(0, ...all));

/** Whether anything is cut off the canvas or added to it. */
const isCropped = ({ padding, output_padding }) => Math.max(...padding, ...output_padding) > 0;

// Four ways to look at how the output comes about: the names of the grids, the last of which comes of the others,
// the signs behind those, how many steps (where it moves), a word on it, and the sheets at a step, null for a grid
// that is not shown. Where nothing moves, pointing at a grid of TRACED traces a cell of the input or the output.
const TRACED = { input: "input", canvas: "output", output: "output", overlap: "output" };
const VIEWS = {
  canvas: {
    grids: ["input", "kernel", "canvas", "output"],
    signs: "∗=→",
    note({ setting, refused }, words) {
      if (refused || !isCropped(setting)) return "";
      const { padding, output_padding } = setting;
      const beyond = [0, 1].some((axis) => output_padding[axis] > padding[axis]);
      const extra = [0, 1].some((axis) => output_padding[axis] && padding[axis]);
      return words.canvasNote(Math.max(...padding) > 0, extra, beyond);
    },
    sheets(now, words) {
      const { setting, input, kernel, canvas, output, marks } = now;
      return [
        whole(words, "input", input, { marks: marks.input, current: tracedIn(now, "input") }),
        whole(words, "kernel", kernel, { marks: marks.kernel }),
        isCropped(setting) &&
        canvasSheet(now, words, canvas, { marks: marks.output, current: tracedIn(now, "output") }),
        output && whole(words, "output", output, { marks: marks.output, current: tracedOutput(now) }),
      ];
    },
  },
  stamp: {
    grids: ["stamped", "stamps"],
    signs: "→",
    steps: ({ input }) => input.values.length,
    note: (_, words) => words.stampNote,
    sheets(now, words, step) {
      const current = placeAt(step, now.input);
      const marks = current ? marksOf(now, { from: "input", row: current[0], column: current[1] }) : {};
      const stamps = uncropped(now.input, now.kernel, now.setting, step);
      return [
        whole(words, "input", now.input, { marks: marks.input, current }),
        canvasSheet(now, words, stamps, { marks: marks.output, current: corner(marks.output) }),
      ];
    },
  },
  slide: {
    grids: ["spread", "flipped", "slid"],
    signs: "∗=",
    steps: ({ output }) => output?.values.length ?? 0,
    note: (_, words) => words.slideNote,
    sheets(now, words, step) {
      const { output, setting, kernel } = now;
      if (!output) return [];
      const current = placeAt(step, output);
      const under = (at, axis) =>
        range(0, setting.kernel_size[axis] - 1).map((u) => at + u * setting.dilation[axis]);
      const window = current?.map((at, axis) => new Set(under(at, axis)));
      const done = { ...output, values: output.values.map((value, place) => (place < step ? value : NaN)) };
      const marks = current?.map((at) => new Set([at]));
      return [
        whole(words, "spread", spreadInput(now), { marks: window, current: corner(window) }),
        whole(words, "flipped", { ...kernel, values: kernel.values.toReversed() }),
        whole(words, "output", done, { marks, current, most: largest(output) }),
      ];
    },
  },
  overlap: {
    grids: ["overlap"],
    signs: "",
    note: ({ setting, refused }, words) => (refused ? "" : overlapText(setting, words)),
    sheets(now, words) {
      if (!now.output) return [];
      return [
        whole(words, "overlap", overlaps(now.setting), { marks: now.marks.output, current: tracedOutput(now) }),
      ];
    },
  },
};

/** The input with zeros between and around its numbers, over which the flipped kernel slides. */
function spreadInput({ input, setting, size }) {
  const dot = { ...setting, kernel_size: [1, 1], dilation: [1, 1] };
  const reach = [0, 1].map((axis) => setting.dilation[axis] * (setting.kernel_size[axis] - 1));
  const empty = makeGrid(size[0] + reach[0], size[1] + reach[1]);
  const borders = reach.map((length, axis) => length - setting.padding[axis]);
  return laid(uncropped(input, gridOf([[1]]), dot), empty, borders);
}

/** The kernel_size % stride rule for this setting, gaps and the ratio of the checkerboard. */
function overlapText(setting, words) {
  const axes = axesOf(setting), every = axes.map((axis) => ends(repeating(axis)));
  const texts = axes.map((axis, at) => {
    const { kernel_size, stride } = axis, name = "HW"[at], [kind, , high] = meaning(axis);
    if (kind === "unreached") return words.gap(name);
    if (kind === "uneven") return words.uneven(name, kernel_size, stride, ...every[at]);
    return kernel_size % stride ? words.evenAnyway(name, high) : words.even(name, kernel_size, stride);
  });
  const [low, high] = [0, 1].map((end) => every[0][end] * every[1][end]);
  const ratio = low > 0 && high > low ? words.ratio(shown(high / low)) : "";
  return [words.overlapNote, ...joined(texts), ratio].filter(Boolean).join(" ");
}

/** One of the views: what comes before the outcome, the outcome, and what stands below: a word, maybe a player. */
function view(app, { grids: names, signs, steps, note, sheets }) {
  const { words, point } = app;
  const pointer = (from) => (row, column, keyed) => point(from, row, column, keyed);
  const grids = names.map((name) => new NumberGrid(name, app, !steps && TRACED[name] && pointer(TRACED[name])));
  const marks = [...signs].map((sign) => h("span", { class: "sign", "aria-hidden": "true" }, sign));
  const before = marks.flatMap((mark, at) => [grids[at].element, mark]), text = h("p");
  let now = null;
  const show = () => {
    player?.draw(steps(now));
    const drawn = sheets(now, words, player?.step);
    write(text, note(now, words));
    grids.forEach((grid, at) => {
      for (const each of [grid.element, marks[at]]) if (each) each.hidden = !drawn[at];
      if (drawn[at]) grid.draw(drawn[at]);
    });
  };
  const player = steps && new Player(words, show);
  const draw = (next) => {
    now = next;
    show();
  };
  const below = player ? [text, player.element] : [text];
  return { before, outcome: grids.at(-1).element, below, draw, stop: () => player?.pause() };
}

/** The tabs that choose a view; the first is called by what it shows. */
function choice({ words }, choose) {
  const names = Object.fromEntries(Object.keys(VIEWS).map((name) => [name, h("span", {}, words[name])]));
  const { element, draw } = tabs(words.view, names, choose);
  draw("canvas");
  return { element, draw: ({ setting }) => write(names.canvas, isCropped(setting) ? words.canvas : words.output) };
}

/** The picture: a view at a time, what it says of a cell, and the tabs that choose one. */
export function process(app) {
  const views = Object.fromEntries(Object.entries(VIEWS).map(([name, parts]) => [name, view(app, parts)]));
  const before = h("div", { class: "before" }), outcome = h("div"), below = h("div", { class: "below" });
  let chosen = null, now = null;
  const choose = (name) => {
    chosen?.stop();
    chosen = views[name];
    before.replaceChildren(...chosen.before);
    outcome.replaceChildren(chosen.outcome);
    below.replaceChildren(...chosen.below);
    if (now) chosen.draw(now);
  };
  const said = verdict(app), hint = trace(app), ways = choice(app, choose);
  const result = h("div", { class: "outcome" }, said.element, outcome);
  for (const each of [before, result]) scrollers.observe(each); // on a phone
  choose("canvas");
  return {
    element: h("div", { class: "process" }, before, result, below, hint.element, ways.element),
    draw(next) {
      now = next;
      for (const part of [said, hint, ways, chosen]) part.draw(now);
    },
    stop: () => chosen.stop(),
  };
}
