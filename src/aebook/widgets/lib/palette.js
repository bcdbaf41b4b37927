/* The colours of lib/tokens.css as numbers, for what is painted pixel by pixel. */

import { h } from "./dom.js";

/** The colour that a custom property has in the page's theme, as [red, green, blue]. */
export function themeColour(property) {
  const probe = h("i", { class: "aebook", style: `color: var(${property})` });
  document.body.append(probe); // a view may not be in the page yet
  const colour = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  return colour;
}
