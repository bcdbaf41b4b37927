/* The book's models, ready to run, and a learner's own: each a pair of nets with what is known of them. */

import { load, run } from "./net.js";

const PIXELS = 28 * 28, HEADER = 4; // bytes before the header of own nets: its length

/**
 * Halves and facts of a model: `encode` makes a code of a picture, 784 numbers from 0 to 1, `decode` a picture of
 * a code.
 * `facts` is what book/_tools/packing.py has written of it; a learner's own has those that Python could tell.
 */
function model(name, facts, encoder, decoder) {
  return {
    name,
    facts,
    encode: (pixels) => run(encoder, pixels, [1, 1, 28, 28]).values,
    decode: (code) => run(decoder, Float32Array.from(code), [1, code.length]).values,
  };
}

/** Promises the book's model of that name; `weights` promises the bytes of a half, and of what is known of it. */
export async function packed(name, weights) {
  const asked = [`${name}.json`, `${name}.encoder`, `${name}.decoder`];
  const [known, ...halves] = await Promise.all(asked.map((one) => weights(one)));
  return model(name, JSON.parse(new TextDecoder().decode(known)), ...halves.map(load));
}

/** The models in the bytes that aebook.widgets.own has written; none in null. */
export function ownModels(bytes) {
  if (!bytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = HEADER + view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER, at)));
  const taken = (length) => bytes.subarray(at, at += length);
  return header.map(({ name, lengths, facts }) => model(name, facts, ...lengths.map(taken).map(load)));
}

/** Numbers from 0 to 1 of greys from 0 to 255. */
export const numbersOf = (greys) => Float32Array.from({ length: PIXELS }, (_, at) => greys[at] / 255);
