/* The arithmetic of codes: along principal directions, from one to another, and by chance. A code is a list of
   numbers; `facts` are a packed model's `codes`: mean, std, directions. */

import { numbers } from "../lib/chance.js";

const dot = (one, other) => one.reduce((sum, number, at) => sum + number * other[at], 0);

/** The places of a code along the principal directions, in their order. */
export function places(code, { mean, directions }) {
  const apart = code.map((number, at) => number - mean[at]);
  return directions.map(({ direction }) => dot(apart, direction));
}

/** The code that lies at those places along the principal directions. */
export function atPlaces(along, { mean, directions }) {
  return mean.map((middle, at) =>
    along.reduce((sum, place, which) => sum + place * directions[which].direction[at], middle)
  );
}

/** The code so far along the straight way from one (0) to another (1). */
export const between = (from, to, part) => from.map((number, at) => number + (to[at] - number) * part);

/** A code of independent numbers with mean 0 and standard deviation 1. */
export function standard(seed, { mean }) {
  const draw = numbers(seed);
  return mean.map(() => draw.normal());
}

/** A code from the Gaussian that has the real codes' mean and covariance. */
export function likeReal(seed, facts) {
  const draw = numbers(seed);
  return atPlaces(facts.directions.map(({ std }) => std * draw.normal()), facts);
}
