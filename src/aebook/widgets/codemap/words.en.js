/* What CodeMap says, in English. */

const minus = (number) => number.toFixed(1).replace("-0.0", "0.0").replace("-", "−");
const count = (number) => number.toLocaleString("en");
const origin = (row, kind) =>
  kind === "variational" ? "the VAE of chapter 9" : `the row ${row} of the table of results`;
const written = (code) => `(${Array.from(code, minus).join(", ")})`;

export default {
  title: "The map of all codes of two numbers",
  map: "map: the arrow keys move the point, with Shift ten times as far; Home goes to the middle",
  drawn: "drawn from the code",
  nearest: "nearest test digit",
  none: "none shown",
  code: written,
  digit: (label) => `a ${label}`,
  told: (code, label) => `Code ${written(code)}${label === null ? "" : `; the nearest test digit is a ${label}`}.`,
  sentence:
    "Every place on the map is a code of two numbers, and the decoder has a picture for each. Move the point.",
  model: "model",
  models: { linear: "linear", nonlinear: "nonlinear", variational: "variational", own: "your own" },
  classes: "digits shown",
  more: "more: keys; which model this is",
  keys: "On the map the arrow keys move the point, with Shift ten times as far; Home goes back to the middle.",
  about: (name, { row, kind, parameters, precision, test_error }) =>
    precision
      ? `${name}: ${origin(row, kind)}, ${count(parameters)} weights as ${precision}; ` +
        `test error ${test_error.toFixed(4)}. The points are the first 1,000 test digits, in 16 greys.`
      : `${name}: test error ${test_error.toFixed(4)}.`,
};
