/* How a linear autoencoder learns: one step of training as a plain function, held to PyTorch's.

   A digit is mostly paper, and a layer that is linear need not be run to know what running it would give. With a
   digit x, its code c = Eᵀx + e, its reconstruction D c + b and their difference r = D c + b − x, a step needs
   Dᵀr = (DᵀD) c + Dᵀb − Dᵀx, and the sum over a batch of r cᵀ = D Σccᵀ + b Σcᵀ − Σxcᵀ. So nothing is drawn: what
   is left are sums over the pixels that are not paper, and products with squares as wide as a code.

   E and D have a row for each pixel: D is PyTorch's decoder.weight, E its encoder.weight turned. Rows are as wide
   as the next multiple of four, filled up with zeros. Nothing is allocated in a step; numbers are doubles. */

import { numbers } from "../lib/chance.js";
import { PIXELS } from "./digits.js";
import { adam, addRows, addSquare, descend, gatherRows, mirror, scatterRows } from "./inner.js";

const PARTS = ["encoder", "encoderBias", "decoder", "decoderBias"];

/**
 * A linear autoencoder with first weights as nn.Linear draws them: evenly from −1/√n to 1/√n, for n inputs.
 * @param {number} codeSize numbers in a code, 1 to 64
 * @param {number} seed a whole number; the same seed gives the same weights
 */
export function autoencoder(codeSize, seed) {
  const wide = 4 * Math.ceil(codeSize / 4), { uniform } = numbers(seed);
  const drawn = (rows, columns, inputs, width = columns) => {
    const made = new Float64Array(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        made[row * width + column] = (2 * uniform() - 1) / Math.sqrt(inputs);
      }
    }
    return made;
  };
  return {
    codeSize,
    wide,
    encoder: drawn(PIXELS, codeSize, PIXELS, wide),
    encoderBias: drawn(1, codeSize, PIXELS, wide),
    decoder: drawn(PIXELS, codeSize, codeSize, wide),
    decoderBias: drawn(1, PIXELS, codeSize),
  };
}

/**
 * A model and what its training keeps: room to compute in, and Adam's averages.
 * @param {object} model from `autoencoder`
 * @param {number} largestBatch the most digits in a batch
 */
export function trainer(model, largestBatch) {
  const { wide } = model, empty = (size) => new Float64Array(size);
  const likeModel = () => Object.fromEntries(PARTS.map((part) => [part, empty(model[part].length)]));
  return {
    model,
    steps: 0,
    codes: empty(largestBatch * wide), // c
    slopes: empty(largestBatch * wide), // Dᵀx, then the gradient by c
    products: empty(wide * wide), // DᵀD
    moments: empty(wide * wide), // Σccᵀ
    sums: empty(wide), // Σc
    shift: empty(wide), // Dᵀb
    biasSquares: empty(1), // bᵀb
    gradients: likeModel(),
    means: likeModel(),
    squares: likeModel(),
  };
}

/**
 * One step of training, in place: the gradients of the mean squared error over a batch, then the optimizer's step.
 * @param {object} made from `trainer`
 * @param {object} digits from `sparse`
 * @param {ArrayLike<number>} order numbers of digits
 * @param {number} from the batch is order[from] …
 * @param {number} to … up to but not with order[to]
 * @param {{optimizer: "adam" | "sgd", learningRate: number}} recipe
 * @returns {number} the loss before the step: the mean over the pixels of the batch
 */
export function step(made, digits, order, from, to, { optimizer, learningRate }) {
  const { model, gradients, means, squares } = made, scale = 2 / ((to - from) * PIXELS);
  for (const part of PARTS) gradients[part].fill(0);
  made.sums.fill(0);
  made.moments.fill(0);
  multiplyDecoder(made);
  let loss = 0;
  for (let place = from, at = 0; place < to; place++, at += model.wide) {
    loss += passOver(made, digits, order[place], at, scale);
    spread(made, digits, order[place], at);
  }
  completeDecoder(made, to - from, scale);
  made.steps += 1;
  for (const part of PARTS) {
    if (optimizer === "sgd") descend(model[part], gradients[part], learningRate);
    else adam(model[part], gradients[part], means[part], squares[part], made.steps, learningRate);
  }
  return loss / ((to - from) * PIXELS);
}

/** DᵀD, Dᵀb and bᵀb. */
function multiplyDecoder({ model: { wide, decoder, decoderBias }, products, shift, biasSquares }) {
  products.fill(0);
  shift.fill(0);
  biasSquares[0] = 0;
  for (let pixel = 0, row = 0; pixel < PIXELS; pixel++, row += wide) {
    const bias = decoderBias[pixel];
    biasSquares[0] += bias * bias;
    for (let a = 0; a < wide; a++) shift[a] += bias * decoder[row + a];
    addSquare(products, wide, decoder, row);
  }
  mirror(products, wide);
}

/** A digit's code, at `at`, and the gradient by it; gives its squared error, summed over its pixels. */
function passOver(made, digits, digit, at, scale) {
  const { model, codes, slopes, products, shift } = made, { wide } = model;
  encode(made, digits, digit, at);
  slopes.fill(0, at, at + wide);
  gatherRows(digits, digit, model.decoder, wide, slopes, at);
  let error = paperError(made, digits, digit);
  for (let a = 0; a < wide; a++) {
    slopes[at + a] = shift[a] - slopes[at + a];
    error += codes[at + a] * slopes[at + a];
  }
  addRows(products, wide, codes, slopes, at);
  for (let a = 0; a < wide; a++) {
    error += codes[at + a] * slopes[at + a];
    slopes[at + a] *= scale;
  }
  return error;
}

function encode({ model: { wide, encoder, encoderBias }, codes }, digits, digit, at) {
  for (let a = 0; a < wide; a++) codes[at + a] = encoderBias[a];
  gatherRows(digits, digit, encoder, wide, codes, at);
}

/** The squared error of a picture that is the decoder's bias alone, |b − x|². */
function paperError({ model: { decoderBias }, biasSquares }, { starts, places, values, squares }, digit) {
  let error = biasSquares[0] + squares[digit];
  for (let each = starts[digit]; each < starts[digit + 1]; each++) {
    error -= 2 * values[each] * decoderBias[places[each]];
  }
  return error;
}

/** Adds what a digit gives to the gradients, and its code to Σc and Σccᵀ. */
function spread({ model: { wide }, gradients, codes, slopes, moments, sums }, digits, digit, at) {
  const { encoder, encoderBias, decoder, decoderBias } = gradients, { starts, places, values } = digits;
  for (let a = 0; a < wide; a++) {
    sums[a] += codes[at + a];
    encoderBias[a] += slopes[at + a];
  }
  addSquare(moments, wide, codes, at);
  scatterRows(digits, digit, encoder, wide, slopes, at, 1);
  scatterRows(digits, digit, decoder, wide, codes, at, -1);
  for (let each = starts[digit]; each < starts[digit + 1]; each++) decoderBias[places[each]] -= values[each];
}

/** The decoder's gradients, of which −Σxcᵀ and −Σx are there: adds D Σccᵀ + b Σcᵀ, D Σc + Nb, and scales all. */
function completeDecoder({ model: { wide, decoder, decoderBias }, gradients, moments, sums }, count, scale) {
  const { decoder: slopes, decoderBias: biasSlopes } = gradients;
  mirror(moments, wide);
  for (let pixel = 0, row = 0; pixel < PIXELS; pixel++, row += wide) {
    const bias = decoderBias[pixel];
    addRows(moments, wide, decoder, slopes, row);
    let drawn = count * bias;
    for (let a = 0; a < wide; a++) {
      drawn += decoder[row + a] * sums[a];
      slopes[row + a] = scale * (slopes[row + a] + bias * sums[a]);
    }
    biasSlopes[pixel] = scale * (biasSlopes[pixel] + drawn);
  }
}

/** The mean squared error over all pixels of some digits, as the model is now. */
export function meanError(made, digits) {
  multiplyDecoder(made);
  let sum = 0;
  for (let digit = 0; digit < digits.count; digit++) sum += passOver(made, digits, digit, 0, 1);
  return sum / (digits.count * PIXELS);
}

/** What the model makes of digit number `digit`: 784 numbers, into `picture` from `first` on. */
export function reconstruct(made, digits, digit, picture, first) {
  const { model: { wide, decoder, decoderBias }, codes } = made;
  encode(made, digits, digit, 0);
  for (let pixel = 0, row = 0; pixel < PIXELS; pixel++, row += wide) {
    let value = decoderBias[pixel];
    for (let a = 0; a < wide; a++) value += decoder[row + a] * codes[a];
    picture[first + pixel] = value;
  }
}

/** Puts numbers into an order by chance (Fisher, Yates), in place. */
export function shuffle(order, uniform) {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1)), kept = order[last];
    order[last] = order[other];
    order[other] = kept;
  }
}
