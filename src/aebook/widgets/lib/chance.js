/* Numbers that look random and are the same for a seed everywhere. */

/**
 * Draws: `uniform()` from 0 up to 1, `normal()` with mean 0 and standard deviation 1.
 * @param {number} seed a whole number
 */
export function numbers(seed) {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0; // mulberry32, by Tommy Ettinger
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()); // Box, Muller
  return { uniform, normal };
}
