/* What Codes says, in English. */

export default {
  title: "Move the numbers of a code, and see the decoder draw",
  models: { linear: "linear", stacked: "stacked", convolutional: "convolutional" },
  drawn: (name) => `what the ${name} model's decoder draws`,
  apart: (name) => `the ${name} model: difference to the start, blue where there is more ink, orange where less`,
  sentence: "Each model draws the digit from its own 20 numbers. Choose one, and move its numbers.",
  drawer: "begin with a test digit",
  testDigit: (digit) => `a ${digit} from the test digits`,
  to: "walk to a",
  part: "how far on the way",
  play: "play",
  pause: "pause",
  sources: { normal: "a code by chance, N(0, 1)", codes: "a code by chance, as real ones are" },
  difference: "difference to the start",
  reset: "back to the start",
  along: "what a slider moves",
  ways: { directions: "principal directions", numbers: "single numbers" },
  directions: (which) => `direction ${which}`,
  numbers: (which) => `number ${which}`,
  deviations: (value) => `${value.toFixed(1).replace("-", "−")} σ`,
  rest: (count) => `${count} more`,
};
