/* The elements of widgets and pages. */

/** An element with its attributes, listeners ("on…") and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  if (["button", "input", "select", "summary", "textarea"].includes(tag)) element.setAttribute(...QUIET);
  element.append(...children);
  return element;
}
// Else JupyterLab's shortcuts take the keys: arrows and Enter, and B in the list of examples makes a new cell.
export const QUIET = ["data-lm-suppress-shortcuts", "true"];

/** Sets only what changed: the rest costs no layout and is not read out again. */
export function put(element, property, value) {
  if (element[property] !== value) element[property] = value;
}
/** Says it in the text that is there already: one put in its place would be styled and laid out anew. */
export const write = (element, text) => put(element.firstChild ?? element, "textContent", text);

export const button = (text, onclick) => h("button", { type: "button", onclick }, text);
export const labelled = (text, control) => h("label", {}, text, " ", control);

/** Puts text on the clipboard, and says whether it is there. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyFromField(text); // refused, or not there at all, as on a site without https
  }
}

/** The older way, which asks no permission; the keyboard stays where it was. */
function copyFromField(text) {
  const active = document.activeElement, field = h("textarea", {});
  field.value = text;
  field.style.position = "fixed"; // so that the page does not scroll to it
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  active?.focus({ preventScroll: true });
  return copied;
}
