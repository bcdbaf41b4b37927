/* What Threshold says, in English. */

const percent = (share) => `${Math.round(100 * share)}%`;
const count = (number) => number.toLocaleString("en");
const score = (number) => `${Number(number.toPrecision(3))}`.replace("-", "−");
const told = ({ hits, alarms, threshold }) =>
  `Threshold ${score(threshold)}: hits ${percent(hits)}, false alarms ${percent(alarms)}.`;

export default {
  title: "A threshold between the familiar and the unfamiliar",
  familiar: (number) => `familiar: ${count(number)} test digits`,
  unfamiliar: (name, number) => `unfamiliar (${name}): ${count(number)}`,
  histograms: (facts) => `Two histograms of the score, familiar upwards, unfamiliar downwards. ${told(facts)}`,
  roc: ({ area, hits, alarms }) =>
    `ROC curve, AUROC ${area.toFixed(2)}; the point: ${percent(alarms)} false alarms, ${percent(hits)} hits.`,
  alarmsAxis: "false alarms",
  hitsAxis: "hits",
  fields: { hits: "hits", alarms: "false alarms", area: "AUROC" },
  shown: {
    hits: ({ hits, hit, unfamiliar }) => `${percent(hits)} (${count(hit)} of ${count(unfamiliar)})`,
    alarms: ({ alarms, alarmed, familiar }) => `${percent(alarms)} (${count(alarmed)} of ${count(familiar)})`,
    area: ({ area }) => area.toFixed(2),
  },
  told,
  score,
  sentence:
    "Upwards stand the digits of the kind that the model was trained on, downwards the unfamiliar pictures. " +
    "What lies right of the threshold raises the alarm. Move it.",
  threshold: "threshold",
  kind: "unfamiliar",
  kinds: {
    "without-2": "a 2, left out",
    "without-1": "a 1, left out",
    mirrored: "mirrored",
    letters: "letters",
    hangul: "Hangul",
    noise: "noise",
    blank: "blank page",
    own: "your own",
  },
  by: "score",
  scores: { error: "error", neighbours: "distance", error_by_variance: "error ÷ variance" },
  more: "more: keys; what the scores are of",
  keys: "On the slider the arrow keys move the threshold, with Shift ten steps at once; " +
    "Home goes back to where 5% of the familiar images raise the alarm. " +
    "Where the scores lie far apart, the axis goes by powers.",
  about: {
    "without-1":
      "An autoencoder with 20 numbers that was trained without any 1; the unfamiliar are test images of a 1.",
    "without-2":
      "An autoencoder with 20 numbers that was trained without any 2; the unfamiliar are test images of a 2.",
    own: "Your own scores. The larger a score, the less familiar the image.",
    all: "The stacked autoencoder of the home page, with 20 numbers, trained on all ten digits.",
  },
};
