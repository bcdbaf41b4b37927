/* What a threshold makes of scores: an alarm is a score above it. */

const WIDE = 20; // how many times the least score the largest is, where the axis is drawn by powers

/** How many of the scores are above a threshold. */
export function above(scores, threshold) {
  let count = 0;
  for (const score of scores) if (score > threshold) count++;
  return count;
}

/**
 * The ROC curve: for each threshold the shares of familiar and of unfamiliar scores above it, from (0, 0), where
 * the threshold is above all, to (1, 1); a step across, up, or aslant where both have the same score.
 * @param {ArrayLike<number>} familiar
 * @param {ArrayLike<number>} unfamiliar
 * @returns {number[][]} pairs of shares: false alarms, hits
 */
export function curve(familiar, unfamiliar) {
  const [first, second] = [familiar, unfamiliar].map((scores) => Float64Array.from(scores).sort().reverse());
  const points = [[0, 0]];
  let alarms = 0, hits = 0;
  while (alarms < first.length || hits < second.length) {
    const score = Math.max(first[alarms] ?? -Infinity, second[hits] ?? -Infinity);
    while (first[alarms] === score) alarms++;
    while (second[hits] === score) hits++;
    points.push([alarms / first.length, hits / second.length]);
  }
  return points;
}

/** The area under a curve: the share of pairs in which the unfamiliar score is the larger, ties by half. */
export function area(points) {
  let sum = 0;
  for (let at = 1; at < points.length; at++) {
    sum += (points[at][0] - points[at - 1][0]) * (points[at][1] + points[at - 1][1]) / 2;
  }
  return sum;
}

/** The least score that no more than that share of the scores is above. */
export function exceededBy(scores, share) {
  const sorted = Float64Array.from(scores).sort();
  return sorted[sorted.length - 1 - Math.floor(share * sorted.length)];
}

/** Where scores lie from 0 to 1: by powers if they are above 0 and far apart, else evenly; and the way back. */
export function axisOf(...lists) {
  let low = Infinity, high = -Infinity;
  for (const scores of lists) {
    for (const score of scores) [low, high] = [Math.min(low, score), Math.max(high, score)];
  }
  const isWide = low > 0 && high > WIDE * low;
  const [to, from] = isWide ? [Math.log, Math.exp] : [(x) => x, (x) => x];
  const middle = to(low) / 2 + to(high) / 2,
    half = Math.max(0.52 * (to(high) - to(low)), 1e-9 * Math.abs(middle), 1e-12);
  return {
    isWide,
    placeOf: (score) => (to(score) - middle + half) / (2 * half),
    scoreAt: (place) => from(middle - half + 2 * half * place),
  };
}

/** The share of the scores in each of so many equal parts of an axis. */
export function shares(scores, axis, parts) {
  const found = new Float64Array(parts);
  for (const score of scores) {
    const part = Math.floor(axis.placeOf(score) * parts);
    found[Math.min(parts - 1, Math.max(0, part))] += 1 / scores.length;
  }
  return found;
}

/** Shares and places of an axis, for the tests: what `axisOf` gives are functions. */
export function laidOut(familiar, unfamiliar, parts) {
  const axis = axisOf(familiar, unfamiliar), places = Array.from(unfamiliar, axis.placeOf);
  return {
    isWide: axis.isWide,
    places,
    back: places.map(axis.scoreAt),
    shares: [...shares(familiar, axis, parts)],
  };
}

/** The carried scores by what they are of and which: a length (4 bytes), a header in JSON, and 16 bits each. */
export function unpacked(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), begin = 4 + view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, begin)));
  const read = ({ from, count, low, step }) =>
    Array.from({ length: count }, (_, at) => low * Math.exp(step * view.getUint16(begin + 2 * (from + at), true)));
  const each = (table, change) =>
    Object.fromEntries(Object.entries(table).map(([key, value]) => [key, change(value)]));
  return each(header, (sets) => each(sets, (scores) => each(scores, read)));
}
