/* The inner loops of a net's layers, where the time goes. Nothing is allocated in them. */

/**
 * Adds to C the product of each row of A with each row of B, all of them `long`.
 * Row m with row n goes to C[c + m*down + n*across]; a and b are where the rows begin, without a gap between them.
 * Four by four, so that eight numbers read make sixteen products: twice as fast as one sum at a time.
 */
export function product(A, a, rows, B, b, columns, long, C, c, down, across) {
  const low = rows - (rows % 4), left = columns - (columns % 4);
  for (let m = 0; m < low; m += 4) {
    for (let n = 0; n < left; n += 4) {
      fourByFour(A, a + m * long, B, b + n * long, long, C, c + m * down + n * across, down, across);
    }
    for (let n = left; n < columns; n++) {
      fourByOne(A, a + m * long, B, b + n * long, long, C, c + m * down + n * across, down);
    }
  }
  for (let m = low; m < rows; m++) {
    for (let n = 0; n < left; n += 4) {
      fourByOne(B, b + n * long, A, a + m * long, long, C, c + m * down + n * across, across);
    }
    for (let n = left; n < columns; n++) {
      oneByOne(A, a + m * long, B, b + n * long, long, C, c + m * down + n * across);
    }
  }
}

function fourByFour(A, a, B, b, long, C, c, down, across) {
  const a1 = a + long, a2 = a1 + long, a3 = a2 + long, b1 = b + long, b2 = b1 + long, b3 = b2 + long;
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (let k = 0; k < long; k++) {
    const w0 = A[a + k], w1 = A[a1 + k], w2 = A[a2 + k], w3 = A[a3 + k];
    const x0 = B[b + k];
    (s00 += w0 * x0), (s10 += w1 * x0), (s20 += w2 * x0), (s30 += w3 * x0);
    const x1 = B[b1 + k];
    (s01 += w0 * x1), (s11 += w1 * x1), (s21 += w2 * x1), (s31 += w3 * x1);
    const x2 = B[b2 + k];
    (s02 += w0 * x2), (s12 += w1 * x2), (s22 += w2 * x2), (s32 += w3 * x2);
    const x3 = B[b3 + k];
    (s03 += w0 * x3), (s13 += w1 * x3), (s23 += w2 * x3), (s33 += w3 * x3);
  }
  addFour(C, c, across, s00, s01, s02, s03);
  addFour(C, c + down, across, s10, s11, s12, s13);
  addFour(C, c + 2 * down, across, s20, s21, s22, s23);
  addFour(C, c + 3 * down, across, s30, s31, s32, s33);
}

function fourByOne(A, a, B, b, long, C, c, down) {
  const a1 = a + long, a2 = a1 + long, a3 = a2 + long;
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (let k = 0; k < long; k++) {
    const x = B[b + k];
    (s0 += A[a + k] * x), (s1 += A[a1 + k] * x), (s2 += A[a2 + k] * x), (s3 += A[a3 + k] * x);
  }
  addFour(C, c, down, s0, s1, s2, s3);
}

function oneByOne(A, a, B, b, long, C, c) {
  let sum = 0;
  for (let k = 0; k < long; k++) sum += A[a + k] * B[b + k];
  C[c] += sum;
}

function addFour(C, c, apart, s0, s1, s2, s3) {
  C[c] += s0;
  C[c + apart] += s1;
  C[c + 2 * apart] += s2;
  C[c + 3 * apart] += s3;
}

/** Every plane filled with its channel's bias; with 0 where there is none. */
export function fillPlanes(values, biases, channels, plane) {
  if (!biases) values.fill(0);
  for (let at = 0, first = 0; biases && first < values.length; at++, first += plane) {
    values.fill(biases[at % channels], first, first + plane);
  }
}

/** So many channels of the values, with padding round each: `from` says what each place is a copy of. */
export function pad(values, channel, channels, [height, width], [down, across], frame) {
  let place = 0;
  for (let first = channel * height * width, more = channels; more > 0; more--, first += height * width) {
    for (let row = 0; row < down.length; row++) {
      const start = first + down[row] * width, empty = down[row] < 0;
      for (let column = 0; column < across.length; column++) {
        frame[place++] = empty || across[column] < 0 ? 0 : values[start + across[column]];
      }
    }
  }
}

/** A row for each place of the kernel: what lies under it, channel by channel. */
export function gather(frame, { kernel, stride, dilation, grid, depth, height, width }, rows) {
  const apart = dilation[1];
  let place = 0;
  for (let row = 0; row < grid[0]; row++) {
    for (let column = 0; column < grid[1]; column++) {
      const corner = row * stride[0] * width + column * stride[1];
      for (let channel = 0; channel < depth; channel++) {
        for (let u = 0; u < kernel[0]; u++) {
          let at = (channel * height + u * dilation[0]) * width + corner;
          for (let v = 0; v < kernel[1]; v++, at += apart) rows[place++] = frame[at];
        }
      }
    }
  }
}

/** A row for each pixel: its numbers in all channels. */
export function turn(values, first, depth, plane, rows) {
  for (let channel = 0; channel < depth; channel++) {
    const from = first + channel * plane;
    for (let pixel = 0; pixel < plane; pixel++) rows[pixel * depth + channel] = values[from + pixel];
  }
}

/** Lays the stamps of a transposed convolution, a plane for each weight of each channel, onto the output. */
export function scatter(products, { kernel, stride, padding, dilation, size, grid, width }, output, first) {
  let plane = 0;
  for (let channel = 0; channel < width; channel++) {
    for (let u = 0; u < kernel[0]; u++) {
      const top = u * dilation[0] - padding[0], low = fitting(top, stride[0], size[0], grid[0]);
      for (let v = 0; v < kernel[1]; v++, plane += size[0] * size[1]) {
        const left = v * dilation[1] - padding[1], end = fitting(left, stride[1], size[1], grid[1]);
        for (let row = skipped(top, stride[0]); row < low; row++) {
          const line = first + (channel * grid[0] + top + row * stride[0]) * grid[1] + left;
          const from = plane + row * size[1];
          for (let column = skipped(left, stride[1]); column < end; column++) {
            output[line + column * stride[1]] += products[from + column];
          }
        }
      }
    }
  }
}

/** How many steps from `start`, which may be below 0, do not reach 0. */
const skipped = (start, stride) => Math.max(0, Math.ceil(-start / stride));

/** How many of `size` steps from `start` stay below `end`. */
const fitting = (start, stride, size, end) => Math.min(size, Math.ceil((end - start) / stride));

export function largest(values, first, [height, width], row, column, { kernel, stride, padding, dilation }) {
  const top = row * stride[0] - padding[0], left = column * stride[1] - padding[1];
  let most = -Infinity;
  for (let u = 0; u < kernel[0]; u++) {
    const y = top + u * dilation[0];
    for (let v = 0; v < kernel[1] && y >= 0 && y < height; v++) {
      const x = left + v * dilation[1];
      if (x >= 0 && x < width) most = Math.max(most, values[first + y * width + x]);
    }
  }
  return most;
}

export function average(values, first, [height, width], row, column, { kernel, stride, padding, layer }) {
  const top = row * stride[0] - padding[0], left = column * stride[1] - padding[1];
  const bottom = Math.min(top + kernel[0], height + padding[0]);
  const right = Math.min(left + kernel[1], width + padding[1]);
  const [y0, y1, x0, x1] = [Math.max(0, top), Math.min(bottom, height), Math.max(0, left), Math.min(right, width)];
  if (y0 >= y1 || x0 >= x1) return 0; // nothing but padding
  let sum = 0;
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += values[first + y * width + x];
  const inside = layer.count_include_pad ? (bottom - top) * (right - left) : (y1 - y0) * (x1 - x0);
  return sum / (layer.divisor_override ?? inside);
}

/** Upsample's nearest, for one plane. */
export function repeat(values, first, width, down, across, output, place) {
  for (const row of down) {
    for (let column = 0; column < across.length; column++) {
      output[place++] = values[first + row * width + across[column]];
    }
  }
}

/** Upsample's bilinear, for one plane. */
export function blend(values, first, width, down, across, output, place) {
  for (const [high, low, under] of down) {
    const above = first + high * width, below = first + low * width;
    for (const [left, right, along] of across) {
      const top = values[above + left] * (1 - along) + values[above + right] * along;
      const bottom = values[below + left] * (1 - along) + values[below + right] * along;
      output[place++] = top * (1 - under) + bottom * under;
    }
  }
}

const ODD = [
  ...[-2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5],
  ...[-7.34990630326855e-4, -2.95459980854025e-3, -1.60960333262415e-2],
];
const EVEN = [
  ...[-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3],
  -1.42647390514189e-2,
];

/** The error function, to float32's precision: Eigen's quotient of polynomials. */
export function erf(number) {
  const x = Math.max(-4, Math.min(4, number)), square = x * x;
  const above = ODD.reduce((sum, factor) => sum * square + factor, 0);
  return (x * above) / EVEN.reduce((sum, factor) => sum * square + factor, 0);
}
