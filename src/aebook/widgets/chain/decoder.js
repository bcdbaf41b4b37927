/* The arithmetic of a decoder, without a page: its sizes, the way back from a target, its code.

   A state is what spec.json says; a layer of it is a row of numbers, which KNOBS names. */

import { brokenSizes, layerCode, outputSize } from "../lib/transposed.js";
import SPEC from "./spec.json" with { type: "json" };

const { columns, longest } = SPEC.settings.layers;

/** What can be set of a layer, each with the lowest and the highest value; and how many layers there may be. */
export const KNOBS = Object.entries(columns).map(([name, { low, high }]) => [name, [low, high]]);
export const MOST = longest;

/** A layer by the names of its arguments. */
const named = (row) => Object.fromEntries(KNOBS.map(([name], at) => [name, row[at]]));

/** The layers with one number of one of them changed. */
export const changed = (layers, layer, name, value) =>
  layers.map((row, at) => row.map((old, knob) => (at === layer && KNOBS[knob][0] === name ? value : old)));

/** Each layer with what comes into it, the size that goes out and the rule that it breaks, if it breaks one.

    Behind a layer that PyTorch refuses there is no size: null. */
export function sized({ input_size, in_channels, layers }) {
  let size = input_size, channels = in_channels;
  return layers.map((row) => {
    const layer = { ...named(row), input_size: size, in_channels: channels };
    const rule = size && brokenSizes([layer, layer]);
    size = size && !rule ? outputSize(layer) : null;
    channels = layer.out_channels;
    return { ...layer, rule, size };
  });
}

/** What nn.Conv2d of the same setting makes of one axis of that size, and how many pixels it leaves over. */
export function folded(size, { kernel_size, stride, padding, dilation }) {
  const free = size + 2 * padding - dilation * (kernel_size - 1) - 1, steps = Math.floor(free / stride);
  return { size: steps + 1, left: free - steps * stride };
}

/** The output_padding of each layer by which the decoder ends at the target: what nn.Conv2d of the same settings
    leaves over on the way from the target down. Null where that way does not lead to the input's size. */
export function wayBack({ input_size, target, layers }) {
  let size = target;
  const extras = layers.map(named).reverse().map((layer) => {
    const down = size >= 1 ? folded(size, layer) : { size };
    size = down.size;
    return down.left;
  });
  return size === input_size ? extras.reverse() : null;
}

/** The smallest and the largest size to which output_padding leads, in each layer below its stride. */
export function reachable({ input_size, layers }) {
  let ends = [input_size, input_size];
  for (const layer of layers.map(named)) {
    const [low, high] = ends.map((size) => outputSize({ ...layer, input_size: size, output_padding: 0 }));
    ends = [Math.max(1, low), high + layer.stride - 1];
  }
  return ends;
}

/** The whole decoder in Python, as it runs; its sizes follow from output_padding, or are named at the call. */
export function code(state, layers) {
  const { input_size, in_channels, call } = state,
    first = `torch.zeros(1, ${in_channels}, ${input_size}, ${input_size})`;
  const lines = call === "output_size" ? asModule(layers) : asSequence(layers);
  return ["import torch", "from torch import nn", "", ...lines, `decoder(${first}).shape`].join("\n");
}

const shape = ({ out_channels, size }) => `# (B, ${out_channels}, ${size}, ${size})`;

function asSequence(layers) {
  const lines = layers.map((layer) => `    ${layerCode(layer)},  ${shape(layer)}`);
  return ["decoder = nn.Sequential(", lines.join("\n    nn.ReLU(),\n"), ")"];
}

/** Where the dilation is the larger, output_padding may exceed what output_size= can name, and stays. */
function asModule(layers) {
  const isNamed = ({ output_padding, stride }) => output_padding < stride;
  const made = layers.map((layer, at) => {
    const said = isNamed(layer) ? { ...layer, output_padding: 0 } : layer;
    return `        self.layer${at + 1} = ${layerCode(said)}`;
  });
  const calls = layers.map((layer, at) => {
    const wanted = isNamed(layer) ? `, output_size=(${layer.size}, ${layer.size})` : "";
    const last = at === layers.length - 1, called = `self.layer${at + 1}(maps${wanted})`;
    return last ? `        return ${called}  ${shape(layer)}` : `        maps = ${called}.relu()  ${shape(layer)}`;
  });
  const begin = ["class Decoder(nn.Module):", "    def __init__(self):", "        super().__init__()", ...made];
  return [...begin, "", "    def forward(self, maps):", ...calls, "", "", "decoder = Decoder()"];
}
