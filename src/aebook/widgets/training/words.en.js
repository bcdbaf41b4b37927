/* What Training says, in English. */

const count = (number) => number.toLocaleString("en");
const error = (number) => number.toFixed(4);
const stepsOf = (steps) => (steps === 1 ? "1 step" : `${count(steps)} steps`);
const numbers = (size) => (size === 1 ? "1 number" : `${size} numbers`);
const beside = (number, best) => `${error(number)} (PCA ${error(best)})`;

export default {
  title: "A linear autoencoder, trained in the page",
  count,
  error,
  rate: (number) => `${number}`,
  chart: ({ said: { steps, loss, best } }) =>
    `The loss of every batch: after ${stepsOf(steps)} ${loss === null ? "not begun" : error(loss)}. ` +
    `PCA's error for these digits: ${error(best)}`,
  averageLine: (number) => `always the average digit: ${error(number)}`,
  bestLine: (number) => `PCA, the least possible: ${error(number)}`,
  names: { steps: "step", loss: "training error", testError: "test error" },
  values: {
    steps: ({ steps, epochs }) => [count(steps), `epoch ${epochs.toFixed(1)}`],
    loss: ({ loss, best }) => [loss === null ? "–" : error(loss), `PCA ${error(best)}`],
    testError: ({ testError, bestTest }) => [error(testError), `PCA ${error(bestTest)}`],
  },
  pairs: (errors) => `Ten test digits above their reconstructions; errors ${errors.map(error).join(", ")}`,
  weights: "The decoder's weights, a picture for each number of the code: blue adds ink, orange takes it away.",
  sentence: ({ steps, diverged }, size) =>
    diverged
      ? "The steps are too long: the error grows without end. Choose a smaller learning rate."
      : steps === 0
      ? `The model draws each digit from ${numbers(size)}, and knows nothing yet. Press start.`
      : `Above, ten test digits; below, what comes back through ${numbers(size)}.`,
  told: ({ steps, loss, best, testError, bestTest }) =>
    `${stepsOf(steps)}. ` + (loss === null ? "" : `Training error ${beside(loss, best)}. `) +
    `Test error ${beside(testError, bestTest)}.`,
  start: "start",
  pause: "pause",
  goOn: "go on",
  step: "one step",
  reset: "from the beginning",
  recipe: "learning rate",
  presets: { short: "0.0002, widely copied", better: "0.002, ten times that" },
  more: "more: optimizer, batch size, code size",
  optimizer: "optimizer",
  optimizers: { adam: "Adam", sgd: "SGD" },
  learning_rate: "learning rate",
  batch_size: "batch size",
  code_size: "code size",
  seed: "seed",
  about: "The first 4,000 training digits, in 16 greys; the test error is that of the first 1,000 test digits. " +
    "The training error is the mean over the last epoch's batches. A change begins anew; " +
    "the grey curve is the run before. The same settings give the same curve.",
};
