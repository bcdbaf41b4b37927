/* What Drawing says, in English. */

const minus = (number, digits) => number.toFixed(digits).replace("-", "−");
const thousands = (number) => number.toLocaleString("en");
// Where nothing denoises, `noise` is null; else its strength, which may be 0.
const equally = (noise) => noise ? "equally noisy " : "";

export default {
  title: "Draw a digit, and see what each model makes of it",
  padLabel: "drawing pad",
  padKeys: "By keyboard: on the pad the arrow keys move a pen, with Shift ten times as far; " +
    "the space bar sets it down and lifts it.",
  drawHere: "draw here",
  penDown: "pen down",
  penUp: "pen up",
  seen: "as the models see it",
  seenUnder: (noise, error) =>
    `as the models see it, under noise of ${noise.toFixed(2)}: ${error.toFixed(4)} from the clean drawing`,
  models: { linear: "linear", stacked: "stacked", convolutional: "convolutional", denoising: "denoising" },
  choose: "model",
  again: (name) => `drawn again by the ${name} model`,
  code: (code) => `${code.length} numbers: ${Array.from(code, (one) => minus(one, 1)).join(", ")}`,
  error: (error) => error.toFixed(4),
  place: (percent, noise) =>
    [
      ...(noise === null ? [] : ["from the clean drawing"]),
      ...(percent === null ? [] : [`worse than ${percent}% of ${equally(noise)}test digits`]),
    ].join(", "),
  result: (name, error, percent, noise) =>
    `${name}: error ${error.toFixed(4)}${noise === null ? "" : " from the clean drawing"}` +
    (percent === null ? "" : `, worse than ${percent}% of the 10,000 ${equally(noise)}test digits`),
  sentence: "Each model squeezes the digit through numbers of its own, the orange bars, " +
    "and draws it again from those alone.",
  sentenceOfDenoising: "All models get the same picture. The last has learned to take noise away; " +
    "linear, stacked and convolutional have only seen clean digits.",
  drawer: "test digits",
  testDigit: (digit) => `a ${digit} from the test digits`,
  undo: "undo",
  blank: "blank page",
  more: "more: change the picture; which models these are",
  changes: "What if the picture is not as the models know it?",
  mirror: "mirror",
  invert: "invert",
  shift: "shift by a pixel",
  left: "left",
  rightwards: "right",
  up: "up",
  downwards: "down",
  noise: "add noise",
  rub: "rub out a piece",
  asItWas: "as it was",
  about: (name, { row, parameters, precision, test_error }) =>
    `${name}: the row ${row} of the table of results, ${thousands(parameters)} weights as ${precision}; ` +
    `test error ${test_error.toFixed(4)}`,
  aboutDenoiser: (name, { sigma, parameters, precision, test_error }) =>
    `${name}: the denoiser of chapter 7, ${thousands(parameters)} weights as ${precision}; ` +
    `trained under noise of ${sigma}, error on test digits under it ${test_error.toFixed(4)}`,
  aboutOwn: (name, { test_error }) => `${name}: your own model; test error ${test_error.toFixed(4)}`,
};
