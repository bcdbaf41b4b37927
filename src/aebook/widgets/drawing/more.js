/* Buttons that teach, which are folded away, and which models these are. */

import { button, h } from "../lib/dom.js";
import { FURTHEST } from "./changes.js";

const MOST = 9; // helpings of noise, pieces rubbed out
const ARROWS = { left: ["right", -1], rightwards: ["right", 1], up: ["down", -1], downwards: ["down", 1] };

export function more(app) {
  const { words } = app, toggles = ["mirror", "invert"].map((name) => toggle(app, name));
  const again = (app.noise === null ? ["noise", "rub"] : ["rub"]).map((name) => once(app, name));
  const back = button(words.asItWas, () => app.unchange());
  const buttons = h("div", { class: "buttons" }, ...toggles, arrows(app), ...again, back);
  const element = h("details", {}, h("summary", {}, words.more), h("p", {}, words.changes), buttons);
  element.append(h("p", {}, words.padKeys), facts(app));

  function draw(state) {
    for (const one of toggles) one.setAttribute("aria-pressed", String(state[one.dataset.toggle]));
    back.disabled = !app.isChanged(state);
  }
  return { element, draw };
}

/** A button that does something once more. */
export const once = (app, name) =>
  button(app.words[name], () => app.change({ [name]: Math.min(MOST, app.state[name] + 1) }));

/** A button that is pressed or not. */
function toggle(app, name) {
  const element = button(app.words[name], () => app.change({ [name]: !app.state[name] }));
  element.dataset.toggle = name;
  return element;
}

/** Four buttons that shift the image. */
function arrows(app) {
  const within = (pixels) => Math.max(-FURTHEST, Math.min(FURTHEST, pixels));
  const all = Object.entries(ARROWS).map(([name, [setting, step]]) =>
    button(app.words[name], () => app.change({ [setting]: within(app.state[setting] + step) }))
  );
  const title = h("span", { "aria-hidden": "true" }, app.words.shift);
  return h("span", { class: "arrows", role: "group", "aria-label": app.words.shift }, title, ...all);
}

/** Which row of the table each model is, its precision and its error. */
function facts({ lanes, words }) {
  const line = ({ model: { name, facts: known }, name: said }) =>
    (known.sigma ? words.aboutDenoiser : known.kind ? words.about : words.aboutOwn)(said, { row: name, ...known });
  return h("ul", { class: "facts" }, ...lanes.map((lane) => h("li", {}, line(lane))));
}
