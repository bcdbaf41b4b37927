/* A drawing made an MNIST image as MNIST was made: cropped, its longest side brought to 20 pixels, and pasted into
   28×28 so that its centre of mass is in the middle.

   Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits". Where the middle is
   was measured: the centres of mass of all 10,000 test digits lie from 13.5 to 14.5, counted from 0. */

export const SIDE = 224; // of the pad's raster, in pixels: eight for one of the image
export const IMAGE = 28;
const BOX = 20; // of an MNIST digit's longest side

/**
 * The image that a drawing becomes.
 * @param {Uint8Array} raster SIDE×SIDE greys row by row, from 0 (paper) to 255 (ink)
 * @returns {Uint8Array} 28×28 of them; all 0 where the raster is empty
 */
export function prepared(raster) {
  const box = inked(raster, SIDE), image = new Uint8Array(IMAGE * IMAGE);
  if (!box) return image;
  const long = Math.max(box.width, box.height);
  const [width, height] = [box.width, box.height].map((side) => Math.max(1, Math.round((side * BOX) / long)));
  const small = resized(cut(raster, SIDE, box), box.width, box.height, width, height);
  const [left, top] = corner(small, width, height);
  for (let row = 0; row < height; row++) {
    image.set(small.subarray(row * width, (row + 1) * width), (top + row) * IMAGE + left);
  }
  return image;
}

/** The smallest rectangle that holds all ink of a square raster, {left, top, width, height}, or null. */
export function inked(raster, side) {
  let left = side, right = -1, top = side, bottom = -1;
  for (let row = 0, place = 0; row < side; row++) {
    for (let column = 0; column < side; column++, place++) {
      if (!raster[place]) continue;
      if (column < left) left = column;
      if (column > right) right = column;
      if (row < top) top = row;
      bottom = row;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function cut(raster, side, { left, top, width, height }) {
  const part = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (top + row) * side + left;
    part.set(raster.subarray(start, start + width), row * width);
  }
  return part;
}

/**
 * A picture in another size by a box filter, as Pillow's `resize(…, Image.Resampling.BOX)`: across first, then
 * down, each time rounded to whole greys. What is made larger repeats its pixels.
 */
export function resized(picture, width, height, newWidth, newHeight) {
  const across = new Uint8Array(newWidth * height), result = new Uint8Array(newWidth * newHeight);
  for (const [column, [first, end]] of boxes(width, newWidth).entries()) {
    for (let row = 0; row < height; row++) {
      across[row * newWidth + column] = mean(picture, row * width + first, end - first, 1);
    }
  }
  for (const [row, [first, end]] of boxes(height, newHeight).entries()) {
    for (let column = 0; column < newWidth; column++) {
      result[row * newWidth + column] = mean(across, first * newWidth + column, end - first, newWidth);
    }
  }
  return result;
}

/** For each of `count` boxes along an axis, the first pixel whose middle it holds and the one after the last. */
function boxes(size, count) {
  const scale = size / count, wide = Math.max(scale, 1), times = 1 / wide;
  return Array.from({ length: count }, (_, at) => {
    const centre = (at + 0.5) * scale;
    // A middle on an edge belongs to the box before; rounding decides, so that this is Pillow's own calculation.
    const held = (pixel) => (pixel - centre + 0.5) * times > -0.5 && (pixel - centre + 0.5) * times <= 0.5;
    let first = Math.max(0, Math.floor(centre - wide / 2 + 0.5));
    let end = Math.min(size, Math.floor(centre + wide / 2 + 0.5));
    while (first < end - 1 && !held(first)) first++;
    while (end > first + 1 && !held(end - 1)) end--;
    return [first, end];
  });
}

function mean(values, first, count, apart) {
  let sum = 0;
  for (let step = 0; step < count; step++) sum += values[first + step * apart];
  return Math.floor(sum / count + 0.5);
}

/** Where a small picture's first pixel comes, [left, top], so that its centre of mass is in the middle. */
function corner(small, width, height) {
  let all = 0, across = 0, down = 0;
  for (let row = 0, place = 0; row < height; row++) {
    for (let column = 0; column < width; column++, place++) {
      all += small[place];
      across += column * small[place];
      down += row * small[place];
    }
  }
  // In whole numbers, for a centre of mass that is just between two places: the least start that brings it there.
  const start = (moment) => Math.ceil(((IMAGE - 1) * all - 2 * moment) / (2 * all));
  const within = (moment, size) => Math.max(0, Math.min(IMAGE - size, start(moment)));
  return all ? [within(across, width), within(down, height)] : [0, 0];
}
