/* What is done to an image before the models get it: each gives a new one, 28×28 greys from 0 to 255. */

import { IMAGE } from "./prepare.js";
import { numbers } from "../lib/chance.js";

const SIGMA = 0.4; // the standard deviation of one helping of noise, from 0 (paper) to 1 (ink)
const PIECE = 8; // pixels that a rubbed-out square is wide
export const FURTHEST = 14; // pixels that a shift goes each way

export const mirrored = (image) => image.map((_, place) => image[place + IMAGE - 1 - 2 * (place % IMAGE)]);

export const inverted = (image) => image.map((grey) => 255 - grey);

/** Moved by so many pixels to the right and down; what leaves the image is lost, what comes in is paper. */
export function shifted(image, [right, down]) {
  return image.map((_, place) => {
    const row = Math.floor(place / IMAGE) - down, column = (place % IMAGE) - right;
    const inside = row >= 0 && row < IMAGE && column >= 0 && column < IMAGE;
    return inside ? image[row * IMAGE + column] : 0;
  });
}

/** The standard deviation of so many helpings of noise together. */
export const strength = (helpings) => SIGMA * Math.sqrt(helpings);

/** Grey noise, so many helpings of it, each with a seed of its own; what leaves 0 to 255 is cut off. */
export function noisy(image, helpings) {
  const sums = Float64Array.from(image);
  for (let helping = 1; helping <= helpings; helping++) {
    const draw = numbers(helping);
    for (let place = 0; place < sums.length; place++) sums[place] += 255 * SIGMA * draw.normal();
  }
  return image.map((_, place) => Math.max(0, Math.min(255, Math.round(sums[place]))));
}

/** With so many squares rubbed out, each round a place that had ink before; which, its seed says. */
export function rubbed(image, pieces) {
  const result = image.slice();
  for (let piece = 1; piece <= pieces; piece++) {
    const inky = [...result.keys()].filter((place) => result[place] > 127);
    if (!inky.length) break;
    const centre = inky[Math.floor(numbers(100 + piece).uniform() * inky.length)];
    const top = Math.floor(centre / IMAGE) - PIECE / 2, left = (centre % IMAGE) - PIECE / 2;
    for (let row = Math.max(0, top); row < Math.min(IMAGE, top + PIECE); row++) {
      result.fill(0, row * IMAGE + Math.max(0, left), row * IMAGE + Math.min(IMAGE, left + PIECE));
    }
  }
  return result;
}

/** All changes of a state, in the one order that they are made in. */
export function changed(image, { mirror, shift, rub, noise, invert }) {
  let result = mirror ? mirrored(image) : image;
  if (shift[0] || shift[1]) result = shifted(result, shift);
  if (rub) result = rubbed(result, rub);
  if (noise) result = noisy(result, noise);
  return invert ? inverted(result) : result;
}
