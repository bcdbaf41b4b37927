/* How the output comes about, in four ways. */

import { h, write } from "../lib/dom.js";
import { shown } from "../lib/numbers.js";
import { Player } from "../lib/player.js";
import {
  ends,
  gridOf,
  laid,
  makeGrid,
  meaning,
  onAxis,
  overlaps,
  range,
  repeating,
  uncropped,
} from "./arithmetic.js";
import { NumberGrid } from "./grids.js";
import { canvasSheet, joined, largest, marksOf, tracedIn, tracedOutput, whole } from "./sheets.js";

/** The `step`th place of a grid, counted from 1 in reading order; null before the first. */
const placeAt = (step, { width }) => (step > 0 ? [Math.floor((step - 1) / width), (step - 1) % width] : null);
const corner = (sets) => (sets ? sets.map((all) => Math.max(0, ...all)) : null);

// Four ways to look at how the output comes about: the names of the grids, how many steps (where it moves), a word
// on it, and the sheets at a step. Where nothing moves, pointing traces.
const VIEWS = {
  canvas: {
    grids: ["canvas"],
    note({ setting, refused }, words) {
      if (refused) return "";
      const { padding, output_padding } = setting;
      const beyond = [0, 1].some((axis) => output_padding[axis] > padding[axis]);
      const extra = [0, 1].some((axis) => output_padding[axis] && padding[axis]);
      return words.canvasNote(Math.max(...padding) > 0, extra, beyond);
    },
    sheets: (now, words) => [
      canvasSheet(now, words, now.canvas, { marks: now.marks.output, current: tracedIn(now, "output") }),
    ],
  },
  stamp: {
    grids: ["stamped", "stamps"],
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
  const axes = [0, 1].map((axis) => onAxis(setting, axis)), every = axes.map((axis) => ends(repeating(axis)));
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

function view({ words, point }, { grids: names, steps, note, sheets }) {
  const pointer = steps ? null : (row, column, keyed) => point("output", row, column, keyed);
  const grids = names.map((name) => new NumberGrid(name, words, pointer));
  const text = h("p"), box = h("div", { class: "picture" }, ...grids.map((grid) => grid.element));
  let now = null;
  const show = () => {
    player?.draw(steps(now));
    const drawn = sheets(now, words, player?.step);
    write(text, note(now, words));
    grids.forEach((grid, at) => {
      grid.element.hidden = !drawn[at];
      if (drawn[at]) grid.draw(drawn[at]);
    });
  };
  const player = steps && new Player(words, show);
  const element = h("div", {}, text, ...(player ? [player.element] : []), box);
  const draw = (next) => {
    now = next;
    show();
  };
  return { element, draw, stop: () => player?.pause() };
}

/** The four views, one at a time. */
export function process(app) {
  // No other explorer's: a count would not do, for JupyterLab loads this module anew for each.
  const { words } = app, group = `aebook-view-${Math.random()}`, box = h("div");
  const views = Object.fromEntries(Object.entries(VIEWS).map(([name, parts]) => [name, view(app, parts)]));
  let chosen = null, now = null;
  const choose = (name) => {
    chosen?.stop();
    chosen = views[name];
    box.replaceChildren(chosen.element);
    if (now) chosen.draw(now);
  };
  const radios = Object.keys(VIEWS).map((value, at) =>
    h("input", { type: "radio", name: group, value, checked: !at, onchange: () => choose(value) })
  );
  const labels = radios.map((radio) => h("label", {}, radio, words[radio.value]));
  choose(radios[0].value);
  const legend = h("legend", {}, words.view), choice = h("div", { class: "views" }, ...labels);
  return {
    element: h("fieldset", { class: "process" }, legend, choice, box),
    draw(next) {
      now = next;
      chosen.draw(now);
    },
    stop: () => chosen.stop(),
  };
}
