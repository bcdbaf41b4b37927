/* Every word of the chain that a reader sees, in English; argument names, code and PyTorch's words stay. */

export default {
  title: "a decoder, layer by layer",
  layers: "layers",
  layer: (number) => `layer ${number}`,
  whole: "the whole decoder",
  target: "target size",
  there: (size) => `It ends at ${size} × ${size}, as wanted.`,
  apart: (size, target) =>
    `It ends at ${size} × ${size}, ${Math.abs(target - size)} ${size < target ? "short of" : "beyond"} ${target}.`,
  leads: (extras) => `With output_padding ${extras} it ends there.`,
  reaches: (low, high) => `output_padding alone leads to sizes from ${low} to ${high}.`,
  refused: (number, version) => `Layer ${number}: PyTorch ${version} refuses this setting:`,
  why: {
    outputPadding: (output_padding, stride, dilation) =>
      `output_padding ${output_padding} is smaller than neither stride ${stride} nor dilation ${dilation}.`,
    tooSmall: (canvas, padding) =>
      `The canvas is ${canvas} long and padding cuts ${padding} off each side: nothing is left.`,
  },
  means: {
    even: (each) => (each > 1 ? `even, ${each} overlap` : "even, no overlap"),
    borders: (low, high) => `${low} to ${high} overlap, all near a border`,
    uneven: (low, high) => `uneven, ${low} to ${high} overlap`,
    unreached: (none, all) => `${none} of ${all} cells unreached`,
  },
  find: "find output_padding",
  add: "add a layer",
  remove: (number) => `remove layer ${number}`,
  reset: "reset",
  call: "how the sizes are said",
  copy: "copy",
  copied: "copied",
};
