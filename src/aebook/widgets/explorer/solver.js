/* Which settings lead from one size to another, and back. */

import { button, h, labelled, write } from "../lib/dom.js";
import { BOUNDS, convInputs, DEFAULTS, isSplit, meaning, onAxis, settingsFor, withAxis } from "./arithmetic.js";
import { joined } from "./sheets.js";

const LONGEST = 128; // that is asked about

/** The settings that lead from a size to a size; choosing one sets both axes or, where they differ, either. */
export function solver(app) {
  const { words } = app, said = h("p", { role: "status" }), found = h("ul", { class: "found" });
  const number = (value) => h("input", { type: "number", min: 1, max: LONGEST, value, oninput: list });
  const from = number(7), to = number(14);
  const axes = h("select", {}, ...["H, W", "H", "W"].map((name, at) => h("option", { value: at - 1 }, name)));
  const which = labelled(words.solverAxis, axes), sizes = [labelled(words.from, from), labelled(words.to, to)];
  const choose = (setting) => {
    const state = app.now.state, axis = isSplit(state) && axes.value >= 0 ? Number(axes.value) : null;
    const all = Object.entries(setting);
    app.change(Object.fromEntries(all.map(([name, value]) => [name, withAxis(state[name], axis, value)])));
  };
  function list() {
    const [input_size, size] = [from.valueAsNumber, to.valueAsNumber], most = BOUNDS.input_size[1];
    const there = Math.max(input_size, size) <= LONGEST && Math.min(input_size, size) >= 1;
    const settings = (there ? settingsFor(input_size, size) : []).map((one) => ({ input_size, ...one }));
    const beyond = input_size > most ? words.beyond(most) : "";
    const none = there && [input_size, size].every(Number.isInteger) ? words.noneFound : words.noSize(LONGEST);
    write(said, settings.length ? `${words.found(settings.length)} ${beyond}` : none);
    const item = (one) => (beyond ? line(words, one) : button(line(words, one), () => choose(one)));
    found.tabIndex = beyond ? 0 : -1; // what scrolls and holds no button is reached by Tab itself
    found.replaceChildren(...settings.map((one) => h("li", {}, item(one))));
  }
  list();
  return {
    element: h("div", {}, h("div", { class: "fields" }, ...sizes, which), said, found),
    draw({ state }) {
      which.hidden = !isSplit(state);
    },
  };
}

/** A setting, and what it means. */
function line(words, setting) {
  const told = ([name, value]) => name !== "input_size" && (name === "kernel_size" || value !== DEFAULTS[name]);
  const named = Object.entries(setting).filter(told).map((each) => each.join("="));
  const [kind, ...counts] = meaning(setting);
  return `${named.join(", ")}: ${words.means[kind](...counts)}`;
}

/** The sizes that a Conv2d of the same setting folds into this input. */
export function folding({ words }) {
  const element = h("p");
  const text = (setting, axis) => {
    const sizes = convInputs(onAxis(setting, axis)).join(", "), size = setting.input_size[axis], name = "HW"[axis];
    return sizes ? words.folds(name, sizes, size) : words.foldsNone(name, size);
  };
  const draw = ({ setting }) => write(element, joined([0, 1].map((axis) => text(setting, axis))).join(" "));
  return { element, draw };
}
