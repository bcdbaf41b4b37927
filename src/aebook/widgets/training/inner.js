/* The inner loops of a training step, where its time goes. Nothing is allocated in them.

   `wide` is how many numbers a row has, a multiple of four: what stands behind a code's numbers is 0 and stays so.
   Four products at a time, so that what they add to is read and written once for the four. */

/** Adds to sums[at …] the rows of a matrix, each times the value of the ink in its pixel. */
export function gatherRows({ starts, places, values }, digit, matrix, wide, sums, at) {
  const end = starts[digit + 1];
  let each = starts[digit];
  for (; each + 3 < end; each += 4) {
    const r0 = places[each] * wide, r1 = places[each + 1] * wide;
    const r2 = places[each + 2] * wide, r3 = places[each + 3] * wide;
    const v0 = values[each], v1 = values[each + 1], v2 = values[each + 2], v3 = values[each + 3];
    for (let a = 0; a < wide; a++) {
      sums[at + a] += v0 * matrix[r0 + a] + v1 * matrix[r1 + a] + v2 * matrix[r2 + a] + v3 * matrix[r3 + a];
    }
  }
  for (; each < end; each++) {
    const row = places[each] * wide, value = values[each];
    for (let a = 0; a < wide; a++) sums[at + a] += value * matrix[row + a];
  }
}

/** Adds to the rows of a matrix, for each pixel with ink, numbers[at …] times the ink's value and a sign. */
export function scatterRows({ starts, places, values }, digit, matrix, wide, numbers, at, sign) {
  for (let a = 0; a < wide; a += 4) {
    const n0 = sign * numbers[at + a], n1 = sign * numbers[at + a + 1];
    const n2 = sign * numbers[at + a + 2], n3 = sign * numbers[at + a + 3];
    for (let each = starts[digit]; each < starts[digit + 1]; each++) {
      const row = places[each] * wide + a, value = values[each];
      matrix[row] += value * n0;
      matrix[row + 1] += value * n1;
      matrix[row + 2] += value * n2;
      matrix[row + 3] += value * n3;
    }
  }
}

/** Adds to a square, below its diagonal, the products of some numbers with themselves, each with each. */
export function addSquare(square, wide, numbers, at) {
  for (let a = 0; a < wide; a++) {
    const number = numbers[at + a], row = a * wide;
    for (let b = 0; b <= a; b++) square[row + b] += number * numbers[at + b];
  }
}

/** What stands below the diagonal, above it too. */
export function mirror(square, wide) {
  for (let a = 0; a < wide; a++) for (let b = 0; b < a; b++) square[b * wide + a] = square[a * wide + b];
}

/** Adds to sums[at …] the rows of a square, each times one of numbers[at …]. */
export function addRows(square, wide, numbers, sums, at) {
  for (let b = 0, row = 0; b < wide; b += 4, row += 4 * wide) {
    const n0 = numbers[at + b], n1 = numbers[at + b + 1], n2 = numbers[at + b + 2], n3 = numbers[at + b + 3];
    const r1 = row + wide, r2 = r1 + wide, r3 = r2 + wide;
    for (let a = 0; a < wide; a++) {
      sums[at + a] += n0 * square[row + a] + n1 * square[r1 + a] + n2 * square[r2 + a] + n3 * square[r3 + a];
    }
  }
}

/** torch.optim.Adam's step number `steps`, with its own defaults. */
export function adam(weights, slopes, means, squares, steps, learningRate) {
  const size = learningRate / (1 - 0.9 ** steps), spread = 1 / Math.sqrt(1 - 0.999 ** steps);
  for (let at = 0; at < weights.length; at++) {
    const slope = slopes[at];
    const mean = (means[at] += 0.1 * (slope - means[at]));
    const square = (squares[at] = 0.999 * squares[at] + 0.001 * slope * slope);
    weights[at] -= (size * mean) / (Math.sqrt(square) * spread + 1e-8);
  }
}

/** torch.optim.SGD's step, without momentum. */
export function descend(weights, slopes, learningRate) {
  for (let at = 0; at < weights.length; at++) weights[at] -= learningRate * slopes[at];
}
