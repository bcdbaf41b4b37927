/* How far a reconstruction is from its image, and where that stands among the test digits. */

/** The mean of the squared differences of two pictures' pixels. */
export function meanSquaredError(one, other) {
  let sum = 0;
  for (let place = 0; place < one.length; place++) sum += (one[place] - other[place]) ** 2;
  return sum / one.length;
}

/**
 * So many percent of the test digits, rounded down, have a smaller error.
 * @param {number} error
 * @param {number[]} errors a model's 101: the smallest, then of every hundredth part of the digits the largest
 */
export const worseThan = (error, errors) => errors.slice(1).filter((other) => other < error).length;
