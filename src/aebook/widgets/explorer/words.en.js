/* Every word of the explorer that a reader sees, in English; argument names, code and PyTorch's words stay. */

export default {
  title: "ConvTranspose2d explorer",
  preset: "example",
  ownSetting: "a setting of your own",
  reset: "reset",
  settings: "settings",
  split: "different for H and W",
  outputSize: (size) => `output ${size}`,
  refused: (version) => `PyTorch ${version} refuses this setting:`,
  why: {
    outputPadding: (axis, output_padding, stride, dilation) =>
      `On the ${axis} axis, output_padding ${output_padding} is smaller than neither stride ${stride} nor ` +
      `dilation ${dilation}. It picks one of the sizes that a Conv2d turns into the same one, ` +
      "so it has to be smaller.",
    tooSmall: (axis, canvas, padding) =>
      `On the ${axis} axis the canvas is ${canvas} long and padding cuts ${padding} off each side: ` +
      "nothing is left.",
    groups: (name, channels, groups) =>
      `Each group takes an equal share of channels, and ${name} ${channels} cannot be shared ` +
      `among ${groups} groups.`,
  },
  parameters: (count) => `${count} parameters`,
  copy: "copy",
  copied: "copied",
  agrees: (version) => `PyTorch ${version} agrees.`,
  disagrees: (version) => `PyTorch ${version} disagrees. Please tell us.`,
  gone: (surely) =>
    `The kernel is ${surely ? "gone" : "busy, or gone"}. The explorer goes on computing by itself; ` +
    "after a restart, run the cell again.",
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
      padding && "padding cuts off the hatched edge.",
      extra && "output_padding keeps the dashed edge, which would have gone too.",
      beyond && "Past the canvas there is nothing to keep: the dotted cells hold the bias alone.",
    ].filter(Boolean).join(" "),
  stampNote: "Each number of the input stamps the kernel, multiplied by it, onto the canvas; overlaps add up.",
  slideNote: "Zeros are put between the numbers of the input and around them " +
    "(dilation·(kernel_size − 1) − padding wide), then the flipped kernel slides over it as in any convolution.",
  spread: "spread input",
  flipped: "flipped kernel",
  overlapNote: "How many kernel weights land on each output cell.",
  even: (axis, kernel, stride) =>
    `${axis}: kernel_size ${kernel} is divisible by stride ${stride}, and inner cells get equally many.`,
  evenAnyway: (axis, each) => `${axis}: each cell gets ${each} all the same.`,
  uneven: (axis, kernel, stride, low, high) =>
    `${axis}: kernel_size % stride = ${kernel} % ${stride} = ${kernel % stride}: ` +
    `inner cells get ${low} or ${high}, a checkerboard.`,
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
    ones: "ones",
    ramp: "ramp",
    random: "random",
    digit: "a digit of MNIST",
    bilinear: "bilinear",
    typed: "typed in",
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
};
