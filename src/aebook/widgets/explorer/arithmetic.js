/* The arithmetic of the explorer, without a page: the numbers of an nn.ConvTranspose2d; their sizes are lib's. */

import { areRows, defaultsOf, rangeOf, takes } from "../lib/state.js";
import {
  brokenSizes,
  canvasSize,
  counted,
  KINDS,
  landings,
  layerCode,
  meaning,
  outputSize,
  pair,
  range,
  SETTINGS,
} from "../lib/transposed.js";
import SPEC from "./spec.json" with { type: "json" };

export * from "../lib/transposed.js";

/** The lowest and the highest value of each slider. */
export const BOUNDS = Object.fromEntries(SETTINGS.map((name) => [name, rangeOf(SPEC.settings[name])]));

/** Everything a reader can set, as it is at first and in Python. */
export const DEFAULTS = defaultsOf(SPEC);

/** Whether that setting takes that value. */
export const accepts = (name, value) => takes(SPEC, name, value);

/** A setting of the state with one axis changed, or with both where axis is null. */
export function withAxis(value, axis, changed) {
  return axis === null ? changed : pair(value).map((old, at) => (at === axis ? changed : old));
}

/** Whether any setting is a pair. */
export const isSplit = (state) => SETTINGS.some((name) => Array.isArray(state[name]));

/** The six settings of a state, each as a pair. */
export const paired = (state) => Object.fromEntries(SETTINGS.map((name) => [name, pair(state[name])]));

/** One axis of paired settings: every setting a number. */
export const onAxis = (setting, axis) => Object.fromEntries(SETTINGS.map((name) => [name, setting[name][axis]]));

/** Both axes of them, H and W. */
export const axesOf = (setting) => [0, 1].map((axis) => onAxis(setting, axis));

/** All sizes that nn.Conv2d of the same setting maps to this input size, along one axis. */
export function convInputs(axis) {
  const first = outputSize({ ...axis, output_padding: 0 });
  return range(first, first + axis.stride - 1).filter((size) => size >= 1);
}

/** The height and the width of the output. */
export const sizesOf = (setting) => axesOf(setting).map(outputSize);

/** The rule of nn.ConvTranspose2d that a state breaks: PyTorch's text, our name of the rule, what it is about. */
export const broken = (state) => unequalGroups(state) ?? brokenSizes(axesOf(paired(state)));

function unequalGroups(state) {
  const name = ["in_channels", "out_channels"].find((each) => state[each] % state.groups);
  if (!name) return null;
  return { text: `${name} must be divisible by groups`, rule: "groups", about: [name, state[name], state.groups] };
}

/** What nn.ConvTranspose2d says to a state that it refuses; null where it takes it. */
export const refusal = (state) => broken(state)?.text ?? null;

/** A grid of numbers: its values row by row in one array. */
export function makeGrid(height, width, value) {
  const values = new Float64Array(height * width);
  for (let row = 0, place = 0; value && row < height; row++) {
    for (let column = 0; column < width; column++) values[place++] = value(row, column);
  }
  return { height, width, values };
}
export const gridOf = (rows) => makeGrid(rows.length, rows[0].length, (row, column) => rows[row][column]);
export const rowsOf = ({ height, width, values }) =>
  Array.from({ length: height }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));

/** The canvas before cropping: the first `count` numbers of the input have stamped the kernel, overlaps added. */
export function uncropped(input, kernel, setting, count = input.values.length) {
  const canvas = makeGrid(...axesOf(setting).map(canvasSize));
  const { stride, dilation } = setting;
  for (let place = 0; place < count; place++) {
    const top = Math.floor(place / input.width) * stride[0];
    const left = (place % input.width) * stride[1];
    for (let u = 0; u < kernel.height; u++) {
      const start = (top + u * dilation[0]) * canvas.width + left;
      for (let v = 0; v < kernel.width; v++) {
        canvas.values[start + v * dilation[1]] += input.values[place] * kernel.values[u * kernel.width + v];
      }
    }
  }
  return canvas;
}

/** Lays a grid onto another, its first cell at [top, left] of that; what reaches past it is left out. */
export function laid(grid, onto, [top, left]) {
  const first = Math.max(0, -left), end = Math.max(first, Math.min(grid.width, onto.width - left));
  for (let row = Math.max(0, -top); row < Math.min(grid.height, onto.height - top); row++) {
    const cells = grid.values.subarray(row * grid.width + first, row * grid.width + end);
    onto.values.set(cells, (row + top) * onto.width + left + first);
  }
  return onto;
}

/** The canvas from padding on, as long as the output is; cells past the canvas hold the bias alone. */
export function cropped(canvas, setting, bias = 0) {
  const output = laid(canvas, makeGrid(...sizesOf(setting)), setting.padding.map((cut) => -cut));
  return bias ? { ...output, values: output.values.map((sum) => sum + bias) } : output;
}

/** Every input cell and kernel weight whose product is a term of an output cell. */
export function contributions(setting, row, column) {
  const [down, across] = axesOf(setting).map((on, axis) => landings(on, [row, column][axis]));
  return down.flatMap(([i, u]) => across.map(([j, v]) => ({ input: [i, j], weight: [u, v] })));
}

/** On one axis, where each weight of the kernel lands for an input index, within the output or outside. */
export const stamped = ({ kernel_size, stride, dilation, padding }, index) =>
  range(0, kernel_size - 1).map((weight) => index * stride + weight * dilation - padding);

/** Every output cell that an input cell reaches through some weight. */
export function reached(setting, ...cell) {
  const sizes = sizesOf(setting);
  const [down, across] = axesOf(setting).map((on, axis) =>
    stamped(on, cell[axis]).filter((place) => place >= 0 && place < sizes[axis])
  );
  return down.flatMap((row) => across.map((column) => [row, column]));
}

/** How many kernel weights land on each output cell. */
export function overlaps(setting) {
  const counts = axesOf(setting).map(counted);
  return makeGrid(counts[0].length, counts[1].length, (row, column) => counts[0][row] * counts[1][column]);
}

/** All settings of one axis within the bounds that lead from one size to another, by what reaches the output. */
export function settingsFor(input_size, output_size) {
  if (![input_size, output_size].every((size) => Number.isInteger(size) && size > 0)) return [];
  const [kernels, strides, paddings, extras, dilations] = SETTINGS.slice(1).map((name) => range(...BOUNDS[name]));
  const found = [];
  for (const kernel_size of kernels) {
    for (const stride of strides) {
      for (const dilation of dilations) {
        for (const padding of paddings) {
          const without = outputSize({ input_size, kernel_size, stride, padding, output_padding: 0, dilation });
          const output_padding = output_size - without;
          if (extras.includes(output_padding) && output_padding < Math.max(stride, dilation)) {
            const setting = { kernel_size, stride, padding, output_padding, dilation };
            const kind = KINDS.indexOf(meaning({ input_size, ...setting })[0]);
            found.push([setting, [kind, dilation, output_padding, kernel_size, stride, padding]]);
          }
        }
      }
    }
  }
  return found.sort((one, other) => compare(one[1], other[1])).map(([setting]) => setting);
}

/** Which of two lists of numbers comes first. */
const compare = (one, other) => {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at < 0 ? 0 : one[at] - other[at];
};

/** MNIST's second test digit without its margin, two pixels by two: one of 16 greys a character. */
export const DIGIT = "...............4661.......9fde9......2e4.9a.......1.2e8.........ad1....." +
  "...6e3........1e9.........9e2.........f811..144...efffcefeb3..2447641...";

/** Whole numbers that look random, the same for a seed in Python and here: `count` of them, from low to high. */
export function randomNumbers(seed, count, low, high) {
  let state = (seed * 2654435769 + 1) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((state >>> 16) % (high - low + 1));
  });
}

function digit(height, width) {
  const part = (length, at) => {
    const low = Math.floor((at * 12) / length);
    return range(low, Math.max(low + 1, Math.floor(((at + 1) * 12) / length)) - 1);
  };
  return (row, column) => {
    const rows = part(height, row), columns = part(width, column);
    const grey = (r, c) => parseInt(DIGIT[r * 12 + c], 16) || 0;
    const sum = rows.reduce((total, r) => total + columns.reduce((some, c) => some + grey(r, c), 0), 0);
    const count = rows.length * columns.length * 15;
    return Math.floor((18 * sum + count) / (2 * count)); // 0 (paper) to 9 (ink), rounded in whole numbers
  };
}

function bilinear(height, width) {
  const along = (length, at) => {
    const factor = Math.floor((length + 1) / 2);
    return 1 - Math.abs(at - (length % 2 ? factor - 1 : factor - 0.5)) / factor;
  };
  return (row, column) => along(height, row) * along(width, column);
}

/** The numbers of an input or a kernel of that kind; typed ones are cut, or filled up with zeros. */
export function filled(kind, [height, width], { seed = 0, typed = [], low = 0, high = 9 } = {}) {
  const numbers = kind === "random" && randomNumbers(seed, height * width, low, high);
  const kinds = {
    ones: () => 1,
    ramp: (row, column) => row * width + column + 1,
    random: (row, column) => numbers[row * width + column],
    digit: digit(height, width),
    bilinear: bilinear(height, width),
    typed: (row, column) => typed[row]?.[column] ?? 0,
  };
  return makeGrid(height, width, kinds[kind]);
}

export const inputOf = (state) =>
  filled(state.input_kind, pair(state.input_size), { seed: state.seed, typed: state.input });
export const kernelOf = (state) =>
  filled(state.kernel_kind, pair(state.kernel_size), {
    seed: state.seed + 1,
    typed: state.kernel,
    low: -3,
    high: 3,
  });

/** The rows of numbers that a text holds, a row a line, or null where it holds something else.

    Between two numbers is a space: whether 0,5 is one number or two, only who wrote it knows. */
export function typedRows(text, limit) {
  const row = (line) => line.trim().split(/[,;]?\s+/).map((number) => (number ? Number(number) : NaN));
  const rows = text.normalize("NFKC").trim().split(/\n+/).map(row);
  return areRows(rows, { longest: limit }) ? rows : null;
}

/** The layer as a line of Python; what is PyTorch's default is left out, except bias, which is always said. */
export function codeLine(state) {
  const groups = state.groups === 1 ? [] : [`groups=${state.groups}`];
  return layerCode(state, ...groups, `bias=${state.bias ? "True" : "False"}`);
}

/** How many numbers the layer learns. */
export function parameterCount({ in_channels, out_channels, groups, kernel_size, bias }) {
  const [height, width] = pair(kernel_size);
  return (in_channels * out_channels * height * width) / groups + (bias ? out_channels : 0);
}

const decoder = (input_size, in_channels, out_channels, grows) => ({
  ...{ input_size, in_channels, out_channels, kernel_size: 3, padding: 1, bias: true },
  ...(grows ? { stride: 2, output_padding: 1 } : {}),
});

/** Known settings; each is the defaults with some changed. The words name them. */
export const PRESETS = {
  article1: {},
  article2: { stride: 2 },
  article3: { stride: 2, padding: 1 },
  article4: { stride: 2, output_padding: 1 },
  animation1: { input_size: 2, input_kind: "ramp" },
  animation2: { stride: 2, padding: 1, input_kind: "ramp" },
  decoder1: decoder(7, 256, 128, true),
  decoder2: decoder(14, 128, 64, false),
  decoder3: decoder(14, 64, 16, false),
  decoder4: decoder(14, 16, 1, true),
  dcgan: { input_size: 4, kernel_size: 4, stride: 2, padding: 1, in_channels: 512, out_channels: 256 },
  unet: { input_size: 4, kernel_size: 2, stride: 2, in_channels: 128, out_channels: 64, bias: true },
  dilated: { dilation: 2, input_kind: "ramp" },
  gaps: { kernel_size: 2, stride: 3 },
};
