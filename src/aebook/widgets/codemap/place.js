/* Where things lie on the map: codes of two numbers, and places from 0 to 1, across and down. */

const MARGIN = 0.08; // of the range of real codes, left free around it

/** The part of the plane that the map shows: a square around almost all of the codes, its corners as codes. */
export function frameOf({ low, high }) {
  const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
  const sides = [0, 1].map((axis) => (0.5 + MARGIN) * (high[axis] - low[axis]));
  return { low: middle.map((at, axis) => at - sides[axis]), high: middle.map((at, axis) => at + sides[axis]) };
}

/** The place of a code; the second number grows upwards. */
export function placeOf({ low, high }, [across, up]) {
  return [(across - low[0]) / (high[0] - low[0]), 1 - (up - low[1]) / (high[1] - low[1])];
}

/** The code of a place, kept on the map. */
export function codeAt({ low, high }, place) {
  const [across, down] = place.map((part) => Math.min(1, Math.max(0, part)));
  return [low[0] + across * (high[0] - low[0]), low[1] + (1 - down) * (high[1] - low[1])];
}

/**
 * The number of the point that lies nearest to a code, or -1 where there is none.
 * @param {ArrayLike<number>} codes two numbers for each point
 * @param {number[]} code
 * @param {(point: number) => boolean} isShown whether a point counts
 */
export function nearest(codes, [across, up], isShown) {
  let best = -1, least = Infinity;
  for (let point = 0; 2 * point < codes.length; point++) {
    const distance = (codes[2 * point] - across) ** 2 + (codes[2 * point + 1] - up) ** 2;
    if (distance < least && isShown(point)) [best, least] = [point, distance];
  }
  return best;
}
