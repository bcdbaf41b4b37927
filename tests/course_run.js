/* Runs courses: `deno run --allow-read --allow-write tests/course_run.js COURSE.JS CASES OUTPUTS`.

   CASES is a JSON list of {recipe, steps}. OUTPUTS becomes one of {weights, batches, losses, seen}: the first
   weights, as PyTorch has them, the numbers of the digits in each batch, the losses, and what a page is told. */

import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [script, cases, outputs] = process.argv.slice(2);
const { advance, begun, digitsOf, seen } = await import(pathToFileURL(resolve(script)).href);
const digits = digitsOf(new Uint8Array(readFileSync(resolve(script, "../digits.bin"))));

/** A model's weights as PyTorch has them: encoder.weight has a row for each number. */
function weightsOf({ codeSize, wide, encoder, encoderBias, decoder, decoderBias }) {
  const rows = (matrix) =>
    Array.from(decoderBias, (_, at) => [...matrix.subarray(at * wide, at * wide + codeSize)]);
  const turned = rows(encoder), columns = turned[0].map((_, number) => turned.map((row) => row[number]));
  const biases = { encoderBias: [...encoderBias.subarray(0, codeSize)], decoderBias: [...decoderBias] };
  return { encoder: columns, decoder: rows(decoder), ...biases };
}

const results = JSON.parse(readFileSync(cases, "utf8")).map(({ recipe, steps }) => {
  const course = begun(digits, recipe), weights = weightsOf(course.made.model), batches = [], losses = [];
  while (losses.length < steps && !course.diverged) {
    losses.push(advance(course));
    batches.push([...course.order.subarray(course.from, course.at)]);
  }
  return { weights, batches, losses, diverged: course.diverged, seen: seen(course) };
});
const plain = (_, value) => value instanceof Float32Array ? [...value] : value;
writeFileSync(outputs, JSON.stringify(results, plain));
