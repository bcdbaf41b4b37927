/* The sizes of nn.ConvTranspose2d, as aebook.transposed has them in Python: refusals, and what a setting means.

   Settings carry PyTorch's argument names, and input_size is one of them. Along one axis each is a number of
   pixels; of a layer it is a number or, where height and width differ, a pair [H, W]. */

export const SETTINGS = ["input_size", "kernel_size", "stride", "padding", "output_padding", "dilation"];
const PLAIN = { stride: 1, padding: 0, output_padding: 0, dilation: 1 }; // where nothing is said

export const ends = (counts) => [Math.min(...counts), Math.max(...counts)];
export const range = (low, high) => Array.from({ length: Math.max(0, high - low + 1) }, (_, step) => low + step);

/** A number for both axes, or a pair, as a pair [H, W]. */
export const pair = (value) => (Array.isArray(value) ? value : [value, value]);

/** How long one axis is before cropping: all stamps side by side. */
export const canvasSize = ({ input_size, kernel_size, stride, dilation }) =>
  (input_size - 1) * stride + dilation * (kernel_size - 1) + 1;

/** How long one axis is after nn.ConvTranspose2d; below 1 where PyTorch refuses. */
export const outputSize = (axis) => canvasSize(axis) - 2 * axis.padding + axis.output_padding;

/** The formula of that, with its numbers. */
export const formula = ({ input_size, kernel_size, stride, padding, output_padding, dilation }, size) =>
  `(${input_size} − 1)·${stride} − 2·${padding} + ` +
  `${dilation}·(${kernel_size} − 1) + ${output_padding} + 1 = ${size}`;

/** The version of PyTorch whose words the refusals are; in those of another, RULES finds which rule is meant. */
export const WORDS_FROM = "2.14";
export const RULES = { groups: /divisible/, outputPadding: /output.padding/, tooSmall: /too small/ };

/** The rule of sizes that H and W break: PyTorch's text, our name of the rule, what it is about. */
export const brokenSizes = (axes) => wideOutputPadding(axes) ?? emptyOutput(axes);

function wideOutputPadding(axes) {
  const at = axes.findIndex((axis) => axis.output_padding >= Math.max(axis.stride, axis.dilation));
  if (at < 0) return null;
  const got = ["output_padding", "stride", "dilation"].flatMap((name) =>
    ["height", "width"].map((side, axis) => `${name}_${side}: ${axes[axis][name]}`)
  );
  const text = `output padding must be smaller than either stride or dilation, but got ${got.join(" ")}`;
  const { output_padding, stride, dilation } = axes[at];
  return { text, rule: "outputPadding", about: ["HW"[at], output_padding, stride, dilation] };
}

function emptyOutput(axes) {
  const size = axes.map(outputSize), at = size.findIndex((length) => length < 1);
  if (at < 0) return null;
  const text = `Given input size per channel: (${axes.map(({ input_size }) => input_size).join(" x ")}). ` +
    `Calculated output size per channel: (${size.join(" x ")}). Output size is too small`;
  return { text, rule: "tooSmall", about: ["HW"[at], canvasSize(axes[at]), axes[at].padding] };
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

/** How many kernel weights land on each output cell of one axis. */
export const counted = (axis) => range(0, outputSize(axis) - 1).map((at) => landings(axis, at).length);

/** On one axis, far from the borders: how many weights land on each of the `stride` cells that repeat. */
export function repeating({ kernel_size, stride, dilation }) {
  const counts = Array(stride).fill(0);
  for (let weight = 0; weight < kernel_size; weight++) counts[(weight * dilation) % stride]++;
  return counts;
}

/** What a setting of one axis means, the best first, and by which counts; as Setting.meaning in Python. */
export const KINDS = ["even", "borders", "uneven", "unreached"];
export function meaning(axis) {
  const counts = counted(axis), all = repeating(axis), [low, high] = ends(counts);
  if (!low) return ["unreached", counts.filter((count) => !count).length, counts.length];
  if (low === high) return ["even", high];
  if (ends(all)[0] < ends(all)[1]) return ["uneven", low, high];
  return high < all[0] ? ["borders", low, high] : ["even", high];
}

/** The layer as Python says it: its channels, its settings but for PyTorch's defaults, and what more is given. */
export function layerCode(layer, ...more) {
  const written = (name) => {
    const [height, width] = pair(layer[name]);
    return height === width ? `${height}` : `(${height}, ${width})`;
  };
  const changed = Object.keys(PLAIN).filter((name) => written(name) !== `${PLAIN[name]}`);
  const named = ["kernel_size", ...changed].map((name) => `${name}=${written(name)}`);
  return `nn.ConvTranspose2d(${layer.in_channels}, ${layer.out_channels}, ${[...named, ...more].join(", ")})`;
}
