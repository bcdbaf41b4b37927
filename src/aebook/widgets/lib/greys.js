/* Reads digits that book/_tools/digits.py has coded: 28 × 28 pixels in 16 greys, 0 (paper) to 15 (ink). */

const SIDE = 28;
const LEVEL = [0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]; // of a neighbour's grey
const NODES = 32; // of a neighbourhood: one for paper or not, and those of a tree of four bits, from 16 on

/**
 * The digits of a coded file, or of a part of one.
 * @param {Uint8Array} bytes four that say how many digits there are, then their pixels, coded
 * @returns {Uint8Array} their greys, 784 for each digit, row by row
 * @throws {Error} where there is less than that
 */
export function greysOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length < 8 ? 0 : view.getUint32(0, true);
  const decide = decisions(bytes.subarray(4)), greys = new Uint8Array(count * SIDE * SIDE);
  if (count === 0 || count > 60_000) throw new Error("these bytes are no coded digits");
  for (let at = 0; at < greys.length; at++) {
    const first = neighbourhood(greys, at) * NODES;
    if (!decide(first)) continue;
    let node = 1;
    while (node < 16) node = 2 * node + decide(first + 15 + node);
    greys[at] = node - 16;
  }
  return greys;
}

/** A number for what lies left, above, above left and above right of a pixel; outside its digit is paper. */
function neighbourhood(greys, at) {
  const column = at % SIDE, top = at % (SIDE * SIDE) < SIDE, first = column === 0, last = column === SIDE - 1;
  const left = first ? 0 : LEVEL[greys[at - 1]], above = top ? 0 : LEVEL[greys[at - SIDE]];
  const aboveLeft = top || first ? 0 : LEVEL[greys[at - SIDE - 1]];
  const aboveRight = top || last ? 0 : LEVEL[greys[at - SIDE + 1]];
  return ((left * 5 + above) * 5 + aboveLeft) * 5 + aboveRight;
}

/** A function that gives the next decision, 0 or 1, of a node: an arithmetic decoder, which learns as it reads. */
function decisions(bytes) {
  const fast = new Uint16Array(625 * NODES).fill(2 ** 15), slow = new Uint16Array(625 * NODES).fill(2 ** 15);
  let low = 0, high = 0xffffffff, read = 0, code = 0;
  const shift = (value, byte) => ((value << 8) | byte) >>> 0;
  while (read < 4) code = shift(code, bytes[read++]);
  return (node) => {
    const likely = (fast[node] + slow[node]) >> 1, middle = low + ((high - low) >>> 16) * likely;
    const decision = code <= middle ? 1 : 0, target = decision ? 65_535 : 0;
    if (decision) high = middle;
    else low = middle + 1;
    fast[node] += (target - fast[node]) >> 4;
    slow[node] += (target - slow[node]) >> 7;
    while ((low ^ high) >>> 0 < 2 ** 24) {
      (low = shift(low, 0)), (high = shift(high, 255)), (code = shift(code, bytes[read++] ?? 0));
    }
    return decision;
  };
}
