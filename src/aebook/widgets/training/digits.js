/* Digits in 16 greys, as training takes them: by what is not paper. */

export const PIXELS = 784;

/**
 * Digits by the places and values of their ink.
 * @param {Uint8Array} greys one after another, 784 each, row by row, from 0 (paper) to 15 (ink)
 * @returns {object} how many there are, `count`; of digit i, `places` and `values` (0 to 1) from starts[i] to
 *   starts[i + 1]; and in `squares` the sum of the squares of each one's values
 */
export function sparse(greys) {
  const count = greys.length / PIXELS, ink = greys.reduce((sum, grey) => sum + (grey > 0 ? 1 : 0), 0);
  const starts = new Uint32Array(count + 1), places = new Uint16Array(ink), values = new Float64Array(ink);
  const squares = new Float64Array(count);
  let at = 0;
  for (let digit = 0; digit < count; digit++) {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      const value = greys[digit * PIXELS + pixel] / 15;
      if (value === 0) continue;
      places[at] = pixel;
      values[at++] = value;
      squares[digit] += value * value;
    }
    starts[digit + 1] = at;
  }
  return { count, starts, places, values, squares };
}
