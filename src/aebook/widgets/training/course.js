/* A course of training: its batches in their order, and what is seen of it on the way. */

import { numbers } from "../lib/chance.js";
import { greysOf } from "../lib/greys.js";
import { PIXELS, sparse } from "./digits.js";
import { autoencoder, meanError, reconstruct, shuffle, step, trainer } from "./learning.js";

export const TRAINING_DIGITS = 4_000, SHOWN = 10; // of the digits in the file, the first; and of the others
const TOO_LARGE = 1e6; // a loss that will not come back

/** The digits of the file: those to train on, those to test with, and the greys of those that are shown. */
export function digitsOf(bytes) {
  const greys = greysOf(bytes), end = TRAINING_DIGITS * PIXELS;
  return {
    training: sparse(greys.subarray(0, end)),
    test: sparse(greys.subarray(end)),
    shown: greys.slice(end, end + SHOWN * PIXELS),
  };
}

/** Begins a course; the same recipe gives the same weights, batches and losses again. */
export function begun(digits, recipe) {
  const model = autoencoder(recipe.codeSize, 2 * recipe.seed);
  const order = Uint32Array.from({ length: digits.training.count }, (_, at) => at);
  const { uniform } = numbers(2 * recipe.seed + 1);
  return {
    digits,
    recipe,
    order,
    uniform,
    made: trainer(model, recipe.batchSize),
    at: order.length,
    diverged: false,
  };
}

/** One step with the next batch; the last of an epoch may be short. Gives the batch's loss before the step. */
export function advance(course) {
  const { digits, recipe, order, uniform, made } = course;
  if (course.at === order.length) {
    shuffle(order, uniform);
    course.at = 0;
  }
  course.from = course.at;
  course.at = Math.min(course.from + recipe.batchSize, order.length);
  const loss = step(made, digits.training, order, course.from, course.at, recipe);
  course.diverged ||= !(loss < TOO_LARGE);
  return loss;
}

/** What is shown of a course as it stands: errors, the decoder's weights (a picture a number), reconstructions. */
export function seen({ digits, made }) {
  const { codeSize, wide, decoder } = made.model;
  const weights = new Float32Array(codeSize * PIXELS), pictures = new Float32Array(SHOWN * PIXELS);
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    for (let number = 0; number < codeSize; number++) {
      weights[number * PIXELS + pixel] = decoder[pixel * wide + number];
    }
  }
  for (let digit = 0; digit < SHOWN; digit++) reconstruct(made, digits.test, digit, pictures, digit * PIXELS);
  return { steps: made.steps, testError: meanError(made, digits.test), weights, pictures };
}
