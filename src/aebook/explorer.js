/* The ConvTranspose2d explorer: one module for JupyterLab (through anywidget) and for the pages of the book.

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
const LONGEST = 128; // that the solver is asked about
const LARGEST = (2 - 2 ** -23) * 2 ** 127; // of PyTorch's numbers, which are float32
const INPUTS = ["ones", "ramp", "random", "digit", "typed"];
const KERNELS = ["ones", "ramp", "random", "bilinear", "typed"];

/** Everything a reader can set, as it is at first and in Python. */
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

/** The version of PyTorch whose words the refusals are; in those of another, RULES finds which rule is meant. */
export const WORDS_FROM = "2.14";
export const RULES = { whyGroups: /divisible/, whyOutputPadding: /output.padding/, whyTooSmall: /too small/ };

/** The rule of nn.ConvTranspose2d that a state breaks: its words, then the name and the arguments of ours. */
export function broken(state) {
  const setting = paired(state), { output_padding, stride, dilation, input_size } = setting;
  for (const name of ["in_channels", "out_channels"]) {
    const { [name]: channels, groups } = state;
    if (channels % groups) return [`${name} must be divisible by groups`, "whyGroups", name, channels, groups];
  }
  const axes = [0, 1].map((axis) => onAxis(setting, axis)), size = axes.map(outputSize);
  const wide = axes.findIndex((axis) => axis.output_padding >= Math.max(axis.stride, axis.dilation));
  if (wide >= 0) {
    const got = ["output_padding", "stride", "dilation"].flatMap((name) =>
      ["height", "width"].map((side, axis) => `${name}_${side}: ${setting[name][axis]}`),
    );
    const text = `output padding must be smaller than either stride or dilation, but got ${got.join(" ")}`;
    return [text, "whyOutputPadding", "HW"[wide], output_padding[wide], stride[wide], dilation[wide]];
  }
  const none = size.findIndex((length) => length < 1);
  if (none < 0) return null;
  const text =
    `Given input size per channel: (${input_size.join(" x ")}). ` +
    `Calculated output size per channel: (${size.join(" x ")}). Output size is too small`;
  return [text, "whyTooSmall", "HW"[none], canvasSize(axes[none]), axes[none].padding];
}

/** What nn.ConvTranspose2d says to a state that it refuses; null where it takes it. */
export const refusal = (state) => broken(state)?.[0] ?? null;

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

/** Lays a grid onto another, its first cell at [top, left] of the other; what reaches past the other is left out. */
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
  const size = [0, 1].map((axis) => outputSize(onAxis(setting, axis)));
  const output = laid(canvas, makeGrid(...size), setting.padding.map((cut) => -cut));
  return bias ? { ...output, values: output.values.map((sum) => sum + bias) } : output;
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

/** How many kernel weights land on each output cell of one axis. */
const counted = (axis) => range(0, outputSize(axis) - 1).map((at) => landings(axis, at).length);

/** How many kernel weights land on each output cell. */
export function overlaps(setting) {
  const counts = [0, 1].map((axis) => counted(onAxis(setting, axis)));
  return makeGrid(counts[0].length, counts[1].length, (row, column) => counts[0][row] * counts[1][column]);
}

/** On one axis, far from the borders: how many weights land on each of the `stride` cells that repeat. */
export function repeating({ kernel_size, stride, dilation }) {
  const counts = Array(stride).fill(0);
  for (let weight = 0; weight < kernel_size; weight++) counts[(weight * dilation) % stride]++;
  return counts;
}

/** What a setting of one axis means, the best first, and by which counts; as Setting.meaning in Python. */
const KINDS = ["even", "borders", "uneven", "unreached"];
export function meaning(axis) {
  const counts = counted(axis), all = repeating(axis), [low, high] = ends(counts);
  if (!low) return ["unreached", counts.filter((count) => !count).length, counts.length];
  if (low === high) return ["even", high];
  if (ends(all)[0] < ends(all)[1]) return ["uneven", low, high];
  return high < all[0] ? ["borders", low, high] : ["even", high];
}

/** All settings of one axis within the bounds that lead from one size to another, by what reaches the output. */
export function settingsFor(input_size, output_size) {
  if (![input_size, output_size].every((size) => Number.isInteger(size) && size > 0)) return [];
  const [kernels, strides, paddings, extras, dilations] = SETTINGS.slice(1).map((name) => range(...BOUNDS[name]));
  const found = [];
  for (const kernel_size of kernels) for (const stride of strides) for (const dilation of dilations) {
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
  return found.sort((one, other) => compare(one[1], other[1])).map(([setting]) => setting);
}

/** All sizes that nn.Conv2d with the same setting (one axis) maps to this input size. */
export function convInputs(axis) {
  const first = outputSize({ ...axis, output_padding: 0 });
  return range(first, first + axis.stride - 1).filter((size) => size >= 1);
}

const ends = (counts) => [Math.min(...counts), Math.max(...counts)];
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
  const part = (length, at) => {
    const low = Math.floor((at * 12) / length);
    return range(low, Math.max(low + 1, Math.floor(((at + 1) * 12) / length)) - 1);
  };
  return makeGrid(height, width, (row, column) => {
    const rows = part(height, row), columns = part(width, column);
    const grey = (r, c) => parseInt(DIGIT[r * 12 + c], 16) || 0;
    const sum = rows.reduce((total, r) => total + columns.reduce((some, c) => some + grey(r, c), 0), 0);
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

/** Whether that is a number, and one that float32 can hold. */
const isNumber = (value) => typeof value === "number" && Math.abs(value) <= LARGEST;

/** Whether those are rows of numbers, equally long, at most `limit` each way. */
function areRows(rows, limit) {
  const length = rows?.[0]?.length, within = (count) => count > 0 && count <= limit;
  const isRow = (row) => Array.isArray(row) && row.length === length && row.every(isNumber);
  return Array.isArray(rows) && within(rows.length) && rows.every(isRow) && within(length);
}

/** The rows of numbers that a text holds, a row a line, or null where it holds something else.

    Between two numbers is a space: whether 0,5 is one number or two, only who wrote it knows. */
export function typedRows(text, limit) {
  const row = (line) => line.trim().split(/[,;]?\s+/).map((number) => (number ? Number(number) : NaN));
  const rows = text.normalize("NFKC").trim().split(/\n+/).map(row);
  return areRows(rows, limit) ? rows : null;
}

/** Whether that setting takes that value, which may come from a page's address and be anything. */
export function accepts(name, value) {
  const [low, high] = BOUNDS[name] ?? COUNTS[name] ?? [];
  const within = (number) => Number.isInteger(number) && number >= low && number <= high;
  if (BOUNDS[name] && Array.isArray(value)) return value.length === 2 && value.every(within);
  if (name === "bias") return typeof value === "boolean";
  if (name === "bias_value") return isNumber(value);
  if (name === "input_kind") return INPUTS.includes(value);
  if (name === "kernel_kind") return KERNELS.includes(value);
  if (name === "input" || name === "kernel") return areRows(value, BOUNDS[`${name}_size`][1]);
  return within(value);
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

/** Every word that a reader sees; argument names, code and PyTorch's words are not translated. */
export const WORDS = {
  en: {
    title: "ConvTranspose2d explorer",
    preset: "example",
    ownSetting: "a setting of your own",
    reset: "reset",
    settings: "settings",
    split: "different for H and W",
    outputSize: (size) => `output ${size}`,
    refused: (version) => `PyTorch ${version} refuses this setting:`,
    whyOutputPadding: (axis, output_padding, stride, dilation) =>
      `On the ${axis} axis, output_padding ${output_padding} is smaller than neither stride ${stride} nor dilation ` +
      `${dilation}. It picks one of the sizes that a Conv2d turns into the same one, so it has to be smaller.`,
    whyTooSmall: (axis, canvas, padding) =>
      `On the ${axis} axis the canvas is ${canvas} long and padding cuts ${padding} off each side: nothing is left.`,
    whyGroups: (name, channels, groups) =>
      `Each group takes an equal share of channels, and ${name} ${channels} cannot be shared among ${groups} groups.`,
    parameters: (count) => `${count} parameters`,
    copy: "copy",
    copied: "copied",
    agrees: (version) => `PyTorch ${version} agrees.`,
    disagrees: (version) => `PyTorch ${version} disagrees. Please tell us.`,
    gone: (surely) =>
      `The kernel is ${surely ? "gone" : "busy, or gone"}. The explorer goes on computing by itself; after a restart, ` +
      "run the cell again.",
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
      `${axis}: kernel_size ${kernel} is divisible by stride ${stride}, and inner cells get equally many.`,
    evenAnyway: (axis, each) => `${axis}: each cell gets ${each} all the same.`,
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
    kinds: {
      ...{ ones: "ones", ramp: "ramp", random: "random", digit: "a digit of MNIST" },
      ...{ bilinear: "bilinear", typed: "typed in" },
    },
    seed: "seed",
    typedInput: "input, a row a line",
    typedKernel: "kernel, a row a line",
    notTyped: (limit) =>
      "Not taken: numbers such as 0.5, with spaces between them, none beyond 3.4e38; rows equally long, " +
      `at most ${limit} each way.`,
    notTaken: (low, high) => `Not taken: a number from ${low} to ${high}.`,
    channels: "channels, groups, bias",
    channelsNote: "The grids show one channel of each; more of them change the shapes, the parameters and the code.",
    biasValue: "bias value shown",
    solver: "which settings lead from one size to another?",
    from: "from",
    to: "to",
    solverAxis: "for",
    found: (count) => `${count} settings, by how evenly kernel weights land on the cells along an axis.`,
    beyond: (size) => `To read only: the sliders end at ${size}.`,
    noneFound: "No setting within the sliders does that.",
    noSize: (longest) => `Sizes are whole numbers from 1 to ${longest}.`,
    means: {
      even: (each) => (each > 1 ? `even, ${each} overlap` : "even, no overlap"),
      borders: (low, high) => `${low} to ${high} overlap, all near a border`,
      uneven: (low, high) => `uneven, ${low} to ${high} overlap`,
      unreached: (none, all) => `${none} of ${all} cells unreached`,
    },
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
    refused: (version) => `PyTorch ${subject(version)} 받아들이지 않는 설정입니다.`,
    whyOutputPadding: (axis, output_padding, stride, dilation) =>
      `${axis}축에서 output_padding ${subject(output_padding)} stride ${stride}보다도 dilation ${dilation}보다도 작지 않습니다. ` +
      "Conv2d를 거치면 같아지는 여러 크기 가운데 하나를 고르는 값이므로 둘 중 하나보다는 작아야 합니다.",
    whyTooSmall: (axis, canvas, padding) =>
      `${axis}축에서 캔버스의 길이는 ${canvas}인데 padding이 양쪽에서 ${padding}씩 잘라 내므로 남는 것이 없습니다.`,
    whyGroups: (name, channels, groups) =>
      `그룹마다 채널을 똑같이 나누어 가져야 하는데, ${name} ${channels}개는 그룹 ${groups}개로 나누어떨어지지 않습니다.`,
    parameters: (count) => `파라미터 ${count}개`,
    copy: "복사",
    copied: "복사됨",
    agrees: (version) => `PyTorch ${version}도 같은 답을 냅니다.`,
    disagrees: (version) => `PyTorch ${version}의 답은 다릅니다. 알려 주시기 바랍니다.`,
    gone: (surely) =>
      `커널${surely ? "과" : "이 바쁘거나"} 연결이 끊겼습니다. 탐색기는 혼자서도 계속 계산합니다. ` +
      "커널을 다시 시작했다면 셀을 다시 실행하세요.",
    input: "입력",
    kernel: "커널",
    output: "출력",
    size: (name, height, width) => `${name} ${height} × ${width}`,
    window: (rows, columns) => `${rows}행, ${columns}열`,
    nothingTraced: "칸을 가리키거나 화살표 키로 옮겨 가면 그 값이 어디에서 왔는지 보여 줍니다.",
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
    stampNote: "입력의 값마다 그 값을 곱한 커널을 캔버스에 도장처럼 찍습니다. 겹치는 곳은 더합니다.",
    slideNote:
      "입력의 값 사이와 둘레에 0을 넣어 벌려 놓고(둘레의 폭은 dilation·(kernel_size − 1) − padding), " +
      "뒤집은 커널로 보통의 합성곱처럼 훑습니다.",
    spread: "벌려 놓은 입력",
    flipped: "뒤집은 커널",
    overlapNote: "출력의 칸마다 커널 가중치가 몇 개 닿는지 셉니다.",
    even: (axis, kernel, stride) =>
      `${axis}: kernel_size ${subject(kernel)} stride ${toward(stride)} 나누어떨어지고, 안쪽 칸에 닿는 개수가 모두 같습니다.`,
    evenAnyway: (axis, each) => `${axis}: 그래도 칸마다 ${each}개씩 닿습니다.`,
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
    values: "입력과 커널의 값",
    inputKind: "입력 값",
    kernelKind: "커널 값",
    kinds: {
      ...{ ones: "모두 1", ramp: "1씩 커지는 수", random: "무작위", digit: "MNIST 숫자 그림" },
      ...{ bilinear: "쌍선형", typed: "직접 입력" },
    },
    seed: "시드",
    typedInput: "입력, 한 줄에 한 행",
    typedKernel: "커널, 한 줄에 한 행",
    notTyped: (limit) =>
      "받아들일 수 없습니다. 0.5처럼 쓴 수를 빈칸으로 띄우고, 행의 길이를 같게 하여 " +
      `가로세로 ${limit}칸까지 적어 주세요. 3.4e38을 넘을 수 없습니다.`,
    notTaken: (low, high) => `받아들일 수 없습니다. ${low}부터 ${high}까지의 수를 적어 주세요.`,
    channels: "채널, 그룹, 편향",
    channelsNote: "그림은 입력과 출력의 채널을 하나씩만 보여 줍니다. 채널을 늘리면 모양과 파라미터와 소스 코드가 바뀝니다.",
    biasValue: "그림에 쓸 편향 값",
    solver: "어떤 설정이 이 크기를 저 크기로 바꿀까?",
    from: "입력 크기",
    to: "출력 크기",
    solverAxis: "적용할 축",
    found: (count) => `설정 ${count}개. 한 축에서 칸마다 닿는 커널 가중치의 개수가 고른 것부터 나옵니다.`,
    beyond: (size) => `슬라이더가 ${size}까지라서 골라 볼 수는 없습니다.`,
    noneFound: "슬라이더의 범위 안에는 그런 설정이 없습니다.",
    noSize: (longest) => `크기는 1부터 ${longest}까지의 정수입니다.`,
    means: {
      even: (each) => (each > 1 ? `고르게 ${each}개씩 겹침` : "고르고 겹치지 않음"),
      borders: (low, high) => `모두 가장자리라 ${low}~${high}개씩 겹침`,
      uneven: (low, high) => `고르지 않게 ${low}~${high}개씩 겹침`,
      unreached: (none, all) => `${all}칸 중 ${none}칸에 닿지 않음`,
    },
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

/** An element with its attributes, listeners ("on…") and children. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  if (["button", "input", "select", "summary", "textarea"].includes(tag)) element.setAttribute(...QUIET);
  element.append(...children);
  return element;
}
// Else JupyterLab's shortcuts take the keys: arrows and Enter, and B in the list of examples makes a new cell.
const QUIET = ["data-lm-suppress-shortcuts", "true"];

/** Sets only what changed: the rest costs no layout and is not read out again. */
function put(element, property, value) {
  if (element[property] !== value) element[property] = value;
}
const write = (element, text) => put(element, "textContent", text);

const exact = (number, digits = 12) => `${Number(number.toPrecision(digits))}`; // more would be the processor's noise
const shown = (number) => (Number.isInteger(number) ? `${number}` : exact(number, 4)); // what fits a cell
const largest = ({ values }) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const sides = ({ height, width }) => [height, width];
const share = (number, most) => Math.min(1, Math.abs(number) / most); // half a sum may exceed all of it
const between = (low, value, high) => Math.min(Math.max(low, value), high);
const button = (text, onclick) => h("button", { type: "button", onclick }, text);
const labelled = (text, control) => h("label", {}, text, " ", control);

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
  const output = refused ? null : cropped(canvas, setting, bias);
  return { state, setting, input, kernel, refused, canvas, bias, size, output };
}

/** What the traced cell has to do with the others; everything is a product of an H and a W part, so two sets do. */
function marksOf({ setting }, traced) {
  if (!traced) return {};
  const met = [traced.row, traced.column].map((place, axis) => {
    const on = onAxis(setting, axis);
    if (traced.from === "output") return landings(on, place);
    return range(0, on.kernel_size - 1).map((u) => [place * on.stride + u * on.dilation - on.padding, u]);
  });
  const sets = (part) => met.map((all) => new Set(all.map((one) => one[part])));
  const own = [new Set([traced.row]), new Set([traced.column])], other = traced.from === "output" ? "input" : "output";
  return { [traced.from]: own, [other]: sets(0), kernel: sets(1) };
}

// ---------------------------------------------------------------------------------------------- 3a. Grids of numbers

// What a cell is besides its number: the union of what its row and its column are. To be marked takes both of them,
// so it is "unmarked" that has a bit.
const CUT = 1, BEYOND = 2, EXTRA = 4, UNMARKED = 8;
const LOOKS = Array.from({ length: 16 }, (_, look) => {
  const part = look & CUT ? " cut" : look & BEYOND ? " beyond" : look & EXTRA ? " extra" : "";
  return look & UNMARKED ? part : `${part} mark`;
});

/** What a NumberGrid draws: numbers (NaN is an empty cell), the first one's place, and what its cells are besides. */
function sheet(title, grid, { marks, current = null, start = [0, 0], most = largest(grid), besides = () => 0 } = {}) {
  const look = (axis, at) => besides(axis, at) | (marks?.[axis].has(at) ? 0 : UNMARKED);
  const looks = sides(grid).map((length, axis) =>
    Uint8Array.from({ length }, (_, at) => look(axis, start[axis] + at)),
  );
  return { title, grid, start, most, looks, current };
}

/** A sheet of a whole grid, under its name and size. */
const whole = (words, name, grid, options) => sheet(words.size(words[name], grid.height, grid.width), grid, options);

/** The canvas with the output laid on it, in the output's rows and columns: what is cut off lies outside. */
function canvasSheet({ setting, size, canvas, bias, refused }, words, stamps, options) {
  const start = setting.padding.map((cut) => -cut), [top, left] = start;
  const ends = [canvas.height + top, canvas.width + left];
  const reach = ends.map((end, axis) => (refused ? end : Math.max(end, size[axis])));
  const kept = (axis, at) => !refused && at >= 0 && at < size[axis];
  const besides = (axis, at) =>
    !kept(axis, at) ? CUT : at >= ends[axis] ? BEYOND : at >= size[axis] - setting.output_padding[axis] ? EXTRA : 0;
  const grid = makeGrid(reach[0] - top, reach[1] - left);
  laid(stamps, { ...grid, values: grid.values.fill(NaN) }, [0, 0]);
  if (!refused) laid(cropped(stamps, setting, bias), grid, setting.padding);
  const most = Math.max(largest(canvas), Math.abs(bias));
  return sheet(words.size(words.canvas, canvas.height, canvas.width), grid, { ...options, start, most, besides });
}

/** A grid as a picture, a pixel a number, with a frame around what the table below it shows.

    The pointer alone moves it: by the arrow keys one reaches every cell through the table, and the frame follows. */
class Overview {
  constructor(point) {
    this.canvas = h("canvas", { role: "img" });
    this.frame = h("div", { class: "frame" });
    this.element = h("div", { class: "overview" }, this.canvas, this.frame);
    if (point) this.canvas.addEventListener("pointermove", (event) => point(...this.place(event)));
  }

  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect(), { start, grid } = this.sheet;
    const at = (part, count) => between(0, Math.floor(part * count), count - 1);
    return [
      start[0] + at((clientY - box.top) / box.height, grid.height),
      start[1] + at((clientX - box.left) / box.width, grid.width),
    ];
  }

  draw(sheet, origin, sizes) {
    this.sheet = sheet;
    const { title, grid, start } = sheet;
    for (const side of ["height", "width"]) put(this.canvas, side, grid[side]);
    put(this.canvas, "ariaLabel", title);
    this.canvas.getContext("2d").putImageData(painted(sheet), 0, 0);
    const percent = (part, axis) => `${(100 * part) / sides(grid)[axis]}%`;
    const [top, left] = [0, 1].map((axis) => percent(origin[axis] - start[axis], axis));
    Object.assign(this.frame.style, { top, left, height: percent(sizes[0], 0), width: percent(sizes[1], 1) });
  }
}

/** The sheet's numbers as pixels, each written as the four bytes alpha, blue, green, red. */
function painted({ grid: { height, width, values }, looks: [down, across], most }) {
  const picture = new ImageData(width, height), pixels = new Uint32Array(picture.data.buffer);
  const pixel = ([red, green, blue], opacity) => ((255 * opacity) << 24) | (blue << 16) | (green << 8) | red;
  for (let row = 0, place = 0; row < height; row++) {
    for (let column = 0; column < width; column++, place++) {
      const look = down[row] | across[column], number = values[place] || 0; // nothing where it is NaN
      const strength = share(number, most);
      if (!(look & UNMARKED)) pixels[place] = pixel(PURPLE, 1);
      else if (look & CUT) pixels[place] = pixel(GREY, 0.25 + 0.4 * strength);
      else pixels[place] = pixel(number < 0 ? ORANGE : BLUE, strength);
    }
  }
  return picture;
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function cellIn(row, tag, attributes) {
  const text = new Text(), element = h(tag, attributes, text);
  row.append(element);
  return { element, text, value: "", look: "" };
}

function fillCell(cell, value, look = "") {
  if (cell.value !== value) cell.text.data = cell.value = value;
  if (cell.look !== look) cell.element.className = cell.look = look;
}

const tint = (number, most) => (number ? (number < 0 ? "n" : "p") + Math.ceil(share(number, most) * TINTS) : "");

/** Brings a list to that length, making and removing no more than it takes. */
function fit(list, length, make) {
  while (list.length > length) list.pop().element.remove();
  while (list.length < length) list.push(make());
}

// A box that scrolls and holds no cell to focus has to be reached by Tab itself, or the keyboard cannot scroll it.
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1;
});

/** A grid of numbers: a table and, where it is large, an overview. `point(row, column)` is told where one points. */
class NumberGrid {
  constructor(name, words, point) {
    Object.assign(this, { words, point, names: [], rows: [], origin: [0, 0], stop: null });
    this.caption = h("caption");
    this.head = h("tr", {}, h("td"));
    this.body = h("tbody");
    this.table = h("table", { "data-grid": name }, this.caption, h("thead", {}, this.head), this.body);
    this.overview = new Overview(point);
    const box = h("div", { class: "scroll" }, this.table);
    this.element = h("div", { class: "grid" }, this.overview.element, box);
    if (!point) return void scrollers.observe(box);
    const pointed = ({ target, type }) => this.place(target) && point(...this.place(target), type === "focusin");
    for (const event of ["pointerover", "pointerdown", "focusin"]) this.table.addEventListener(event, pointed);
    this.table.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(sheet) {
    this.sheet = sheet;
    const { title, grid } = sheet, sizes = sides(grid).map((size) => Math.min(size, TABLE_LIMIT));
    const large = Math.max(...sides(grid)) > TABLE_LIMIT;
    this.scroll(sizes);
    this.resize(...sizes);
    this.fill();
    this.rove();
    const [rows, columns] = this.origin.map((first, axis) => `${first}–${first + sizes[axis] - 1}`);
    write(this.caption, large ? `${title}: ${this.words.window(rows, columns)}` : title);
    this.overview.element.hidden = !large;
    if (large) this.overview.draw(sheet, this.origin, sizes);
  }

  /** Moves the table's first row and column as little as shows the current cell. */
  scroll(sizes) {
    const { start, grid, current } = this.sheet;
    this.origin = this.origin.map((first, axis) => {
      const near = current ? between(current[axis] - sizes[axis] + 1, first, current[axis]) : first;
      return between(start[axis], near, start[axis] + sides(grid)[axis] - sizes[axis]);
    });
  }

  resize(rows, columns) {
    fit(this.names, columns, () => cellIn(this.head, "th", { scope: "col" }));
    fit(this.rows, rows, () => {
      const element = h("tr");
      this.body.append(element);
      return { element, name: cellIn(element, "th", { scope: "row" }), cells: [] };
    });
    for (const { element, cells } of this.rows) fit(cells, columns, () => cellIn(element, "td"));
    this.table.style.setProperty("--columns", columns);
  }

  fill() {
    const { grid, start, looks, most } = this.sheet, [top, left] = this.origin;
    this.names.forEach((name, across) => fillCell(name, `${left + across}`));
    this.rows.forEach(({ name, cells }, down) => {
      fillCell(name, `${top + down}`);
      const row = top + down - start[0], first = left - start[1];
      cells.forEach((cell, across) => {
        const number = grid.values[row * grid.width + first + across];
        const value = Number.isNaN(number) ? "" : shown(number);
        const look = LOOKS[looks[0][row] | looks[1][first + across]];
        fillCell(cell, value, `${tint(number, most)}${value.length > 4 ? " long" : ""}${look}`);
      });
    });
    const long = this.rows.some(({ cells }) => cells.some(({ value }) => value.length > 4));
    put(this.table, "className", `${this.names.length > 8 ? "many" : ""}${long ? " long" : ""}`);
  }

  /** The row and the column of a cell with a number, or null for anything else. */
  place(element) {
    if (element.tagName !== "TD" || element.parentNode === this.head) return null;
    return [this.origin[0] + element.parentNode.rowIndex - 1, this.origin[1] + element.cellIndex - 1];
  }

  pressed(event) {
    const step = ARROWS[event.key], from = this.place(event.target), { start, grid } = this.sheet;
    if (!step || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const to = from.map((at, axis) => between(start[axis], at + step[axis], start[axis] + sides(grid)[axis] - 1));
    this.point(...to, true);
    this.stop.focus();
  }

  /** One cell at a time is in the tab order; the arrow keys go on from it. */
  rove() {
    if (!this.point) return;
    const [row, column] = this.sheet.current ?? this.origin;
    const next = this.rows[row - this.origin[0]].cells[column - this.origin[1]].element;
    if (next === this.stop) return;
    for (const [name, value] of [["tabindex", "0"], QUIET]) {
      this.stop?.removeAttribute(name);
      next.setAttribute(name, value);
    }
    this.stop = next;
  }
}

// --------------------------------------------------------------------------------------------------- 3b. The parts

// Each part is a function of the explorer `app` ({ words, now, change, point, … }) that makes its element once and
// gives back { element, draw(now) }; `now` is the state with all that follows from it, and with what is traced.

/** A setting of the state with one axis changed, or with both where axis is null. */
function withAxis(value, axis, changed) {
  return axis === null ? changed : pair(value).map((old, at) => (at === axis ? changed : old));
}

function slider(app, name, axis) {
  const [min, max] = BOUNDS[name];
  const label = axis === null ? name : `${name} ${"HW"[axis]}`;
  const set = ({ target: { valueAsNumber: value } }) => {
    if (accepts(name, value)) app.change({ [name]: withAxis(app.now.state[name], axis, value) });
  };
  const field = (type) => h("input", { type, min, max, step: 1, "aria-label": label, oninput: set });
  const [range, number] = [field("range"), field("number")];
  const current = (state) => `${pair(state[name])[axis ?? 0]}`;
  number.addEventListener("change", () => (number.value = current(app.now.state))); // what was refused goes back
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

const isSplit = (state) => SETTINGS.some((name) => Array.isArray(state[name]));

/** The sliders, one per setting or, where H and W differ, two. */
function controls(app) {
  const { words } = app;
  const group = (axes) => SETTINGS.flatMap((name) => axes.map((axis) => slider(app, name, axis)));
  const together = group([null]), apart = group([0, 1]);
  const box = h("div", { class: "sliders" });
  const turn = () => {
    const turned = split.checked ? pair : (value) => pair(value)[0];
    app.change(Object.fromEntries(SETTINGS.map((name) => [name, turned(app.now.state[name])])));
  };
  const split = h("input", { type: "checkbox", onchange: turn });
  const legend = h("legend", {}, words.settings);
  return {
    element: h("fieldset", { class: "controls" }, legend, box, h("label", {}, split, words.split)),
    draw({ state }) {
      split.checked = isSplit(state);
      const sliders = split.checked ? apart : together;
      if (box.firstChild !== sliders[0].element) box.replaceChildren(...sliders.map((one) => one.element));
      for (const one of sliders) one.draw(state);
    },
  };
}

/** The examples, and the way back to the first setting. */
function presets(app) {
  const { words } = app, names = Object.keys(PRESETS);
  const options = names.map((name) => h("option", { value: name }, words.presets[name]));
  const choice = h("select", { onchange: () => choice.value && app.change({ ...DEFAULTS, ...PRESETS[choice.value] }) });
  choice.append(h("option", { value: "" }, words.ownSetting), ...options);
  const matches = (state, name) =>
    Object.entries({ ...DEFAULTS, ...PRESETS[name] }).every(([key, value]) => `${state[key]}` === `${value}`);
  return {
    element: h("div", { class: "presets" }, labelled(words.preset, choice), button(words.reset, app.reset)),
    draw({ state }) {
      const chosen = names.find((name) => matches(state, name)) ?? "";
      if (choice.value !== chosen) choice.value = chosen;
    },
  };
}

/** What a Jupyter kernel sent that PyTorch says of just these numbers, if one did. */
function answerTo(state, { model }) {
  const pytorch = model.get("pytorch");
  return pytorch?.of && Object.keys(state).every((name) => `${pytorch.of[name]}` === `${state[name]}`) ? pytorch : null;
}

/** The output's size; or PyTorch's refusal, and why in the page's language. */
function verdict(app) {
  const { words } = app;
  const size = h("p", { class: "size" }), why = h("p");
  return {
    element: h("div", { role: "status" }, size, why),
    draw(now) {
      const answer = answerTo(now.state, app), version = answer?.refusal ? answer.version : WORDS_FROM;
      write(size, now.refused ? words.refused(version) : words.outputSize(now.size.join(" × ")));
      const [text, reason, ...about] = broken(now.state) ?? [];
      write(why, text ? `${answer?.refusal ?? text}\n${words[reason](...about)}` : "");
    },
  };
}

/** The formula of the size, and for each axis the numbers put in. */
function formula() {
  const general = "(input_size − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding + 1";
  const lines = [h("p"), h("p")];
  const filledIn = ({ input_size, kernel_size, stride, padding, output_padding, dilation }, out) =>
    `(${input_size} − 1)·${stride} − 2·${padding} + ${dilation}·(${kernel_size} − 1) + ${output_padding} + 1 = ${out}`;
  return {
    element: h("div", { class: "formula" }, h("p", {}, general), ...lines),
    draw({ setting, size }) {
      const texts = [0, 1].map((axis) => `${"HW"[axis]}: ${filledIn(onAxis(setting, axis), size[axis])}`);
      joined(texts).forEach((text, at) => write(lines[at], text));
    },
  };
}

/** Two texts, of H and of W; where they say the same, one and an empty one. */
const joined = ([high, wide]) => (high.slice(1) === wide.slice(1) ? [`H, W${high.slice(1)}`, ""] : [high, wide]);

function codeBox({ words }) {
  const code = h("code"), parameters = h("p");
  const copied = () => {
    write(copy, words.copied);
    setTimeout(() => write(copy, words.copy), 1500);
  };
  const select = () => getSelection().selectAllChildren(code); // where the clipboard is closed to us
  const copy = button("", () =>
    navigator.clipboard ? navigator.clipboard.writeText(code.textContent).then(copied, select) : select(),
  );
  write(copy, words.copy);
  return {
    element: h("div", {}, h("div", { class: "code" }, code, copy), parameters),
    draw({ state }) {
      const count = parameterCount(state);
      write(code, codeLine(state));
      write(parameters, Number.isInteger(count) ? words.parameters(count.toLocaleString("en")) : "");
    },
  };
}

function result(app) {
  const parts = [verdict(app), formula(), codeBox(app)], agreement = h("p", { class: "agreement" });
  let waiting = 0;
  return {
    element: h("div", { class: "result" }, ...parts.map((part) => part.element), agreement),
    draw(now) {
      for (const part of parts) part.draw(now);
      write(agreement, agreed(app, now));
      clearTimeout(waiting);
      const asked = app.model.get("pytorch")?.of && !agreement.textContent;
      if (asked) waiting = setTimeout(() => write(agreement, app.words.gone()), 3000);
    },
  };
}

/** Whether PyTorch agrees, but for rounding, where a kernel says so; or that there is no kernel any more. */
function agreed(app, now) {
  const { words } = app, { state, setting, output, refused, bias } = now, answer = answerTo(state, app);
  if (app.isLost) return words.gone(true);
  if (!answer) return "";
  const sizes = (grid) => ({ ...grid, values: grid.values.map(Math.abs) });
  const close = (rows) => {
    const { height, width, values } = cropped(uncropped(sizes(now.input), sizes(now.kernel), setting), setting);
    const near = (value, place) => Math.abs(value - output.values[place]) <= 1e-5 * (values[place] + Math.abs(bias));
    return rows.length === height && rows[0].length === width && rows.flat().every(near);
  };
  const same = refused ? RULES[broken(state)[1]].test(answer.refusal) : answer.output && close(answer.output);
  return (same ? words.agrees : words.disagrees)(answer.version);
}

/** Input and kernel, and the output that comes of them, all numbers in their cells. */
function picture({ words, point }) {
  const pointer = (from) => (row, column, keyed) => point(from, row, column, keyed);
  const input = new NumberGrid("input", words, pointer("input")), kernel = new NumberGrid("kernel", words);
  const output = new NumberGrid("output", words, pointer("output"));
  const [star, equals] = ["∗", "="].map((text) => h("span", { class: "sign", "aria-hidden": "true" }, text));
  return {
    element: h("div", { class: "picture" }, input.element, star, kernel.element, equals, output.element),
    draw(now) {
      const { marks } = now;
      input.draw(whole(words, "input", now.input, { marks: marks.input, current: tracedIn(now, "input") }));
      kernel.draw(whole(words, "kernel", now.kernel, { marks: marks.kernel }));
      output.element.hidden = equals.hidden = !now.output;
      if (!now.output) return;
      output.draw(whole(words, "output", now.output, { marks: marks.output, current: tracedOutput(now) }));
    },
  };
}

/** The traced cell where it is one of that grid, else null. */
const tracedIn = ({ traced }, from) => (traced?.from === from ? [traced.row, traced.column] : null);

/** The traced cell where it is one of the output that is not cut off. */
function tracedOutput(now) {
  const at = tracedIn(now, "output");
  return at && !now.refused && [0, 1].every((axis) => at[axis] >= 0 && at[axis] < now.size[axis]) ? at : null;
}

function sumOf(words, now, { row, column }) {
  const { setting, input, kernel, canvas } = now, kept = tracedOutput(now), bias = kept ? now.bias : 0;
  const terms = contributions(setting, row, column).map(
    ({ input: [i, j], weight: [u, v] }) =>
      `${shown(input.values[i * input.width + j])}×${shown(kernel.values[u * kernel.width + v])}`,
  );
  const lands = terms.length > 0;
  if (bias) terms.push(shown(bias));
  const [r, c] = [row + setting.padding[0], column + setting.padding[1]];
  const inside = r < canvas.height && c < canvas.width;
  const total = exact((inside ? canvas.values[r * canvas.width + c] : 0) + bias);
  const where = kept ? (inside ? "" : words.biasOnly) : now.refused ? "" : words.cutOff;
  const said = where || (lands ? "" : words.nothingLands);
  const sum = [`${words.output}[${row}, ${column}]`, terms.join(" + "), total].filter(Boolean).join(" = ");
  return said ? `${sum} (${said})` : sum;
}

function reachOf(words, { setting, input, refused }, { row, column }) {
  const count = refused ? 0 : reached(setting, row, column).length;
  const number = exact(input.values[row * input.width + column]);
  return `${words.input}[${row}, ${column}] = ${number}: ${words.reaches(count)}`;
}

/** What the traced cell is made of, or reaches; read out where the keyboard moved there. */
function trace({ words }) {
  const element = h("p", { class: "trace" });
  const draw = (now) => {
    const { traced } = now, text = traced?.from === "output" ? sumOf : reachOf;
    element.setAttribute("aria-live", traced?.keyed ? "polite" : "off");
    write(element, traced ? text(words, now, traced) : words.nothingTraced);
  };
  return { element, draw };
}

/** The `step`th place of a grid, counted from 1 in reading order; null before the first. */
const placeAt = (step, { width }) => (step > 0 ? [Math.floor((step - 1) / width), (step - 1) % width] : null);
const corner = (sets) => (sets ? sets.map((all) => Math.max(0, ...all)) : null);

// Four ways to look at how the output comes about: the names of the grids, how many steps (where it moves), a word on
// it, and the sheets at a step. Where nothing moves, pointing traces.
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
    note: (now, words) => words.stampNote,
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
    note: (now, words) => words.slideNote,
    sheets(now, words, step) {
      const { output, setting, kernel } = now;
      if (!output) return [];
      const current = placeAt(step, output);
      const under = (at, axis) => range(0, setting.kernel_size[axis] - 1).map((u) => at + u * setting.dilation[axis]);
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
      return [whole(words, "overlap", overlaps(now.setting), { marks: now.marks.output, current: tracedOutput(now) })];
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

/** Play, pause, step, scrub and speed; it begins at the last step, and calls `show` for each other. */
class Player {
  constructor(words, show) {
    Object.assign(this, { words, show, step: Infinity, steps: 0, frame: 0 });
    const go = (to) => (this.pause(), this.go(to));
    this.toggle = button("", () => (this.frame ? this.pause() : this.play()));
    this.scrub = h("input", { type: "range", min: 0, "aria-label": words.step });
    this.scrub.addEventListener("input", () => go(this.scrub.valueAsNumber));
    this.speed = h("input", { type: "number", min: 1, max: 30, value: 4, "aria-label": words.speed });
    this.counter = h("span", { class: "counter" });
    const back = button(words.back, () => go(this.step - 1)), forward = button(words.forward, () => go(this.step + 1));
    const speed = labelled(words.speed, this.speed);
    this.element = h("div", { class: "player" }, this.toggle, back, forward, this.scrub, this.counter, speed);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.pause();
  }

  draw(steps) {
    if (this.step >= this.steps) this.step = steps; // at the end it stays at the end
    this.steps = steps;
    this.step = Math.min(this.step, steps);
    this.element.hidden = !steps;
    this.toggle.hidden = this.calm.matches; // motion only where it is welcome; the steps remain
    this.scrub.max = steps;
    this.scrub.value = this.step;
    write(this.counter, this.words.stepOf(this.step, steps));
  }

  go(to) {
    this.step = between(0, to, this.steps);
    this.show();
  }

  play() {
    if (this.step === this.steps) this.go(0);
    let due = performance.now();
    const tick = (time) => {
      this.frame = requestAnimationFrame(tick);
      if (time < due) return;
      due = Math.max(due, time - 1000) + 1000 / between(1, this.speed.valueAsNumber || 1, 30);
      this.go(this.step + 1);
      if (this.step >= this.steps) this.pause();
    };
    this.frame = requestAnimationFrame(tick);
    write(this.toggle, this.words.pause);
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    write(this.toggle, this.words.play);
  }
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
  return { element, draw: (next) => ((now = next), show()), stop: () => player?.pause() };
}

/** The four views, one at a time. */
function process(app) {
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
    h("input", { type: "radio", name: group, value, checked: !at, onchange: () => choose(value) }),
  );
  const labels = radios.map((radio) => h("label", {}, radio, words[radio.value]));
  choose(radios[0].value);
  const legend = h("legend", {}, words.view), choice = h("div", { class: "views" }, ...labels);
  return {
    element: h("fieldset", { class: "process" }, legend, choice, box),
    draw: (next) => ((now = next), chosen.draw(now)),
    stop: () => chosen.stop(),
  };
}

/** Parts that unfold together, drawn only while they are open. */
function unfolding(title, ...parts) {
  let now = null;
  const draw = () => details.open && parts.forEach((part) => part.draw(now));
  const elements = parts.map((part) => part.element);
  const details = h("details", { ontoggle: draw }, h("summary", {}, title), ...elements);
  return { element: details, draw: (next) => ((now = next), draw()) };
}

/** A number field for a count, the seed or the bias; what it does not take goes back, and `say` is told. */
function numberField(app, name, say) {
  const [min, max] = COUNTS[name] ?? [-LARGEST, LARGEST];
  const take = () => {
    const value = element.valueAsNumber, taken = accepts(name, value);
    say(taken ? "" : app.words.notTaken(exact(min, 2), exact(max, 4)));
    if (taken) app.change({ [name]: value });
  };
  const reset = () => (element.value = app.now.state[name]);
  const step = COUNTS[name] ? 1 : "any";
  const element = h("input", { type: "number", min, max, step, oninput: take, onchange: reset });
  return { element, draw: () => element === document.activeElement || reset() };
}

function kindChooser(app, name, kinds) {
  const options = kinds.map((kind) => h("option", { value: kind }, app.words.kinds[kind]));
  const element = h("select", { onchange: () => app.change({ [name]: element.value }) }, ...options);
  return { element, draw: ({ state }) => (element.value = state[name]) };
}

/** The input or the kernel as a text to change; `say` is told what is not taken. */
function typing(app, name, say) {
  const limit = BOUNDS[`${name}_size`][1];
  const take = () => {
    const rows = typedRows(element.value, limit);
    say(rows ? "" : app.words.notTyped(limit));
    if (!rows) return;
    const size = [rows.length, rows[0].length], one = size[0] === size[1];
    app.change({ [name]: rows, [`${name}_kind`]: "typed", [`${name}_size`]: one ? size[0] : size });
  };
  const element = h("textarea", { rows: 4, spellcheck: "false", oninput: take });
  const text = (grid) => rowsOf(grid).map((row) => row.join(" ")).join("\n");
  return { element, draw: (now) => element === document.activeElement || (element.value = text(now[name])) };
}

/** Labelled parts, and below them what they say; `make` is given how to say it. */
function fields(labels, make, ...more) {
  const note = h("p", { role: "status" }), parts = make((text) => write(note, text));
  const all = parts.map((part, at) => labelled(labels[at], part.element));
  const draw = (now) => parts.forEach((part) => part.draw(now));
  return { element: h("div", { class: "fields" }, ...all, note, ...more), draw };
}

function values(app) {
  const { words } = app;
  return fields([words.inputKind, words.kernelKind, words.seed, words.typedInput, words.typedKernel], (say) => [
    ...[kindChooser(app, "input_kind", INPUTS), kindChooser(app, "kernel_kind", KERNELS)],
    ...[numberField(app, "seed", say), typing(app, "input", say), typing(app, "kernel", say)],
  ]);
}

function channels(app) {
  const { words } = app, counts = ["in_channels", "out_channels", "groups"];
  const check = h("input", { type: "checkbox", onchange: () => app.change({ bias: check.checked }) });
  const bias = { element: check, draw: ({ state }) => (check.checked = state.bias) };
  const numbers = (names, say) => names.map((name) => numberField(app, name, say));
  const make = (say) => [...numbers(counts, say), bias, ...numbers(["bias_value"], say)];
  return fields([...counts, "bias", words.biasValue], make, h("p", {}, words.channelsNote));
}

/** The settings that lead from a size to a size; choosing one sets both axes or, where they differ, either. */
function solver(app) {
  const { words } = app, said = h("p", { role: "status" }), found = h("ul", { class: "found" });
  const number = (value) => h("input", { type: "number", min: 1, max: LONGEST, value, oninput: list });
  const from = number(7), to = number(14);
  const axes = h("select", {}, ...["H, W", "H", "W"].map((name, at) => h("option", { value: at - 1 }, name)));
  const which = labelled(words.solverAxis, axes), sizes = [labelled(words.from, from), labelled(words.to, to)];
  const choose = (setting) => {
    const state = app.now.state, axis = isSplit(state) && axes.value >= 0 ? Number(axes.value) : null;
    const all = Object.entries(setting);
    app.change(Object.fromEntries(all.map(([name, value]) => [name, withAxis(state[name], axis, value)])));
  };
  const told = ([name, value]) => name !== "input_size" && (name === "kernel_size" || value !== DEFAULTS[name]);
  const line = (setting) => {
    const [kind, ...counts] = meaning(setting);
    const named = Object.entries(setting).filter(told).map((each) => each.join("="));
    return `${named.join(", ")}: ${words.means[kind](...counts)}`;
  };
  function list() {
    const [input_size, size] = [from.valueAsNumber, to.valueAsNumber], most = BOUNDS.input_size[1];
    const there = Math.max(input_size, size) <= LONGEST && Math.min(input_size, size) >= 1;
    const settings = (there ? settingsFor(input_size, size) : []).map((one) => ({ input_size, ...one }));
    const beyond = input_size > most ? words.beyond(most) : "";
    const none = there && [input_size, size].every(Number.isInteger) ? words.noneFound : words.noSize(LONGEST);
    write(said, settings.length ? `${words.found(settings.length)} ${beyond}` : none);
    const item = (one) => (beyond ? line(one) : button(line(one), () => choose(one)));
    found.tabIndex = beyond ? 0 : -1; // what scrolls and holds no button is reached by Tab itself
    found.replaceChildren(...settings.map((one) => h("li", {}, item(one))));
  }
  list();
  return {
    element: h("div", {}, h("div", { class: "fields" }, ...sizes, which), said, found),
    draw: ({ state }) => (which.hidden = !isSplit(state)),
  };
}

/** The sizes that a Conv2d of the same setting folds into this input. */
function folding({ words }) {
  const element = h("p");
  const text = (setting, axis) => {
    const sizes = convInputs(onAxis(setting, axis)).join(", "), size = setting.input_size[axis], name = "HW"[axis];
    return sizes ? words.folds(name, sizes, size) : words.foldsNone(name, size);
  };
  const draw = ({ setting }) => write(element, joined([0, 1].map((axis) => text(setting, axis))).join(" "));
  return { element, draw };
}

// ------------------------------------------------------------------------------------------------- 3c. The explorer

/** What the parts share: the model's state, all that follows from it, and the traced cell. */
class Explorer {
  constructor(model, words) {
    Object.assign(this, { model, words, parts: [], now: null, traced: null, changing: false });
    const initial = stateOf(model);
    this.reset = () => this.change(initial);
    this.point = this.point.bind(this);
    this.update = () => this.changing || this.recalculate();
    this.lose = () => ((this.isLost = true), this.draw()); // the kernel, as ipywidgets tells, and for good
  }

  /** Changes some of the state; the numbers of input and kernel, which follow from it, go along. */
  change(changes) {
    const { model } = this, state = { ...stateOf(model), ...changes };
    state.input = rowsOf(inputOf(state));
    state.kernel = rowsOf(kernelOf(state));
    this.changing = true; // one drawing, after all of them
    for (const [name, value] of Object.entries(state)) {
      if (JSON.stringify(model.get(name)) !== JSON.stringify(value)) model.set(name, value);
    }
    this.changing = false;
    model.save_changes();
    this.update();
  }

  point(from, row, column, keyed = false) {
    const traced = { from, row, column, keyed };
    if (JSON.stringify(traced) === JSON.stringify(this.traced)) return;
    this.traced = traced;
    this.draw();
  }

  recalculate() {
    this.now = calculate(stateOf(this.model));
    if (this.traced && !isThere(this.traced, this.now)) this.traced = null;
    this.draw();
  }

  draw() {
    const now = { ...this.now, traced: this.traced, marks: marksOf(this.now, this.traced) };
    for (const part of this.parts) part.draw(now);
  }
}

/** Whether the input, or the canvas and the output, still have that cell. */
function isThere({ from, row, column }, { input, setting, canvas, size }) {
  const ends = sides(canvas).map((end, axis) => Math.max(end - setting.padding[axis], size[axis]));
  const [low, high] = from === "input" ? [[0, 0], sides(input)] : [setting.padding.map((cut) => -cut), ends];
  return [row, column].every((at, axis) => at >= low[axis] && at < high[axis]);
}

/** Puts the explorer of `model` into `el`; gives back what takes it away again. */
function render({ model, el }) {
  const language = model.get("language") in WORDS ? model.get("language") : "en";
  const words = WORDS[language], app = new Explorer(model, words), steps = process(app);
  const main = [presets, controls, result, picture, trace].map((part) => part(app));
  const folded = [[words.values, values], [words.channels, channels], [words.solver, solver, folding]];
  const unfold = ([title, ...parts]) => unfolding(title, ...parts.map((part) => part(app)));
  app.parts.push(...main, steps, ...folded.map(unfold));
  const root = h("div", { class: "aebook-explorer", role: "group", lang: language, "aria-label": words.title });
  root.append(h("style", {}, STYLE), ...app.parts.map((part) => part.element));
  const heard = Object.entries({ change: app.update, comm_live_update: app.lose });
  for (const [event, listener] of heard) model.on(event, listener);
  root.addEventListener("beforeinput", (event) => event.stopPropagation(), true); // JupyterLab would take the Enter
  el.append(root);
  app.update();
  return () => {
    for (const [event, listener] of heard) model.off(event, listener);
    steps.stop();
    root.remove();
  };
}

const tints = (letter, [red, green, blue]) =>
  range(1, TINTS)
    .map((tint) => `& td.${letter}${tint} { background: rgb(${red} ${green} ${blue}/${(0.5 * tint) / TINTS}); }`)
    .join("");

// Colours come from the book's theme, or else from JupyterLab's, or else are plain.
// The name is said three times to outrank the themes' rules for tables and the like.
const STYLE = `
.aebook-explorer.aebook-explorer.aebook-explorer {
  --text: var(--pst-color-text-base, var(--jp-ui-font-color0, #222));
  --ground: var(--pst-color-background, var(--jp-layout-color1, #fff));
  --raised: var(--pst-color-surface, var(--jp-layout-color2, #f3f3f3));
  --line: var(--pst-color-text-muted, var(--jp-ui-font-color2, #777));
  --accent: var(--pst-color-link, var(--jp-content-link-color, #0b66b3));
  --mark: color-mix(in srgb, rgb(${PURPLE.join(" ")}) 60%, var(--text));
  --mono: var(--pst-font-family-monospace, var(--jp-code-font-family, monospace));
  color: var(--text); background: var(--ground); font-size: 15px; line-height: 1.45;
  display: grid; grid-template-columns: minmax(0, 1fr); gap: .8em; padding: .8em;
  border: 1px solid var(--line); border-radius: .5em; min-width: 0;
  & * { box-sizing: border-box; }
  & p { margin: 0 0 .3em; }
  & p:empty { display: none; }
  & [hidden] { display: none !important; }
  & fieldset { border: 1px solid var(--line); border-radius: .4em; margin: 0; padding: .5em .8em; min-width: 0; }
  & legend { float: none; width: auto; font-size: 1em; font-weight: 600; padding: 0 .3em; margin: 0; }
  & label { display: inline-flex; align-items: center; gap: .4em; margin: 0; }
  & :is(button, select, textarea, input[type="number"]) {
    font: inherit; color: var(--text); background: var(--raised);
    border: 1px solid var(--line); border-radius: .3em; padding: .15em .5em; min-height: 1.9em; max-width: 100%;
  }
  & :focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
  & input[type="range"] { accent-color: var(--accent); min-width: 3em; flex: 1; min-height: 1.9em; }
  & input[type="number"] { width: 4.2em; }
  & :is(.slider span, .formula, code, .trace, textarea) { font-family: var(--mono); font-size: .85em; }
  & :is([role="status"], .formula, code, .trace) { overflow-wrap: anywhere; }
  & :is(.presets, .picture, .views, .player, .fields, .found) { display: flex; flex-wrap: wrap; align-items: center;
    gap: .4em .8em; }
  & :is(.views, .player, .fields) { margin-bottom: .5em; }
  & :is(.presets, .fields) label { min-width: 0; flex-wrap: wrap; }
  & .presets { justify-content: space-between; }
  & .sliders { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19em, 100%), 1fr)); gap: .1em 1.6em; }
  & :is(.slider, .code) { display: flex; align-items: center; gap: .6em; min-width: 0; }
  & .slider span { flex: 0 1 10em; }
  & .size { font-size: 1.3em; font-weight: 600; }
  & [role="status"] { white-space: pre-line; }
  & code { flex: 1; min-width: 0; color: inherit; background: var(--raised); border: 0; padding: .35em .5em;
    white-space: normal; }
  & .sign { font-size: 1.6em; }
  & .grid { min-width: 0; max-width: 100%; }
  & .scroll { overflow-x: auto; padding: 3px; contain: layout style; }
  & .overview { position: relative; width: min(100%, 15em); margin: 0 0 .5em 3px; border: 1px solid var(--line); }
  & canvas { display: block; width: 100%; height: auto; image-rendering: pixelated; touch-action: none; }
  & .frame { position: absolute; border: 2px solid var(--text); pointer-events: none; }
  & table { --cell: 2.5em; --row: 28px; table-layout: fixed; border-collapse: collapse; margin: 0; border: 0;
    font-size: .85em; width: calc(var(--columns) * var(--cell) + 2em); font-variant-numeric: tabular-nums; }
  & table.many { --cell: 2.1em; --row: 23px; font-size: .72em; }
  & caption { caption-side: top; color: var(--text); padding: 0; text-align: start; white-space: nowrap;
    font-size: 14px; }
  & tr, & tr:nth-child(odd), & tr:hover { background: none; }
  & :is(td, th) { padding: 0; text-align: center; border: 0; color: var(--text); white-space: nowrap;
    vertical-align: top; line-height: var(--row); } /* "middle" would lay every cell out twice */
  & thead :is(td, th), & tbody th { font-weight: 400; font-size: .8em; background: none; width: auto; }
  & thead :is(td, th) { line-height: 1.8em; }
  & thead td { width: 2.5em; }
  & tbody td { border: 1px solid var(--line); }
  & table.long { --cell: 3.2em; }
  & td.long { font-size: .75em; }
  ${tints("p", BLUE)}${tints("n", ORANGE)}
  & td.cut { background: repeating-linear-gradient(135deg, transparent 0 5px, rgb(128 128 128/.4) 5px 6px);
    border-style: dotted; }
  & td.extra { outline: 2px dashed var(--accent); outline-offset: -3px; }
  & td.beyond { outline: 2px dotted var(--line); outline-offset: -3px; }
  & td.mark { outline: 3px solid var(--mark); outline-offset: -3px; }
  & td:focus-visible { outline: 3px solid var(--text); outline-offset: -1px; }
  & .trace { min-height: 3em; }
  & .fields { margin-top: .5em; }
  & textarea { width: 16em; }
  & details { margin: 0; border: 0; padding: 0; background: none; box-shadow: none; }
  & summary { font-weight: 600; }
  & .found { max-height: 14em; overflow: auto; list-style: none; margin: 0 0 .5em; padding: 3px; }
  & .found li { font-family: var(--mono); font-size: .85em; margin: 0; max-width: 100%; }
  & .found button { text-align: start; }
}
/* What would stand there without it, see _ipython_display_ in explorer.py. */
.jp-OutputArea-child:has([data-aebook-widget]):has(+ * .aebook-explorer) { display: none; }
`;

export default { render };
