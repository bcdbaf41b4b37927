/* What follows from a state, and what its grids of numbers are to show. */

import {
  cropped,
  DEFAULTS,
  inputOf,
  kernelOf,
  laid,
  landings,
  makeGrid,
  onAxis,
  paired,
  refusal,
  sizesOf,
  stamped,
  uncropped,
} from "./arithmetic.js";

export function largest({ values }) {
  let most = 0; // by places: 15 times as fast as reduce
  for (let at = 0; at < values.length; at++) most = Math.max(most, Math.abs(values[at]));
  return most;
}
export const sides = ({ height, width }) => [height, width];

/** The model's state, with what it lacks as in DEFAULTS. */
export function stateOf(model) {
  const names = [...Object.keys(DEFAULTS), "input", "kernel"];
  return Object.fromEntries(names.map((name) => [name, model.get(name) ?? DEFAULTS[name]]));
}

/** Everything that follows from a state; the output is null where PyTorch refuses. */
export function calculate(state) {
  const setting = paired(state), input = inputOf(state), kernel = kernelOf(state), refused = refusal(state);
  const canvas = uncropped(input, kernel, setting);
  const bias = state.bias ? state.bias_value : 0;
  const size = sizesOf(setting), output = refused ? null : cropped(canvas, setting, bias);
  return { state, setting, input, kernel, refused, canvas, bias, size, output };
}

/** What the traced cell has to do with the others: two sets, for everything is a product of an H and a W part. */
export function marksOf({ setting }, traced) {
  if (!traced) return {};
  const met = [traced.row, traced.column].map((place, axis) => {
    const on = onAxis(setting, axis);
    if (traced.from === "output") return landings(on, place);
    return stamped(on, place).map((cell, weight) => [cell, weight]);
  });
  const sets = (part) => met.map((all) => new Set(all.map((one) => one[part])));
  const own = [traced.row, traced.column].map((place) => new Set([place]));
  return { input: sets(0), output: sets(0), kernel: sets(1), [traced.from]: own };
}

/** The traced cell where it is one of that grid, else null. */
export const tracedIn = ({ traced }, from) => (traced?.from === from ? [traced.row, traced.column] : null);

/** The traced cell where it is one of the output that is not cut off. */
export function tracedOutput(now) {
  const at = tracedIn(now, "output");
  return at && !now.refused && [0, 1].every((axis) => at[axis] >= 0 && at[axis] < now.size[axis]) ? at : null;
}

// What a cell is besides its number, a bit each: all that its row is and all that its column is. By these bits
// LOOKS has its class: what is cut off is called nothing else, and what lies beyond the canvas not extra.
export const CUT = 1;
const BEYOND = 2, EXTRA = 4;
export const LOOKS = ["", " cut", " beyond", " cut", " extra", " cut", " beyond", " cut"];

/** What a NumberGrid draws: numbers (NaN is an empty cell), the first one's place, and what rows and columns are
    besides. A cell is marked where both its row and its column are. */
export function sheet(
  title,
  grid,
  { marks, current = null, start = [0, 0], most = largest(grid), besides = () => 0 } = {},
) {
  const each = (what) =>
    sides(grid).map((length, axis) => Uint8Array.from({ length }, (_, at) => what(axis, start[axis] + at)));
  const marked = each((axis, at) => marks?.[axis].has(at) ?? false);
  return { title, grid, start, most, looks: each(besides), marked, current };
}

/** A sheet of a whole grid, under its name and size. */
export const whole = (words, name, grid, options) =>
  sheet(words.size(words[name], grid.height, grid.width), grid, options);

/** The canvas with the output laid on it, in the output's rows and columns: what is cut off lies outside. */
export function canvasSheet({ setting, size, canvas, bias, refused }, words, stamps, options) {
  const start = setting.padding.map((cut) => -cut), [top, left] = start;
  const ends = [canvas.height + top, canvas.width + left];
  const reach = ends.map((end, axis) => (refused ? end : Math.max(end, size[axis])));
  const kept = (axis, at) => !refused && at >= 0 && at < size[axis];
  const besides = (axis, at) => {
    if (!kept(axis, at)) return CUT;
    if (at >= ends[axis]) return BEYOND;
    return at >= size[axis] - setting.output_padding[axis] ? EXTRA : 0;
  };
  const grid = makeGrid(reach[0] - top, reach[1] - left);
  laid(stamps, { ...grid, values: grid.values.fill(NaN) }, [0, 0]);
  if (!refused) laid(cropped(stamps, setting, bias), grid, setting.padding);
  const most = Math.max(largest(canvas), Math.abs(bias));
  return sheet(words.size(words.canvas, canvas.height, canvas.width), grid, { ...options, start, most, besides });
}

/** Two texts, of H and of W; where they say the same, one and an empty one. */
export const joined = (
  [high, wide],
) => (high.slice(1) === wide.slice(1) ? [`H, W${high.slice(1)}`, ""] : [high, wide]);
