/* A slider for each number of a code, or for each principal direction: three standard deviations each way. */

import { h, write } from "../lib/dom.js";
import { atPlaces, places } from "./walk.js";

const REACH = 3; // standard deviations each way
const FIRST = 6; // sliders that are not folded away
const STEP = 0.05;

/** How a code is read and changed in one of the two ways: in standard deviations from the mean. */
const WAYS = {
  numbers: {
    read: (code, { mean, std }) => code.map((number, at) => (number - mean[at]) / (std[at] || 1)),
    write: (all, { mean, std }) => all.map((part, at) => mean[at] + part * std[at]),
  },
  directions: {
    read: (code, facts) => places(code, facts).map((place, at) => place / (facts.directions[at].std || 1)),
    write: (all, facts) => atPlaces(all.map((part, at) => part * facts.directions[at].std), facts),
  },
};

/** The code that comes of one slider's new value; the others stay where they are. */
export function moved(code, way, facts, which, value) {
  const all = WAYS[way].read(code, facts);
  all[which] = value;
  return WAYS[way].write(all, facts);
}

/** All sliders for codes of so many numbers. */
export function sliders(app, count) {
  const all = Array.from({ length: count }, (_, which) => slider(app, which));
  const elements = all.map(({ element }) => element);
  const rest = h(
    "details",
    {},
    h("summary", {}, app.words.rest(count - FIRST)),
    h("div", {}, ...elements.slice(FIRST)),
  );
  const element = h(
    "div",
    { class: "sliders" },
    h("div", {}, ...elements.slice(0, FIRST)),
    count > FIRST ? rest : "",
  );

  function draw(code, start, way, facts) {
    const [now, first] = [code, start].map((one) => WAYS[way].read(one, facts));
    for (const [at, one] of all.entries()) one.draw(now[at], first[at], way);
  }
  return { element, draw };
}

/** One of them: label, track with a mark where the start is, value; Home and a double click go back there. */
function slider(app, which) {
  const limits = { min: -REACH, max: REACH, step: STEP }, value = h("output", {}), label = h("span", {});
  const input = h("input", { type: "range", ...limits, oninput: () => app.move(which, input.valueAsNumber) });
  const mark = h("i", { "aria-hidden": "true" }), track = h("span", { class: "track" }, mark, input);
  const element = h("label", { class: "slider" }, label, track, value);
  let begun = 0;
  const back = () => app.move(which, begun);
  input.addEventListener("dblclick", back);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Home") return;
    event.preventDefault();
    back();
  });

  function draw(now, start, way) {
    begun = start;
    const within = Math.max(-REACH, Math.min(REACH, start));
    // The thumb's middle stays half its width, half a rem, away from the track's ends.
    mark.style.insetInlineStart = `calc(0.5rem + (100% - 1rem) * ${(within + REACH) / (2 * REACH)})`;
    if (Math.abs(input.valueAsNumber - now) > STEP / 2) input.valueAsNumber = now;
    write(label, app.words[way](which + 1));
    write(value, app.words.deviations(now));
  }
  return { element, draw };
}
