/* Trains from given weights: `deno run --allow-read --allow-write tests/learning_run.js MODULE.JS CASES OUTPUTS`.

   CASES is a JSON list of {weights, greys, order, batches, recipe}: weights as PyTorch has them, greys in base64,
   batches as [from, to] of the order. OUTPUTS becomes one of {weights, losses, error, picture}, as they end. */

import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [script, cases, outputs] = process.argv.slice(2);
const moduleAt = (path) => import(pathToFileURL(resolve(path)).href);
const { autoencoder, meanError, reconstruct, step, trainer } = await moduleAt(script);
const { PIXELS, sparse } = await moduleAt(resolve(script, "../digits.js"));

/** Goes over the numbers of both matrices: PyTorch's place of each, and ours. */
function everyPlace({ codeSize, wide }, each) {
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    for (let number = 0; number < codeSize; number++) each(pixel, number, pixel * wide + number);
  }
}

function trained({ weights, greys, order, batches, recipe }) {
  const model = autoencoder(weights.encoderBias.length, 0), { encoder, decoder, encoderBias, decoderBias } = model;
  everyPlace(model, (pixel, number, at) => {
    encoder[at] = weights.encoder[number][pixel];
    decoder[at] = weights.decoder[pixel][number];
  });
  encoderBias.set(weights.encoderBias);
  decoderBias.set(weights.decoderBias);
  const digits = sparse(new Uint8Array(Buffer.from(greys, "base64")));
  const made = trainer(model, Math.max(...batches.map(([from, to]) => to - from)));
  const losses = batches.map(([from, to]) => step(made, digits, order, from, to, recipe));
  const picture = new Float64Array(PIXELS);
  reconstruct(made, digits, 3, picture, 0);
  everyPlace(model, (pixel, number, at) => {
    weights.encoder[number][pixel] = encoder[at];
    weights.decoder[pixel][number] = decoder[at];
  });
  weights.encoderBias = [...encoderBias.subarray(0, model.codeSize)];
  weights.decoderBias = [...decoderBias];
  return { weights, losses, error: meanError(made, digits), picture: [...picture] };
}

writeFileSync(outputs, JSON.stringify(JSON.parse(readFileSync(cases, "utf8")).map(trained)));
