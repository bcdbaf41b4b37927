/* The root of a widget's view, whose look is that of frame.css. */

import { h } from "./dom.js";

/** A group that screen readers call by the widget's title. */
export const frame = (name, language, words, ...parts) =>
  h(
    "div",
    { class: `aebook-frame aebook-${name}`, role: "group", lang: language, "aria-label": words.title },
    ...parts,
  );

/** What screen readers are told, and nobody sees. */
export const status = () => h("p", { class: "told", role: "status" });
