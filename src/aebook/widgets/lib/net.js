/* Runs the nets that aebook/nets.py packs: plain JavaScript that needs no page, alike in a worker, node and deno.

   Layers carry PyTorch's names and arguments. A batch is a Float32Array and its shape, batch first, row by row.
   Convolutions and linear layers all become products of rows with rows, `product`, where the time goes.
   What a layer works in it keeps for its next call. Weights, and the rows they meet, are doubles: V8 computes in
   those, and would turn every float32 into one each time that it is read. */

import { count, made, said } from "./layers.js";

const START = 16; // bytes before the description: the letters, the check, the version, the description's length
const CHECKED = 8; // from where on all is checked
const LETTERS = 0x41454e4e; // AENN
const VERSION = 1;
const IMAGES_AT_ONCE = 8; // of a batch: what lies between two layers stays small

/**
 * A net from the bytes of `aebook.nets.packed`, for `run`.
 * @param {Uint8Array} bytes
 * @throws {Error} where the bytes are no packed net, or a damaged one, or one with layers of another version
 */
export function load(bytes) {
  const view = viewOf(bytes);
  if (view.byteLength < START || view.getUint32(0) !== LETTERS) {
    throw new Error(`a packed net begins with AENN and has more than ${START} bytes; these are something else`);
  }
  const version = view.getUint32(8, true), end = START + view.getUint32(12, true);
  if (version !== VERSION) throw new Error(`this packed net has version ${version}; only ${VERSION} is known`);
  if (end > view.byteLength || view.getUint32(4, true) !== check(view)) {
    throw new Error("this packed net is damaged or cut short: its bytes do not add up to what was packed");
  }
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + START, end - START));
  const description = JSON.parse(text);
  const apply = made(description, (tensor) => tensor && numbers(view, end, tensor), "");
  return { apply, divisible: divisible(description) };
}

/**
 * What a net makes of a batch.
 * @param {object} net from `load`
 * @param {Float32Array} values as many as the shape says, row by row; they are left as they are
 * @param {number[]} shape batch first
 * @returns {{values: Float32Array, shape: number[]}} new ones
 * @throws {Error} where values and shape do not belong together, or do not suit a layer, which is named
 */
export function run(net, values, shape) {
  requireBatch(net, values, shape);
  const images = shape[0], each = values.length / images;
  const atOnce = net.divisible ? Math.min(IMAGES_AT_ONCE, images) : images;
  let output = null, outputShape = null;
  for (let first = 0; first < images; first += atOnce) {
    const count = Math.min(atOnce, images - first);
    const part = net.apply(values.subarray(first * each, (first + count) * each), [count, ...shape.slice(1)]);
    const long = part.values.length / count;
    output ??= new Float32Array(atOnce === images ? part.values.length : images * long);
    outputShape ??= atOnce === images ? part.shape : [images, ...part.shape.slice(1)];
    output.set(part.values, first * long);
  }
  return { values: output, shape: outputShape };
}

function requireBatch(net, values, shape) {
  if (typeof net?.apply !== "function") throw new Error("run takes a net that load has made, values and a shape");
  if (!(values instanceof Float32Array)) throw new Error("values must be a Float32Array");
  const whole = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size > 0);
  if (!whole || shape.length < 2) {
    throw new Error(
      `shape must be two or more whole numbers above 0, batch first, and is ${JSON.stringify(shape)}`,
    );
  }
  if (count(shape) !== values.length) {
    throw new Error(`values of the shape ${said(shape)} are ${count(shape)}, and ${values.length} were given`);
  }
}

function viewOf(bytes) {
  if (ArrayBuffer.isView(bytes)) return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  throw new Error("load takes a Uint8Array, the bytes of aebook.nets.packed");
}

/** CRC-32 of all that follows the check itself. */
function check(view) {
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
    return byte;
  });
  let sum = -1;
  for (let at = CHECKED; at < view.byteLength; at++) sum = (sum >>> 8) ^ table[(sum ^ view.getUint8(at)) & 255];
  return ~sum >>> 0;
}

const READERS = {
  float32: (view, start) => (at) => view.getFloat32(start + 4 * at, true),
  float16: (view, start) => (at) => halfFloat(view.getUint16(start + 2 * at, true)),
  int8: (view, start) => (at) => view.getInt8(start + at),
};

/** A tensor's numbers; those of int8 times the scale of their row. */
function numbers(view, start, { type, shape, at, scales }) {
  const read = READERS[type](view, start + at), all = new Float64Array(count(shape));
  const scale = scales === undefined ? () => 1 : READERS.float32(view, start + scales);
  const long = all.length / shape[0];
  for (let row = 0; row < shape[0]; row++) {
    const first = row * long, times = scale(row);
    for (let place = first; place < first + long; place++) all[place] = Math.fround(read(place) * times);
  }
  return all;
}

/** The number that 16 bits stand for: sign, 5 bits of exponent, 10 of fraction. Packed ones are all finite. */
function halfFloat(bits) {
  const exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const size = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24;
  return bits >> 15 ? -size : size;
}

/** Whether the images of a batch can go through one by one: no layer joins them or divides their axis. */
function divisible({ layers = [], layer, start_dim, dim }) {
  const first = layer === "Flatten" ? start_dim : layer === "Unflatten" ? dim : 1;
  return first >= 1 && layers.every(divisible);
}
