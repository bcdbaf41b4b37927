/* The ConvTranspose2d explorer: one module for JupyterLab (through anywidget) and for the pages of the book.

   Three parts, in this order: the arithmetic, which knows of no page; the words, one table per language; the view.
   Settings carry PyTorch's argument names. A setting is a number, or a pair [H, W]; input_size is one more of them. */

// ---------------------------------------------------------------------------------------------- 1. The arithmetic

/** The lowest and highest value of each slider. */
export const BOUNDS = {
  input_size: [1, 16],
  kernel_size: [1, 7],
  stride: [1, 5],
  padding: [0, 6],
  output_padding: [0, 5],
  dilation: [1, 4],
};
export const SETTINGS = Object.keys(BOUNDS);
const COUNTS = { in_channels: [1, 1024], out_channels: [1, 1024], groups: [1, 1024], seed: [0, 999] };
const INPUTS = ["ones", "ramp", "random", "digit", "typed"];
const KERNELS = ["ones", "ramp", "random", "bilinear", "typed"];

/** Everything a reader can set, as it is at first; the same as the traits in Python. */
export const DEFAULTS = {
  ...{ input_size: 3, kernel_size: 3, stride: 1, padding: 0, output_padding: 0, dilation: 1 },
  ...{ bias: false, bias_value: 1, in_channels: 1, out_channels: 1, groups: 1 },
  ...{ input_kind: "ones", kernel_kind: "ones", seed: 0 },
};

/** A number for both axes, or a pair, as a pair [H, W]. */
export const pair = (value) => (Array.isArray(value) ? value : [value, value]);

/** The six settings of a state, each as a pair. */
export const paired = (state) => Object.fromEntries(SETTINGS.map((name) => [name, pair(state[name])]));

/** One axis of paired settings: every setting a number. */
export const onAxis = (setting, axis) => Object.fromEntries(SETTINGS.map((name) => [name, setting[name][axis]]));

/** How long one axis is before cropping: all stamps side by side. */
export const canvasSize = ({ input_size, kernel_size, stride, dilation }) =>
  (input_size - 1) * stride + dilation * (kernel_size - 1) + 1;

/** How long one axis is after nn.ConvTranspose2d; below 1 where PyTorch refuses. */
export const outputSize = (axis) => canvasSize(axis) - 2 * axis.padding + axis.output_padding;

/** What nn.ConvTranspose2d says to a state that it refuses, word for word; null where it takes it. */
export function refusal(state) {
  const setting = paired(state);
  for (const name of ["in_channels", "out_channels"]) {
    if ((state[name] ?? 1) % (state.groups ?? 1)) return `${name} must be divisible by groups`;
  }
  const { output_padding, stride, dilation, input_size } = setting;
  if ([0, 1].some((axis) => output_padding[axis] >= Math.max(stride[axis], dilation[axis]))) {
    const values = ["output_padding", "stride", "dilation"].flatMap((name) =>
      ["height", "width"].map((side, axis) => `${name}_${side}: ${setting[name][axis]}`),
    );
    return `output padding must be smaller than either stride or dilation, but got ${values.join(" ")}`;
  }
  const size = [0, 1].map((axis) => outputSize(onAxis(setting, axis)));
  if (Math.min(...size) >= 1) return null;
  return (
    `Given input size per channel: (${input_size.join(" x ")}). ` +
    `Calculated output size per channel: (${size.join(" x ")}). Output size is too small`
  );
}

/** A grid of numbers: its values row by row in one array. */
export function makeGrid(height, width, value = () => 0) {
  const values = new Float64Array(height * width);
  for (let place = 0; place < values.length; place++) values[place] = value(Math.floor(place / width), place % width);
  return { height, width, values };
}
export const gridOf = (rows) => makeGrid(rows.length, rows[0].length, (row, column) => rows[row][column]);
export const rowsOf = ({ height, width, values }) =>
  Array.from({ length: height }, (_, row) => Array.from(values.subarray(row * width, (row + 1) * width)));

/** The canvas before cropping: the first `count` numbers of the input have stamped the kernel, overlaps added. */
export function uncropped(input, kernel, setting, count = input.values.length) {
  const canvas = makeGrid(canvasSize(onAxis(setting, 0)), canvasSize(onAxis(setting, 1)));
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

/** The canvas from padding on, as long as the output is; cells past the canvas hold the bias alone. */
export function cropped(canvas, setting, bias = 0) {
  const [top, left] = setting.padding;
  const inside = (row, column) => row < canvas.height && column < canvas.width;
  const size = [0, 1].map((axis) => outputSize(onAxis(setting, axis)));
  return makeGrid(...size, (row, column) =>
    inside(row + top, column + left) ? canvas.values[(row + top) * canvas.width + column + left] + bias : bias,
  );
}

/** The output of a one-channel nn.ConvTranspose2d, as rows of numbers; call it only where PyTorch takes the setting. */
export function transposedConv(input, kernel, setting, bias = 0) {
  return rowsOf(cropped(uncropped(gridOf(input), gridOf(kernel), setting), setting, bias));
}

/** On one axis, every [input index, kernel index] that lands on an output index (which may lie in the cut-off). */
export function landings(axis, index) {
  const all = [];
  for (let weight = 0; weight < axis.kernel_size; weight++) {
    const place = index + axis.padding - weight * axis.dilation;
    if (place % axis.stride === 0 && place >= 0 && place / axis.stride < axis.input_size) {
      all.push([place / axis.stride, weight]);
    }
  }
  return all.reverse();
}

/** Every input cell and kernel weight whose product is a term of an output cell. */
export function contributions(setting, row, column) {
  const down = landings(onAxis(setting, 0), row);
  const across = landings(onAxis(setting, 1), column);
  return down.flatMap(([i, u]) => across.map(([j, v]) => ({ input: [i, j], weight: [u, v] })));
}

/** Every output cell that an input cell reaches through some weight. */
export function reached(setting, row, column) {
  const along = (axis, index) => {
    const { stride, dilation, padding, kernel_size } = onAxis(setting, axis);
    const places = Array.from({ length: kernel_size }, (_, weight) => index * stride + weight * dilation - padding);
    return places.filter((place) => place >= 0 && place < outputSize(onAxis(setting, axis)));
  };
  return along(0, row).flatMap((r) => along(1, column).map((c) => [r, c]));
}

/** How many kernel weights land on each output cell. */
export function overlaps(setting) {
  const counts = [0, 1].map((axis) =>
    Array.from({ length: outputSize(onAxis(setting, axis)) }, (_, at) => landings(onAxis(setting, axis), at).length),
  );
  return makeGrid(counts[0].length, counts[1].length, (row, column) => counts[0][row] * counts[1][column]);
}

/** On one axis, far from the borders: how many weights land on each of the `stride` cells that repeat. */
export function repeating({ kernel_size, stride, dilation }) {
  const counts = Array(stride).fill(0);
  for (let weight = 0; weight < kernel_size; weight++) counts[(weight * dilation) % stride]++;
  return counts;
}

/** All settings of one axis within the bounds that lead from one size to another; the even ones come first. */
export function settingsFor(input_size, output_size, bounds = BOUNDS) {
  const [kernels, strides, paddings, extras, dilations] = SETTINGS.slice(1).map((name) => range(...bounds[name]));
  const found = [];
  for (const kernel_size of kernels) for (const stride of strides) for (const dilation of dilations) {
    for (const padding of paddings) {
      const without = outputSize({ input_size, kernel_size, stride, padding, output_padding: 0, dilation });
      const output_padding = output_size - without;
      if (extras.includes(output_padding) && output_padding < Math.max(stride, dilation)) {
        found.push({ kernel_size, stride, padding, output_padding, dilation });
      }
    }
  }
  const ease = ({ kernel_size, stride, padding, output_padding, dilation }) =>
    [kernel_size % stride ? 1 : 0, dilation, output_padding, kernel_size, stride, padding];
  return found.sort((one, other) => compare(ease(one), ease(other)));
}

/** All sizes that nn.Conv2d with the same setting (one axis) maps to this input size. */
export function convInputs(axis) {
  const first = outputSize({ ...axis, output_padding: 0 });
  return range(first, first + axis.stride - 1).filter((size) => size >= 1);
}

const range = (low, high) => Array.from({ length: Math.max(0, high - low + 1) }, (_, step) => low + step);
const compare = (one, other) => {
  const at = one.findIndex((value, place) => value !== other[place]);
  return at < 0 ? 0 : one[at] - other[at];
};

/** MNIST's second test digit without its margin, two pixels by two: one of 16 greys a character. */
export const DIGIT =
  "...............4661.......9fde9......2e4.9a.......1.2e8.........ad1....." +
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
  const ends = (length, at) => {
    const low = Math.floor((at * 12) / length);
    return range(low, Math.max(low + 1, Math.floor(((at + 1) * 12) / length)) - 1);
  };
  return makeGrid(height, width, (row, column) => {
    const rows = ends(height, row), columns = ends(width, column);
    const grey = (r, c) => parseInt(DIGIT[r * 12 + c], 16) || 0;
    const sum = rows.reduce((total, r) => total + columns.reduce((part, c) => part + grey(r, c), 0), 0);
    const count = rows.length * columns.length * 15;
    return Math.floor((18 * sum + count) / (2 * count)); // 0 (paper) to 9 (ink), rounded in whole numbers
  });
}

function bilinear(height, width) {
  const along = (length, at) => {
    const factor = Math.floor((length + 1) / 2);
    return 1 - Math.abs(at - (length % 2 ? factor - 1 : factor - 0.5)) / factor;
  };
  return makeGrid(height, width, (row, column) => along(height, row) * along(width, column));
}

/** The numbers of an input or a kernel of that kind; typed ones are cut, or filled up with zeros. */
export function filled(kind, [height, width], { seed = 0, typed = [], low = 0, high = 9 } = {}) {
  if (kind === "random") {
    const numbers = randomNumbers(seed, height * width, low, high);
    return makeGrid(height, width, (row, column) => numbers[row * width + column]);
  }
  const kinds = {
    ones: () => makeGrid(height, width, () => 1),
    ramp: () => makeGrid(height, width, (row, column) => row * width + column + 1),
    typed: () => makeGrid(height, width, (row, column) => typed[row]?.[column] ?? 0),
    digit: () => digit(height, width),
    bilinear: () => bilinear(height, width),
  };
  return kinds[kind]();
}

export const inputOf = (state) =>
  filled(state.input_kind, pair(state.input_size), { seed: state.seed, typed: state.input });
export const kernelOf = (state) =>
  filled(state.kernel_kind, pair(state.kernel_size), { seed: state.seed + 1, typed: state.kernel, low: -3, high: 3 });

/** Numbers typed as text, a row a line, as rows; null where it is no full rectangle of at most `limit` a side. */
export function typedRows(text, limit) {
  const rows = text.trim().split(/\n+/).map((line) => line.trim().split(/[\s,;]+/).map(Number));
  const full = rows.every((row) => row.length === rows[0].length && row.every((number) => Number.isFinite(number)));
  return full && text.trim() && rows.length <= limit && rows[0].length <= limit ? rows : null;
}

/** A value read from a page's address as that setting takes it, or undefined for one that it does not take. */
export function accepted(name, value) {
  const bounds = BOUNDS[name] ?? COUNTS[name];
  const within = (number) => Number.isInteger(number) && number >= bounds[0] && number <= bounds[1];
  if (BOUNDS[name] && Array.isArray(value)) return value.length === 2 && value.every(within) ? value : undefined;
  if (bounds) return within(value) ? value : undefined;
  if (name === "bias") return typeof value === "boolean" ? value : undefined;
  if (name === "bias_value") return Number.isFinite(value) ? value : undefined;
  if (name === "input_kind") return INPUTS.includes(value) ? value : undefined;
  if (name === "kernel_kind") return KERNELS.includes(value) ? value : undefined;
  if (name === "input" || name === "kernel") {
    const text = Array.isArray(value) && value.every(Array.isArray) ? value.map((row) => row.join(" ")).join("\n") : "";
    return typedRows(text, BOUNDS[`${name}_size`][1]) ?? undefined;
  }
  return undefined;
}

/** The layer as a line of Python; what is PyTorch's default is left out, except bias, which is always said. */
export function codeLine(state) {
  const written = (name) => {
    const [height, width] = pair(state[name]);
    return height === width ? `${height}` : `(${height}, ${width})`;
  };
  const named = SETTINGS.slice(1)
    .filter((name) => name === "kernel_size" || written(name) !== `${DEFAULTS[name]}`)
    .map((name) => `${name}=${written(name)}`);
  if (state.groups !== 1) named.push(`groups=${state.groups}`);
  named.push(`bias=${state.bias ? "True" : "False"}`);
  return `nn.ConvTranspose2d(${state.in_channels}, ${state.out_channels}, ${named.join(", ")})`;
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

// -------------------------------------------------------------------------------------------------- 2. The words

// Korean particles follow the sound that a number ends in: 일, 이, 삼 …
const subject = (number) => number + (/[013678]$/.test(number) ? "이" : "가");
const object = (number) => number + (/[013678]$/.test(number) ? "을" : "를");
const toward = (number) => number + (/[036]$/.test(number) ? "으로" : "로");

/** Every word that a reader sees, in each language; argument names, code and PyTorch's words are not translated. */
export const WORDS = {
  en: {
    title: "ConvTranspose2d explorer",
    preset: "example",
    ownSetting: "a setting of your own",
    reset: "reset",
    settings: "settings",
    split: "different for H and W",
    outputSize: (size) => `output ${size}`,
    refused: "PyTorch refuses this setting:",
    whyOutputPadding: (axis, output_padding, stride, dilation) =>
      `On the ${axis} axis, output_padding ${output_padding} is smaller than neither stride ${stride} nor dilation ` +
      `${dilation}. output_padding says which of the sizes that a Conv2d folds into one is meant, and there are only ` +
      "that many.",
    whyTooSmall: (axis, canvas, padding) =>
      `On the ${axis} axis the canvas is ${canvas} long and padding cuts ${padding} off each side: nothing is left.`,
    whyGroups: (name, channels, groups) =>
      `Each group takes an equal share of the channels, and ${name} ${channels} cannot be shared among ${groups} groups.`,
    parameters: (count) => `${count} parameters`,
    copy: "copy",
    copied: "copied",
    agrees: (version) => `PyTorch ${version} gives the same.`,
    disagrees: (version) => `PyTorch ${version} gives something else. Please tell us.`,
    input: "input",
    kernel: "kernel",
    output: "output",
    size: (name, height, width) => `${name} ${height} × ${width}`,
    window: (rows, columns) => `rows ${rows}, columns ${columns}`,
    nothingTraced: "Point at a cell, or move there with the arrow keys, to see where its number comes from.",
    cutOff: "cut off by padding",
    biasOnly: "past the canvas: nothing lands here, so it holds the bias alone",
    nothingLands: "nothing lands here",
    reaches: (count) => `reaches ${count} output cells`,
    view: "how it comes about",
    canvas: "before cropping",
    stamp: "stamp",
    slide: "spread and slide",
    overlap: "overlaps",
    canvasNote: (padding, extra, beyond) =>
      [
        padding ? "padding cuts off the hatched edge." : "padding 0 cuts nothing off.",
        extra ? "output_padding keeps the dashed edge, which would have gone too." : "",
        beyond ? "Past the canvas there is nothing to keep: the dotted cells hold the bias alone." : "",
      ].join(" "),
    stampNote: "Each number of the input stamps the kernel, multiplied by it, onto the canvas; overlaps add up.",
    slideNote:
      "Zeros are put between the numbers of the input and around them (dilation·(kernel_size − 1) − padding wide), " +
      "then the flipped kernel slides over it as in any convolution.",
    spread: "spread input",
    flipped: "flipped kernel",
    overlapNote: "How many kernel weights land on each output cell.",
    even: (axis, kernel, stride) =>
      `${axis}: kernel_size ${kernel} is divisible by stride ${stride}, so inner cells get equally many.`,
    evenAnyway: (axis, each) => `${axis}: inner cells get equally many (${each}) all the same.`,
    uneven: (axis, kernel, stride, low, high) =>
      `${axis}: kernel_size % stride = ${kernel} % ${stride} = ${kernel % stride}: inner cells get ${low} or ${high}, ` +
      "a checkerboard.",
    gap: (axis) => `${axis}: some cells get nothing at all, a gap.`,
    ratio: (ratio) => `Between neighbours up to ${ratio} to 1.`,
    play: "play",
    pause: "pause",
    back: "one step back",
    forward: "one step on",
    step: "step",
    speed: "steps a second",
    stepOf: (step, steps) => `${step} of ${steps}`,
    values: "numbers of the input and the kernel",
    inputKind: "input numbers",
    kernelKind: "kernel numbers",
    kinds: { ones: "ones", ramp: "ramp", random: "random", digit: "a digit of MNIST", bilinear: "bilinear", typed: "typed in" },
    seed: "seed",
    typedInput: "input, a row a line",
    typedKernel: "kernel, a row a line",
    notTyped: (limit) => `Not taken: rows of numbers, equally long, at most ${limit} each way.`,
    channels: "channels, groups, bias",
    channelsNote: "The grids show one channel of each; more of them change the shapes, the parameters and the code.",
    biasValue: "bias value shown",
    solver: "which settings lead from one size to another?",
    from: "from",
    to: "to",
    found: (count) => `${count} settings; those with kernel_size divisible by stride come first.`,
    noneFound: "No setting within the sliders does that.",
    folds: (axis, sizes, size) => `${axis}: a Conv2d with this setting turns ${sizes} into ${size}.`,
    foldsNone: (axis, size) => `${axis}: a Conv2d with this setting turns no size into ${size}.`,
    presets: {
      article1: "3×3 ones",
      article2: "3×3 ones, stride 2",
      article3: "3×3 ones, stride 2, padding 1",
      article4: "3×3 ones, stride 2, output_padding 1",
      animation1: "2×2 to 4×4",
      animation2: "3×3 to 5×5, padding 1",
      decoder1: "MNIST decoder: 7 to 14",
      decoder2: "MNIST decoder: 14 to 14, 128 channels",
      decoder3: "MNIST decoder: 14 to 14, 64 channels",
      decoder4: "MNIST decoder: 14 to 28",
      dcgan: "DCGAN: kernel 4, stride 2, padding 1",
      unet: "U-Net: kernel 2, stride 2",
      dilated: "dilation 2",
      gaps: "with gaps: stride above kernel_size",
    },
  },
  ko: {
    title: "ConvTranspose2d 탐색기",
    preset: "예시",
    ownSetting: "직접 고른 설정",
    reset: "처음으로",
    settings: "설정",
    split: "H와 W를 다르게",
    outputSize: (size) => `출력 ${size}`,
    refused: "PyTorch가 받아들이지 않는 설정입니다.",
    whyOutputPadding: (axis, output_padding, stride, dilation) =>
      `${axis}축에서 output_padding ${subject(output_padding)} stride ${stride}보다도 dilation ${dilation}보다도 작지 않습니다. ` +
      "output_padding은 Conv2d가 한 크기로 접어 버리는 여러 크기 가운데 어느 것인지 알려 주는 값이고, 고를 수 있는 크기는 " +
      "그만큼뿐입니다.",
    whyTooSmall: (axis, canvas, padding) =>
      `${axis}축에서 캔버스의 길이는 ${canvas}인데 padding이 양쪽에서 ${padding}씩 잘라 내므로 남는 것이 없습니다.`,
    whyGroups: (name, channels, groups) =>
      `그룹마다 채널을 똑같이 나누어 가져야 하는데, ${name} ${channels}개는 그룹 ${groups}개로 나누어떨어지지 않습니다.`,
    parameters: (count) => `매개변수 ${count}개`,
    copy: "복사",
    copied: "복사됨",
    agrees: (version) => `PyTorch ${version}의 결과도 같습니다.`,
    disagrees: (version) => `PyTorch ${version}의 결과가 다릅니다. 알려 주시기 바랍니다.`,
    input: "입력",
    kernel: "커널",
    output: "출력",
    size: (name, height, width) => `${name} ${height} × ${width}`,
    window: (rows, columns) => `${rows}행, ${columns}열`,
    nothingTraced: "칸을 가리키거나 화살표 키로 옮겨 가면 그 숫자가 어디에서 왔는지 보여 줍니다.",
    cutOff: "padding이 잘라 내는 칸",
    biasOnly: "캔버스 바깥: 아무것도 닿지 않아 편향만 남는 칸",
    nothingLands: "아무것도 닿지 않는 칸",
    reaches: (count) => `출력 ${count}칸에 닿습니다`,
    view: "만들어지는 과정",
    canvas: "자르기 전",
    stamp: "도장 찍기",
    slide: "벌려 놓고 훑기",
    overlap: "겹치는 횟수",
    canvasNote: (padding, extra, beyond) =>
      [
        padding ? "padding은 빗금 친 가장자리를 잘라 냅니다." : "padding이 0이므로 잘라 내는 것이 없습니다.",
        extra ? "output_padding은 함께 잘려 나갔을 점선 가장자리를 남겨 둡니다." : "",
        beyond ? "캔버스 바깥에는 남겨 둘 것이 없어서 작은 점으로 두른 칸에는 편향만 들어 있습니다." : "",
      ].join(" "),
    stampNote: "입력의 숫자마다 그 숫자를 곱한 커널을 캔버스에 도장처럼 찍습니다. 겹치는 곳은 더합니다.",
    slideNote:
      "입력의 숫자 사이와 둘레에 0을 넣어 벌려 놓고(둘레의 폭은 dilation·(kernel_size − 1) − padding), " +
      "뒤집은 커널로 보통의 합성곱처럼 훑습니다.",
    spread: "벌려 놓은 입력",
    flipped: "뒤집은 커널",
    overlapNote: "출력의 칸마다 커널 가중치가 몇 개 닿는지 셉니다.",
    even: (axis, kernel, stride) =>
      `${axis}: kernel_size ${subject(kernel)} stride ${toward(stride)} 나누어떨어져 안쪽 칸에 닿는 개수가 모두 같습니다.`,
    evenAnyway: (axis, each) => `${axis}: 그래도 안쪽 칸에 닿는 개수는 ${each}개로 모두 같습니다.`,
    uneven: (axis, kernel, stride, low, high) =>
      `${axis}: kernel_size % stride = ${kernel} % ${stride} = ${kernel % stride}. 안쪽 칸에 ${low}개 또는 ${high}개가 닿아 ` +
      "체커보드 무늬가 생깁니다.",
    gap: (axis) => `${axis}: 아무것도 닿지 않는 빈칸이 생깁니다.`,
    ratio: (ratio) => `이웃한 칸끼리 많게는 ${ratio} 대 1입니다.`,
    play: "재생",
    pause: "멈춤",
    back: "한 단계 뒤로",
    forward: "한 단계 앞으로",
    step: "단계",
    speed: "초당 단계",
    stepOf: (step, steps) => `${steps}단계 중 ${step}`,
    values: "입력과 커널의 숫자",
    inputKind: "입력 숫자",
    kernelKind: "커널 숫자",
    kinds: { ones: "모두 1", ramp: "1씩 커지는 수", random: "무작위", digit: "MNIST 숫자 그림", bilinear: "쌍선형", typed: "직접 입력" },
    seed: "시드",
    typedInput: "입력, 한 줄에 한 행",
    typedKernel: "커널, 한 줄에 한 행",
    notTyped: (limit) => `받아들일 수 없습니다. 길이가 같은 숫자 행을 가로세로 ${limit}칸까지 적어 주세요.`,
    channels: "채널, 그룹, 편향",
    channelsNote: "그림은 입력과 출력의 채널을 하나씩만 보여 줍니다. 채널을 늘리면 모양과 매개변수와 코드가 바뀝니다.",
    biasValue: "그림에 쓸 편향 값",
    solver: "어떤 설정이 이 크기를 저 크기로 바꿀까?",
    from: "입력 크기",
    to: "출력 크기",
    found: (count) => `설정 ${count}개. kernel_size가 stride로 나누어떨어지는 것이 먼저 나옵니다.`,
    noneFound: "슬라이더의 범위 안에는 그런 설정이 없습니다.",
    folds: (axis, sizes, size) => `${axis}: 같은 설정의 Conv2d는 크기 ${object(sizes)} ${toward(size)} 바꿉니다.`,
    foldsNone: (axis, size) => `${axis}: 같은 설정의 Conv2d가 ${toward(size)} 바꾸는 크기는 없습니다.`,
    presets: {
      article1: "1로 채운 3×3",
      article2: "1로 채운 3×3, stride 2",
      article3: "1로 채운 3×3, stride 2, padding 1",
      article4: "1로 채운 3×3, stride 2, output_padding 1",
      animation1: "2×2에서 4×4로",
      animation2: "3×3에서 5×5로, padding 1",
      decoder1: "MNIST 디코더: 7에서 14로",
      decoder2: "MNIST 디코더: 14에서 14로, 채널 128개",
      decoder3: "MNIST 디코더: 14에서 14로, 채널 64개",
      decoder4: "MNIST 디코더: 14에서 28로",
      dcgan: "DCGAN: kernel 4, stride 2, padding 1",
      unet: "U-Net: kernel 2, stride 2",
      dilated: "dilation 2",
      gaps: "빈칸이 생기는 설정: stride가 kernel_size보다 큼",
    },
  },
};

// --------------------------------------------------------------------------------------------------- 3. The view

const TABLE_LIMIT = 16; // a grid with more rows or columns is an overview and a table of this many around one cell
const TINTS = 8; // shades of a cell's colour, by the size of its number
const BLUE = [47, 125, 209], ORANGE = [214, 106, 24], PURPLE = [150, 60, 190], GREY = [128, 128, 128];
let explorers = 0; // for ids that no other explorer on the page has

/** An element with its attributes, listeners ("on…") and children. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Writes a text only where it changed: what did not change costs no layout, and is not read out again. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const shown = (number) => `${Number.isInteger(number) ? number : Number(number.toPrecision(4))}`;
const largest = (grid) => grid.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const between = (low, value, high) => Math.min(Math.max(low, value), high);
const quiet = { "data-lm-suppress-shortcuts": "true" }; // else JupyterLab's shortcuts take the arrow keys

/** The model's state, with what it lacks as in DEFAULTS. */
function stateOf(model) {
  const names = [...Object.keys(DEFAULTS), "input", "kernel"];
  return Object.fromEntries(names.map((name) => [name, model.get(name) ?? DEFAULTS[name]]));
}

/** Everything that follows from a state; the output is null where PyTorch refuses. */
function calculate(state) {
  const setting = paired(state), input = inputOf(state), kernel = kernelOf(state), refused = refusal(state);
  const canvas = uncropped(input, kernel, setting);
  const bias = state.bias ? state.bias_value : 0;
  const size = [0, 1].map((axis) => outputSize(onAxis(setting, axis)));
  return { setting, input, kernel, refused, canvas, bias, size, output: refused ? null : cropped(canvas, setting, bias) };
}

/** What the traced cell has to do with the others; everything is a product of an H and a W part, so two sets do. */
function marksOf({ setting }, traced) {
  if (!traced) return null;
  const places = [traced.row, traced.column];
  const met = places.map((place, axis) => {
    const on = onAxis(setting, axis);
    if (traced.from === "output") return landings(on, place);
    return range(0, on.kernel_size - 1).map((u) => [place * on.stride + u * on.dilation - on.padding, u]);
  });
  const sets = (part) => met.map((all) => new Set(all.map((one) => one[part])));
  const own = [new Set([traced.row]), new Set([traced.column])];
  return traced.from === "output"
    ? { output: own, input: sets(0), kernel: sets(1) }
    : { input: own, output: sets(0), kernel: sets(1) };
}
const inSets = (sets, row, column) => sets !== undefined && sets[0].has(row) && sets[1].has(column);

/** A grid of numbers: a table and, where it is large, an overview. `point(row, column)` is told where one points. */
function numberGrid(name, words, point) {
  const caption = h("caption"), head = h("tr"), body = h("tbody"), frame = h("div", { class: "frame" });
  const overview = h("canvas", { role: "img" });
  const table = h("table", { "data-grid": name }, caption, h("thead", {}, head), body);
  const whole = h("div", { class: "overview" }, overview, frame);
  const element = h("div", { class: "grid" }, whole, h("div", { class: "scroll" }, table));
  const origin = [0, 0];
  let cells = [], data = null, stop = null;
  head.append(h("td"));

  function resize(rows, columns) {
    while (head.cells.length > columns + 1) head.lastChild.remove();
    while (head.cells.length < columns + 1) head.append(h("th", { scope: "col" }));
    while (cells.length > rows) cells.pop().row.remove();
    while (cells.length < rows) {
      const row = h("tr", {}, h("th", { scope: "row" }));
      body.append(row);
      cells.push({ row, all: [] });
    }
    for (const { row, all } of cells) {
      while (all.length > columns) all.pop().element.remove();
      while (all.length < columns) {
        const text = document.createTextNode("");
        all.push({ element: h("td", {}, text), text, look: "", value: "" });
        row.append(all.at(-1).element);
      }
    }
    table.className = columns > 8 ? "many" : "";
    table.style.setProperty("--columns", columns);
  }

  function scroll(limits) {
    const starts = [data.top, data.left], sizes = [data.height, data.width];
    for (const axis of [0, 1]) {
      const current = data.current?.[axis];
      if (current !== undefined) origin[axis] = between(current - limits[axis] + 1, origin[axis], current);
      origin[axis] = between(starts[axis], origin[axis], starts[axis] + sizes[axis] - limits[axis]);
    }
  }

  function fill() {
    for (let column = 0; column < head.cells.length - 1; column++) write(head.cells[column + 1], `${origin[1] + column}`);
    cells.forEach(({ row, all }, down) => {
      write(row.firstChild, `${origin[0] + down}`);
      all.forEach((cell, across) => fillCell(cell, origin[0] + down, origin[1] + across));
    });
  }

  function fillCell(cell, row, column) {
    const number = data.value(row, column);
    const value = number === null ? "" : shown(number);
    const tint = number ? (number < 0 ? "n" : "p") + Math.ceil((Math.abs(number) / data.most) * TINTS) : "";
    const look = `${tint} ${value.length > 4 ? "long" : ""} ${data.look(row, column)}`;
    if (cell.value !== value) cell.text.data = cell.value = value;
    if (cell.look !== look) cell.element.className = cell.look = look;
  }

  function paint() {
    const { height, width, top, left } = data;
    overview.width = width;
    overview.height = height;
    const picture = new ImageData(width, height);
    for (let place = 0; place < height * width; place++) {
      const row = top + Math.floor(place / width), column = left + (place % width);
      const number = data.value(row, column) ?? 0, look = data.look(row, column);
      const marked = look.includes("mark"), cut = look.includes("cut");
      const colour = marked ? PURPLE : cut ? GREY : number < 0 ? ORANGE : BLUE;
      const strength = marked ? 1 : data.most ? Math.abs(number) / data.most : 0;
      picture.data.set([...colour, 255 * (cut ? 0.25 + 0.4 * strength : strength)], place * 4);
    }
    overview.getContext("2d").putImageData(picture, 0, 0);
    const percent = (part, all) => `${(100 * part) / all}%`;
    frame.style.cssText =
      `top:${percent(origin[0] - top, height)};left:${percent(origin[1] - left, width)};` +
      `height:${percent(cells.length, height)};width:${percent(cells[0].all.length, width)}`;
  }

  function place(target) {
    const td = target.closest?.("td");
    return td && td.parentNode.parentNode === body
      ? [origin[0] + td.parentNode.rowIndex - 1, origin[1] + td.cellIndex - 1]
      : null;
  }

  /** One cell at a time is in the tab order; the arrow keys go on from it. */
  function rove() {
    if (!point || !cells.length) return;
    const [row, column] = data.current ?? origin;
    const next = cells[row - origin[0]].all[column - origin[1]].element;
    if (next === stop) return;
    for (const attribute of ["tabindex", ...Object.keys(quiet)]) stop?.removeAttribute(attribute);
    stop = next;
    stop.setAttribute("tabindex", "0");
    for (const [attribute, value] of Object.entries(quiet)) stop.setAttribute(attribute, value);
  }

  function move(event) {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const from = place(event.target);
    if (!step || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const row = between(data.top, from[0] + step[0], data.top + data.height - 1);
    const column = between(data.left, from[1] + step[1], data.left + data.width - 1);
    point(row, column, true);
    stop.focus();
  }

  if (point) {
    const onPlace = (event) => place(event.target) && point(...place(event.target));
    table.addEventListener("pointerover", onPlace);
    table.addEventListener("pointerdown", onPlace);
    table.addEventListener("focusin", onPlace);
    table.addEventListener("keydown", move);
    overview.addEventListener("pointermove", (event) => {
      const box = overview.getBoundingClientRect();
      const at = (from, length, count) => between(0, Math.floor(((from) / length) * count), count - 1);
      const row = data.top + at(event.clientY - box.top, box.height, data.height);
      point(row, data.left + at(event.clientX - box.left, box.width, data.width));
    });
  }

  return {
    element,
    /** Shows title, top, left, height, width, most (the largest number), value(row, column), look(row, column), current. */
    draw(next) {
      data = next;
      const limits = [Math.min(data.height, TABLE_LIMIT), Math.min(data.width, TABLE_LIMIT)];
      const large = data.height > TABLE_LIMIT || data.width > TABLE_LIMIT;
      scroll(limits);
      resize(...limits);
      fill();
      rove();
      whole.hidden = !large;
      const last = (axis) => `${origin[axis]}–${origin[axis] + limits[axis] - 1}`;
      write(caption, large ? `${data.title}: ${words.window(last(0), last(1))}` : data.title);
      overview.setAttribute("aria-label", data.title);
      if (large) paint();
    },
  };
}

/** What a grid needs to show all of `grid`, marked by the traced cell. */
function wholeGrid(grid, title, marks, current = null) {
  return {
    ...{ title, top: 0, left: 0, height: grid.height, width: grid.width, most: largest(grid), current },
    value: (row, column) => grid.values[row * grid.width + column],
    look: (row, column) => (inSets(marks, row, column) ? "mark" : ""),
  };
}

/** The canvas and the output's frame on it, in the output's rows and columns: what is cut off lies outside of it. */
function canvasGrid({ setting, size, canvas, bias, refused }, stamps, title, marks, current) {
  const [top, left] = setting.padding.map((cut) => -cut);
  const ends = [canvas.height + top, canvas.width + left];
  const reach = ends.map((end, axis) => (refused ? end : Math.max(end, size[axis])));
  const kept = (axis, at) => !refused && at >= 0 && at < size[axis];
  const extra = (axis, at) => kept(axis, at) && at >= size[axis] - setting.output_padding[axis];
  const look = (row, column) => {
    const cut = kept(0, row) && kept(1, column) ? "" : "cut";
    const beyond = row >= ends[0] || column >= ends[1] ? "beyond" : "";
    const longer = !cut && (extra(0, row) || extra(1, column)) ? "extra" : "";
    return `${cut} ${beyond || longer} ${inSets(marks, row, column) ? "mark" : ""}`;
  };
  const value = (row, column) => {
    const inside = row < ends[0] && column < ends[1];
    const sum = inside ? stamps.values[(row - top) * canvas.width + column - left] : 0;
    return look(row, column).startsWith("cut") ? (inside ? sum : null) : sum + bias;
  };
  const most = Math.max(largest(canvas), Math.abs(bias));
  return { title, top, left, height: reach[0] - top, width: reach[1] - left, most, value, look, current };
}

// Each part below is a function of the explorer `app` ({ words, change, point, … }) that makes its element once and
// gives back { element, draw(now) }; `now` is the state with everything calculated from it.

/** A slider and a number field that are one setting of one axis (of both, where axis is null). */
function slider(app, name, axis) {
  const [min, max] = BOUNDS[name];
  const label = axis === null ? name : `${name} ${"HW"[axis]}`;
  const set = (event) => {
    const value = event.target.valueAsNumber;
    if (!Number.isInteger(value) || value < min || value > max) return;
    const both = pair(app.state()[name]);
    app.change({ [name]: axis === null ? value : both.map((old, at) => (at === axis ? value : old)) });
  };
  const field = (type) => h("input", { type, min, max, step: 1, "aria-label": label, oninput: set, ...quiet });
  const [range, number] = [field("range"), field("number")];
  const current = (state) => `${pair(state[name])[axis ?? 0]}`;
  number.addEventListener("change", () => (number.value = current(app.state()))); // what was refused goes back
  return {
    element: h("div", { class: "slider" }, h("span", { "aria-hidden": "true" }, label), range, number),
    draw(state) {
      for (const one of [range, number]) {
        const typing = one === document.activeElement && !one.validity.valid;
        if (one.value !== current(state) && !typing) one.value = current(state);
      }
    },
  };
}

/** The sliders, one per setting or, where H and W differ, two. */
function controls(app) {
  const { words } = app;
  const isSplit = (state) => SETTINGS.some((name) => Array.isArray(state[name]));
  const group = (axes) => SETTINGS.flatMap((name) => axes.map((axis) => slider(app, name, axis)));
  const together = group([null]), apart = group([0, 1]);
  const box = h("div", { class: "sliders" });
  const split = h("input", {
    type: "checkbox",
    onchange: () => {
      const turn = split.checked ? pair : (value) => pair(value)[0];
      app.change(Object.fromEntries(SETTINGS.map((name) => [name, turn(app.state()[name])])));
    },
  });
  const element = h("fieldset", { class: "controls" }, h("legend", {}, words.settings), box, h("label", {}, split, words.split));
  return {
    element,
    draw({ state }) {
      split.checked = isSplit(state);
      const sliders = split.checked ? apart : together;
      if (box.firstChild !== sliders[0].element) box.replaceChildren(...sliders.map((one) => one.element));
      for (const one of sliders) one.draw(state);
    },
  };
}

/** The examples to choose from, and the way back to the first setting. */
function presets(app) {
  const { words } = app;
  const options = Object.keys(PRESETS).map((name) => h("option", { value: name }, words.presets[name]));
  const choice = h("select", { onchange: () => choice.value && app.change({ ...DEFAULTS, ...PRESETS[choice.value] }) });
  choice.append(h("option", { value: "" }, words.ownSetting), ...options);
  const element = h(
    ...["div", { class: "presets" }, h("label", {}, words.preset, " ", choice)],
    h("button", { type: "button", onclick: app.reset }, words.reset),
  );
  const matches = (state, name) =>
    Object.entries({ ...DEFAULTS, ...PRESETS[name] }).every(([key, value]) => `${state[key]}` === `${value}`);
  const draw = ({ state }) => (choice.value = Object.keys(PRESETS).find((name) => matches(state, name)) ?? "");
  return { element, draw };
}

/** Why PyTorch refuses, in the page's language. */
function reason(words, { state, setting }) {
  for (const name of ["in_channels", "out_channels"]) {
    if (state[name] % state.groups) return words.whyGroups(name, state[name], state.groups);
  }
  const axes = [0, 1].map((axis) => onAxis(setting, axis));
  const tooMuch = axes.findIndex((axis) => axis.output_padding >= Math.max(axis.stride, axis.dilation));
  if (tooMuch >= 0) {
    const { output_padding, stride, dilation } = axes[tooMuch];
    return words.whyOutputPadding("HW"[tooMuch], output_padding, stride, dilation);
  }
  const none = axes.findIndex((axis) => outputSize(axis) < 1);
  return words.whyTooSmall("HW"[none], canvasSize(axes[none]), axes[none].padding);
}

/** Size or refusal, the formula with its numbers, the parameter count and the line of code. */
function result(app) {
  const { words } = app;
  const size = h("p", { class: "size" }), why = h("p"), formulas = h("div", { class: "formula" });
  const parameters = h("p"), code = h("code"), agreement = h("p", { class: "agreement" });
  const copied = () => {
    write(copy, words.copied);
    setTimeout(() => write(copy, words.copy), 1500);
  };
  const select = () => getSelection().selectAllChildren(code); // where the clipboard is closed to us
  const copy = h("button", {
    type: "button",
    onclick: () => (navigator.clipboard ? navigator.clipboard.writeText(code.textContent).then(copied, select) : select()),
  });
  write(copy, words.copy);
  const formula = ({ input_size, kernel_size, stride, padding, output_padding, dilation }, out) =>
    `(${input_size} − 1)·${stride} − 2·${padding} + ${dilation}·(${kernel_size} − 1) + ${output_padding} + 1 = ${out}`;
  const general = "(input_size − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1";
  const lines = [h("p"), h("p")];
  formulas.append(h("p", {}, general), ...lines);
  return {
    element: h(
      ...["div", { class: "result" }, h("div", { role: "status" }, size, why), formulas],
      ...[h("div", { class: "code" }, code, copy), parameters, agreement],
    ),
    draw(now) {
      const { state, setting, refused } = now;
      write(size, refused ? words.refused : words.outputSize(now.size.join(" × ")));
      write(why, refused ? `${refused}\n${reason(words, now)}` : "");
      const texts = [0, 1].map((axis) => formula(onAxis(setting, axis), now.size[axis]));
      const same = texts[0] === texts[1];
      write(lines[0], `${same ? "H, W" : "H"}: ${texts[0]}`);
      write(lines[1], same ? "" : `W: ${texts[1]}`);
      write(code, codeLine(state));
      const count = parameterCount(state);
      parameters.hidden = !Number.isInteger(count);
      write(parameters, words.parameters(count.toLocaleString("en")));
      write(agreement, agreed(words, now, app.pytorch()));
    },
  };
}

/** What is to be said of PyTorch's own result, where a Jupyter kernel sent one for just these numbers. */
function agreed(words, { state, output, refused }, pytorch) {
  const names = [...SETTINGS, "bias", "bias_value", "input", "kernel", "in_channels", "out_channels", "groups"];
  if (!pytorch?.of || names.some((name) => `${pytorch.of[name]}` !== `${state[name]}`)) return "";
  const close = (rows) =>
    rows.length === output.height &&
    rows[0].length === output.width &&
    rows.flat().every((value, place) => Math.abs(value - output.values[place]) <= 1e-5 * Math.max(1, Math.abs(value)));
  const same = refused ? pytorch.refusal === refused : pytorch.output !== null && close(pytorch.output);
  return same ? words.agrees(pytorch.version) : words.disagrees(pytorch.version);
}

/** Input and kernel, and the output that comes of them, all numbers in their cells. */
function picture(app) {
  const { words, point } = app;
  const input = numberGrid("input", words, (row, column, keyed) => point("input", row, column, keyed));
  const kernel = numberGrid("kernel", words, null);
  const output = numberGrid("output", words, (row, column, keyed) => point("output", row, column, keyed));
  const [star, equals] = ["∗", "="].map((text) => h("span", { class: "sign", "aria-hidden": "true" }, text));
  const element = h("div", { class: "picture" }, input.element, star, kernel.element, equals, output.element);
  return {
    element,
    draw(now) {
      const { marks, traced } = now;
      const current = (from) => (traced?.from === from ? [traced.row, traced.column] : null);
      const title = (name, grid) => words.size(words[name], grid.height, grid.width);
      input.draw(wholeGrid(now.input, title("input", now.input), marks?.input, current("input")));
      kernel.draw(wholeGrid(now.kernel, title("kernel", now.kernel), marks?.kernel));
      output.element.hidden = equals.hidden = !now.output;
      if (!now.output) return;
      const { height, width } = now.output;
      const seen = traced?.from === "output" && traced.row < height && traced.column < width;
      const at = seen && traced.row >= 0 && traced.column >= 0 ? current("output") : null;
      output.draw(wholeGrid(now.output, title("output", now.output), marks?.output, at));
    },
  };
}

/** The traced cell's sum written out, or the cells that an input number reaches. */
function trace({ words }) {
  const element = h("p", { class: "trace" });
  const sum = ({ setting, input, kernel, canvas, size, bias, refused }, { row, column }) => {
    const terms = contributions(setting, row, column).map(
      ({ input: [i, j], weight: [u, v] }) =>
        `${shown(input.values[i * input.width + j])}×${shown(kernel.values[u * kernel.width + v])}`,
    );
    const kept = !refused && row >= 0 && column >= 0 && row < size[0] && column < size[1];
    const [r, c] = [row + setting.padding[0], column + setting.padding[1]];
    const inside = r < canvas.height && c < canvas.width;
    const total = (inside ? canvas.values[r * canvas.width + c] : 0) + (kept ? bias : 0);
    if (kept && bias) terms.push(shown(bias));
    const said = !kept ? words.cutOff : !inside ? words.biasOnly : terms.length > (bias ? 1 : 0) ? "" : words.nothingLands;
    const equation = terms.length ? `${terms.join(" + ")} = ${shown(total)}` : shown(total);
    return `${words.output}[${row}, ${column}] = ${equation}${said && ` (${said})`}`;
  };
  const reach = ({ setting, input, refused }, { row, column }) => {
    const count = refused ? 0 : reached(setting, row, column).length;
    return `${words.input}[${row}, ${column}] = ${shown(input.values[row * input.width + column])}: ${words.reaches(count)}`;
  };
  const draw = (now) => {
    const { traced } = now;
    element.setAttribute("aria-live", traced?.keyed ? "polite" : "off");
    write(element, !traced ? words.nothingTraced : traced.from === "output" ? sum(now, traced) : reach(now, traced));
  };
  return { element, draw };
}

// Four ways to look at how the output comes about. Each names its steps (none: a still picture) and what its grids
// show at a step, and says a word on it.
const VIEWS = {
  canvas: {
    steps: () => 0,
    note: ({ setting, size, canvas }, words) => {
      const beyond = [0, 1].some((axis) => setting.output_padding[axis] > setting.padding[axis]);
      const extra = [0, 1].some((axis) => setting.output_padding[axis] && setting.padding[axis]);
      return words.canvasNote(Math.max(...setting.padding) > 0, extra, beyond);
    },
    grids: (now, words) => [
      canvasGrid(now, now.canvas, words.size(words.canvas, now.canvas.height, now.canvas.width), now.marks?.output, here(now)),
    ],
  },
  stamp: {
    steps: ({ input }) => input.values.length,
    note: (now, words) => words.stampNote,
    grids(now, words, step) {
      const { input, kernel, setting } = now;
      const [i, j] = [Math.floor((step - 1) / input.width), (step - 1) % input.width];
      const marks = step > 0 ? marksOf(now, { from: "input", row: i, column: j }) : null;
      const stamps = uncropped(input, kernel, setting, step);
      return [
        wholeGrid(input, words.size(words.input, input.height, input.width), marks?.input, step > 0 ? [i, j] : null),
        canvasGrid(now, stamps, words.size(words.canvas, now.canvas.height, now.canvas.width), marks?.output, first(marks?.output)),
      ];
    },
  },
  slide: {
    steps: ({ output }) => output?.values.length ?? 0,
    note: (now, words) => words.slideNote,
    grids(now, words, step) {
      const { output, setting } = now;
      if (!output) return [];
      const [row, column] = [Math.floor((step - 1) / output.width), (step - 1) % output.width];
      const window = [row, column].map(
        (at, axis) => new Set(range(0, setting.kernel_size[axis] - 1).map((u) => at + u * setting.dilation[axis])),
      );
      const spread = spreadInput(now);
      const marks = step > 0 ? window : undefined;
      const done = wholeGrid(output, words.size(words.output, output.height, output.width), undefined, step > 0 ? [row, column] : null);
      const value = (r, c) => (r * output.width + c < step ? done.value(r, c) : null);
      const look = (r, c) => (step > 0 && r === row && c === column ? "mark" : "");
      return [
        wholeGrid(spread, words.size(words.spread, spread.height, spread.width), marks, first(marks)),
        wholeGrid(flipped(now.kernel), words.size(words.flipped, now.kernel.height, now.kernel.width)),
        { ...done, value, look },
      ];
    },
  },
  overlap: {
    steps: () => 0,
    note: ({ setting, refused }, words) => (refused ? "" : overlapText(setting, words)),
    grids(now, words) {
      if (!now.output) return [];
      const counts = overlaps(now.setting);
      const { traced, size } = now;
      const kept = traced?.from === "output" && traced.row >= 0 && traced.column >= 0 && traced.row < size[0] && traced.column < size[1];
      return [wholeGrid(counts, words.size(words.overlap, ...now.size), now.marks?.output, kept ? here(now) : null)];
    },
  },
};

const here = ({ traced }) => (traced?.from === "output" ? [traced.row, traced.column] : null);
const first = (sets) => (sets ? sets.map((all) => Math.max(0, ...all)) : null);

/** The input with zeros between and around its numbers, over which the flipped kernel slides. */
function spreadInput({ input, setting }) {
  const borders = [0, 1].map((axis) => setting.dilation[axis] * (setting.kernel_size[axis] - 1) - setting.padding[axis]);
  const sizes = [0, 1].map((axis) => outputSize(onAxis(setting, axis)) + setting.dilation[axis] * (setting.kernel_size[axis] - 1));
  const index = (axis, at) => (at - borders[axis]) / setting.stride[axis];
  const onInput = (at, length) => Number.isInteger(at) && at >= 0 && at < length;
  return makeGrid(...sizes, (row, column) => {
    const i = index(0, row), j = index(1, column);
    return onInput(i, input.height) && onInput(j, input.width) ? input.values[i * input.width + j] : 0;
  });
}

const flipped = ({ height, width, values }) => ({ height, width, values: values.toReversed() });

/** The kernel_size % stride rule for this setting, gaps and the ratio of the checkerboard. */
function overlapText(setting, words) {
  const counts = [0, 1].map((axis) => repeating(onAxis(setting, axis)));
  const texts = counts.map((all, axis) => {
    const { kernel_size, stride } = onAxis(setting, axis), name = "HW"[axis];
    const low = Math.min(...all), high = Math.max(...all);
    if (low === 0) return words.gap(name);
    if (low === high) return kernel_size % stride ? words.evenAnyway(name, low) : words.even(name, kernel_size, stride);
    return words.uneven(name, kernel_size, stride, low, high);
  });
  if (texts[1].slice(1) === texts[0].slice(1)) texts.splice(0, 2, `H, W${texts[0].slice(1)}`);
  const product = (pick) => pick(...counts[0]) * pick(...counts[1]);
  const [low, high] = [product(Math.min), product(Math.max)];
  const ratio = low > 0 && high > low ? words.ratio(shown(high / low)) : "";
  return [words.overlapNote, ...texts, ratio].join(" ");
}

/** The four views, one at a time, and the player of those that have steps. */
function process(app) {
  const { words, point } = app;
  const group = `aebook-view-${++explorers}`;
  const choose = (event) => ((chosen = event.target.value), pause(), app.redraw());
  const radio = (name) =>
    h("label", {}, h("input", { type: "radio", name: group, value: name, onchange: choose, ...quiet }), words[name]);
  const radios = Object.keys(VIEWS).map(radio);
  const note = h("p"), box = h("div", { class: "picture" });
  const grids = Object.fromEntries(Object.keys(VIEWS).map((name) => [name, viewGrids(name)]));
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const play = button(words.play, () => (playing ? pause() : start()));
  const scrub = h("input", { type: "range", min: 0, "aria-label": words.step, oninput: () => (pause(), go(scrub.valueAsNumber)), ...quiet });
  const speed = h("input", { type: "number", min: 1, max: 30, value: 4, "aria-label": words.speed });
  const counter = h("span", { class: "counter" });
  const player = h(
    ...["div", { class: "player" }, play, button(words.back, () => (pause(), go(step() - 1)))],
    ...[button(words.forward, () => (pause(), go(step() + 1))), scrub, counter, h("label", {}, words.speed, " ", speed)],
  );
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let chosen = "canvas", playing = 0, now = null;
  const at = {}; // the step of each view; the last one where it was not chosen yet
  radios[0].firstChild.checked = true;

  function viewGrids(name) {
    const still = !VIEWS[name].steps({ input: { values: [0] }, output: null });
    const trace = (row, column, keyed) => point("output", row, column, keyed);
    const names = { canvas: ["canvas"], stamp: ["stamped", "stamps"], slide: ["spread", "flipped", "slid"], overlap: ["overlap"] };
    return names[name].map((one) => numberGrid(one, words, still && name !== "slide" ? trace : null));
  }
  const steps = () => VIEWS[chosen].steps(now);
  const step = () => Math.min(at[chosen] ?? Infinity, steps());
  function go(to) {
    at[chosen] = between(0, to, steps());
    drawView();
  }
  function start() {
    if (step() === steps()) go(0);
    let due = performance.now();
    const tick = (time) => {
      if (time >= due) {
        due = Math.max(due, time - 1000) + 1000 / between(1, speed.valueAsNumber || 1, 30);
        go(step() + 1);
      }
      if (step() < steps()) playing = requestAnimationFrame(tick);
      else pause();
    };
    playing = requestAnimationFrame(tick);
    write(play, words.pause);
  }
  function pause() {
    cancelAnimationFrame(playing);
    playing = 0;
    write(play, words.play);
  }
  function drawView() {
    const view = VIEWS[chosen], shownGrids = view.grids(now, words, step());
    write(note, view.note(now, words));
    grids[chosen].forEach((grid, place) => {
      grid.element.hidden = !shownGrids[place];
      if (shownGrids[place]) grid.draw(shownGrids[place]);
    });
    const elements = grids[chosen].map((grid) => grid.element);
    if (box.firstChild !== elements[0]) box.replaceChildren(...elements);
    player.hidden = !steps();
    play.hidden = calm.matches; // motion only where it is welcome; the steps remain
    scrub.max = steps();
    scrub.value = step();
    write(counter, words.stepOf(step(), steps()));
  }
  const legend = h("legend", {}, words.view);
  return {
    element: h("fieldset", { class: "process" }, legend, h("div", { class: "views" }, ...radios), note, player, box),
    draw(next) {
      now = next;
      drawView();
    },
    stop: pause,
  };
}

/** A part that unfolds, and is drawn only while it is open. */
function unfolding(title, { element, draw }) {
  let now = null;
  const details = h("details", { ontoggle: () => details.open && draw(now) }, h("summary", {}, title), element);
  return { element: details, draw: (next) => ((now = next), details.open && draw(now)) };
}

/** Which numbers the input and the kernel hold. */
function values(app) {
  const { words } = app;
  const option = (kind) => h("option", { value: kind }, words.kinds[kind]);
  const chooser = (name, kinds) => h("select", { onchange: (event) => app.change({ [name]: event.target.value }) }, ...kinds.map(option));
  const kinds = { input_kind: chooser("input_kind", INPUTS), kernel_kind: chooser("kernel_kind", KERNELS) };
  const seed = h("input", { type: "number", min: 0, max: 999, oninput: () => {
    if (accepted("seed", seed.valueAsNumber) !== undefined) app.change({ seed: seed.valueAsNumber });
  } });
  const refusedNote = h("p", { role: "status" });
  const typing = (name) => {
    const limit = BOUNDS[`${name}_size`][1];
    const area = h("textarea", { rows: 4, spellcheck: "false", oninput: () => {
      const rows = typedRows(area.value, limit);
      write(refusedNote, rows ? "" : words.notTyped(limit));
      if (!rows) return;
      const size = rows.length === rows[0].length && !Array.isArray(app.state()[`${name}_size`]) ? rows.length : [rows.length, rows[0].length];
      app.change({ [name]: rows, [`${name}_kind`]: "typed", [`${name}_size`]: size });
    } });
    return area;
  };
  const areas = { input: typing("input"), kernel: typing("kernel") };
  const labelled = (text, control) => h("label", {}, text, " ", control);
  return {
    element: h(
      ...["div", { class: "fields" }, labelled(words.inputKind, kinds.input_kind), labelled(words.kernelKind, kinds.kernel_kind)],
      ...[labelled(words.seed, seed), labelled(words.typedInput, areas.input), labelled(words.typedKernel, areas.kernel), refusedNote],
    ),
    draw({ state, ...now }) {
      for (const name of Object.keys(kinds)) kinds[name].value = state[name];
      if (document.activeElement !== seed) seed.value = state.seed;
      for (const [name, area] of Object.entries(areas)) {
        if (document.activeElement !== area) area.value = rowsOf(now[name]).map((row) => row.join(" ")).join("\n");
      }
    },
  };
}

/** What changes shapes, parameters and code, and the bias, which the grids show too. */
function channels(app) {
  const { words } = app;
  const field = (name) => {
    const [min, max] = COUNTS[name];
    const input = h("input", { type: "number", min, max, oninput: () => {
      if (accepted(name, input.valueAsNumber) !== undefined) app.change({ [name]: input.valueAsNumber });
    } });
    return [name, input];
  };
  const counts = Object.fromEntries(["in_channels", "out_channels", "groups"].map(field));
  const bias = h("input", { type: "checkbox", onchange: () => app.change({ bias: bias.checked }) });
  const biasValue = h("input", { type: "number", step: "any", oninput: () => {
    if (Number.isFinite(biasValue.valueAsNumber)) app.change({ bias_value: biasValue.valueAsNumber });
  } });
  const labels = Object.entries(counts).map(([name, input]) => h("label", {}, name, " ", input));
  return {
    element: h(
      ...["div", { class: "fields" }, ...labels, h("label", {}, bias, "bias")],
      ...[h("label", {}, words.biasValue, " ", biasValue), h("p", {}, words.channelsNote)],
    ),
    draw({ state }) {
      for (const [name, input] of Object.entries(counts)) if (document.activeElement !== input) input.value = state[name];
      bias.checked = state.bias;
      if (document.activeElement !== biasValue) biasValue.value = state.bias_value;
    },
  };
}

/** From a size to a size: the settings that do it; and the sizes that a Conv2d folds into this input. */
function solver(app) {
  const { words } = app;
  const number = (value, max) => h("input", { type: "number", min: 1, max, value, oninput: () => list() });
  const from = number(7, 16), to = number(14, 120), said = h("p", { role: "status" }), found = h("ul", { class: "found" });
  const folds = h("p");
  const text = (setting) => Object.entries(setting).filter(([name, value]) => value !== DEFAULTS[name] || name === "kernel_size");
  function list() {
    const settings = settingsFor(from.valueAsNumber, to.valueAsNumber);
    write(said, settings.length ? words.found(settings.length) : words.noneFound);
    const choose = (setting) => () => app.change({ ...setting, input_size: from.valueAsNumber });
    const line = (setting) => text(setting).map(([name, value]) => `${name}=${value}`).join(", ");
    found.replaceChildren(...settings.map((one) => h("li", {}, h("button", { type: "button", onclick: choose(one) }, line(one)))));
  }
  list();
  return {
    element: h("div", {}, h("div", { class: "fields" }, h("label", {}, words.from, " ", from), h("label", {}, words.to, " ", to)), said, found, folds),
    draw({ setting }) {
      const texts = [0, 1].map((axis) => {
        const sizes = convInputs(onAxis(setting, axis));
        const size = setting.input_size[axis], name = "HW"[axis];
        return sizes.length ? words.folds(name, sizes.join(", "), size) : words.foldsNone(name, size);
      });
      const same = texts[0].slice(1) === texts[1].slice(1);
      write(folds, same ? `H, W${texts[0].slice(1)}` : texts.join(" "));
    },
  };
}

/** Puts the explorer of `model` into `el`; gives back what takes it away again. */
function render({ model, el }) {
  const language = model.get("language") in WORDS ? model.get("language") : "en";
  const words = WORDS[language], initial = stateOf(model);
  let changing = false, traced = null, now = null;

  const app = {
    words,
    state: () => now.state,
    pytorch: () => model.get("pytorch"),
    redraw: () => draw(),
    reset: () => app.change(initial),
    /** Changes some of the state; the numbers of input and kernel, which follow from it, go along. */
    change(changes) {
      const state = { ...stateOf(model), ...changes };
      state.input = rowsOf(inputOf(state));
      state.kernel = rowsOf(kernelOf(state));
      changing = true; // one drawing, after all of them
      for (const [name, value] of Object.entries(state)) {
        if (JSON.stringify(model.get(name)) !== JSON.stringify(value)) model.set(name, value);
      }
      changing = false;
      model.save_changes();
      update();
    },
    point(from, row, column, keyed = false) {
      if (traced && traced.from === from && traced.row === row && traced.column === column && traced.keyed === keyed) return;
      traced = { from, row, column, keyed };
      draw();
    },
  };
  const main = [presets(app), controls(app), result(app), picture(app), trace(app), process(app)];
  const folded = [[words.values, values], [words.channels, channels], [words.solver, solver]];
  const parts = [...main, ...folded.map(([title, part]) => unfolding(title, part(app)))];
  const root = h("div", { class: "aebook-explorer", role: "group", lang: language, "aria-label": words.title });
  root.append(h("style", {}, STYLE), ...parts.map((part) => part.element));

  function update() {
    const state = stateOf(model);
    now = { state, ...calculate(state) };
    traced = stillThere(traced);
    draw();
  }
  function stillThere(cell) {
    if (!cell) return null;
    const { input, setting, canvas, size } = now;
    const ends = [canvas.height, canvas.width].map((end, axis) => Math.max(end - setting.padding[axis], size[axis]));
    const [low, high] = cell.from === "input" ? [[0, 0], [input.height, input.width]] : [setting.padding.map((cut) => -cut), ends];
    const inside = [cell.row, cell.column].every((at, axis) => at >= low[axis] && at < high[axis]);
    return inside ? cell : null;
  }
  function draw() {
    const next = { ...now, traced, marks: marksOf(now, traced) };
    for (const part of parts) part.draw(next);
  }
  const onChange = () => changing || update();
  model.on("change", onChange);
  el.append(root);
  update();
  return () => {
    model.off("change", onChange);
    main.at(-1).stop();
    root.remove();
  };
}

const tints = (letter, [red, green, blue]) =>
  range(1, TINTS).map((tint) => `td.${letter}${tint}{background:rgb(${red} ${green} ${blue}/${(0.5 * tint) / TINTS})}`).join("");

// Colours come from the book's theme, or else from JupyterLab's, or else are plain.
// The name is said three times to outrank the themes' rules for tables and the like.
const STYLE = `
.aebook-explorer.aebook-explorer.aebook-explorer {
  --text: var(--pst-color-text-base, var(--jp-ui-font-color0, #222));
  --ground: var(--pst-color-background, var(--jp-layout-color1, #fff));
  --raised: var(--pst-color-surface, var(--jp-layout-color2, #f3f3f3));
  --line: var(--pst-color-text-muted, var(--jp-border-color0, #777));
  --accent: var(--pst-color-link, var(--jp-content-link-color, #0b66b3));
  --mark: color-mix(in srgb, rgb(${PURPLE.join(" ")}) 60%, var(--text));
  --mono: var(--pst-font-family-monospace, var(--jp-code-font-family, monospace));
  color: var(--text); background: var(--ground); font-size: 15px; line-height: 1.45;
  display: grid; grid-template-columns: minmax(0, 1fr); gap: .8em; padding: .8em; border: 1px solid var(--line); border-radius: .5em; min-width: 0;
  & * { box-sizing: border-box; }
  & p { margin: 0 0 .3em; }
  & p:empty { display: none; }
  & [hidden] { display: none !important; }
  & :is(fieldset) { border: 1px solid var(--line); border-radius: .4em; margin: 0; padding: .5em .8em; min-width: 0; }
  & legend { float: none; width: auto; font-size: 1em; font-weight: 600; padding: 0 .3em; margin: 0; }
  & label { display: inline-flex; align-items: center; gap: .4em; margin: 0; }
  & :is(button, select, textarea, input[type="number"]) {
    font: inherit; color: var(--text); background: var(--raised);
    border: 1px solid var(--line); border-radius: .3em; padding: .15em .5em; min-height: 1.9em; max-width: 100%;
  }
  & :is(button, select, summary, label, input[type="range"]) { cursor: pointer; }
  & :focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
  & input[type="range"] { accent-color: var(--accent); min-width: 5em; flex: 1; min-height: 1.9em; }
  & input[type="number"] { width: 4.2em; }
  & .presets { display: flex; flex-wrap: wrap; gap: .5em; justify-content: space-between; }
  & .presets label { min-width: 0; flex-wrap: wrap; }
  & .sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19em, 100%), 1fr)); gap: .1em 1.6em; margin-bottom: .4em; }
  & .slider { display: flex; align-items: center; gap: .6em; min-width: 0; }
  & .slider span { flex: 0 0 10em; font-family: var(--mono); font-size: .85em; }
  & .size { font-size: 1.3em; font-weight: 600; }
  & [role="status"] { white-space: pre-line; overflow-wrap: anywhere; }
  & .formula { font-family: var(--mono); font-size: .85em; overflow-wrap: anywhere; }
  & .code { display: flex; gap: .6em; align-items: center; margin: .3em 0; }
  & code { flex: 1; min-width: 0; color: inherit; background: var(--raised); border: 0; padding: .35em .5em; font-family: var(--mono);
    font-size: .85em; overflow-wrap: anywhere; white-space: normal; }
  & .picture { display: flex; flex-wrap: wrap; gap: .8em; align-items: center; }
  & .sign { font-size: 1.6em; }
  & .grid { min-width: 0; max-width: 100%; }
  & .scroll { overflow-x: auto; padding: 3px; contain: layout style; }
  & .overview { position: relative; width: min(100%, 15em); margin: 0 0 .5em 3px; border: 1px solid var(--line); }
  & canvas { display: block; width: 100%; height: auto; image-rendering: pixelated; touch-action: none; }
  & .frame { position: absolute; border: 2px solid var(--text); pointer-events: none; }
  & table { --cell: 2.5em; table-layout: fixed; border-collapse: collapse; margin: 0; border: 0; font-size: .85em;
    width: calc(var(--columns) * var(--cell) + 2em); font-variant-numeric: tabular-nums; }
  & table.many { --cell: 2.1em; font-size: .72em; }
  & caption { caption-side: top; color: var(--text); padding: 0 0 .2em; text-align: start; white-space: nowrap; font-size: 14px; }
  & tr, & tr:nth-child(odd), & tr:hover { background: none; }
  & :is(td, th) { padding: 0; height: 2.3em; text-align: center; vertical-align: middle; border: 0; color: var(--text); overflow: hidden;
    white-space: nowrap; }
  & thead :is(td, th), & tbody th { font-weight: 400; font-size: .8em; background: none; height: 1.8em; width: auto; }
  & thead td { width: 2.5em; }
  & tbody td { border: 1px solid var(--line); }
  & td.long { font-size: .7em; }
  ${tints("p", BLUE)}${tints("n", ORANGE)}
  & td.cut { background: repeating-linear-gradient(135deg, transparent 0 5px, rgb(128 128 128/.4) 5px 6px); border-style: dotted; }
  & td.extra { box-shadow: inset 0 0 0 1px var(--ground); outline: 2px dashed var(--accent); outline-offset: -3px; }
  & td.beyond { outline: 2px dotted var(--line); outline-offset: -3px; }
  & td.mark { outline: 3px solid var(--mark); outline-offset: -3px; }
  & td:focus-visible { outline: 3px solid var(--accent); outline-offset: -1px; }
  & .trace { font-family: var(--mono); font-size: .85em; min-height: 3em; overflow-wrap: anywhere; }
  & :is(.views, .player, .fields) { display: flex; flex-wrap: wrap; align-items: center; gap: .4em 1em; margin-bottom: .5em; }
  & .player { gap: .4em .6em; }
  & .fields { margin-top: .5em; }
  & .fields label { flex-wrap: wrap; }
  & textarea { font-family: var(--mono); font-size: .85em; width: 16em; }
  & details { margin: 0; border: 0; padding: 0; background: none; box-shadow: none; }
  & summary { font-weight: 600; }
  & .found { max-height: 14em; overflow: auto; list-style: none; margin: 0 0 .5em; padding: 3px; display: flex; flex-wrap: wrap; gap: .3em; align-content: start; }
  & .found li { margin: 0; max-width: 100%; }
  & .found button { font-family: var(--mono); font-size: .85em; text-align: start; }
}`;

export default { render };
