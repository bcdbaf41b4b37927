/* What comes out: the size or the refusal; the formula, the line of code, and whether PyTorch agrees. */

import { copier } from "../lib/controls.js";
import { h, put, write } from "../lib/dom.js";
import {
  axesOf,
  broken,
  codeLine,
  cropped,
  formula,
  parameterCount,
  RULES,
  uncropped,
  WORDS_FROM,
} from "./arithmetic.js";
import { joined } from "./sheets.js";

/** What a Jupyter kernel sent that PyTorch says of just these numbers, if one did. */
function answerTo(state, { model }) {
  const pytorch = model.get("pytorch");
  return pytorch?.of && Object.keys(state).every((name) => `${pytorch.of[name]}` === `${state[name]}`)
    ? pytorch
    : null;
}

/** The output's size, which its grid says too; or PyTorch's refusal, and why in the page's language. */
export function verdict(app) {
  const { words } = app;
  const size = h("div", { class: "size" }), why = h("div"), element = h("div", { role: "status" }, size, why);
  return {
    element,
    draw(now) {
      const answer = answerTo(now.state, app), version = answer?.refusal ? answer.version : WORDS_FROM;
      write(size, now.refused ? words.refused(version) : words.outputSize(now.size.join(" × ")));
      const rule = broken(now.state);
      put(element, "className", rule ? "" : "told");
      write(why, rule ? `${answer?.refusal ?? rule.text}\n${words.why[rule.rule](...rule.about)}` : "");
    },
  };
}

/** The formula of the size, and for each axis the numbers put in. */
function formulas() {
  const general =
    "(input_size − 1)·stride − 2·padding + dilation·(kernel_size − 1) + output_padding\u00a0+\u00a01";
  const lines = [h("p"), h("p")];
  return {
    element: h("div", { class: "sum" }, h("p", {}, general), ...lines),
    draw({ setting, size }) {
      const texts = axesOf(setting).map((axis, at) => `${"HW"[at]}: ${formula(axis, size[at])}`);
      joined(texts).forEach((text, at) => write(lines[at], text));
    },
  };
}

function codeBox({ words }) {
  const code = h("code"), parameters = h("p");
  return {
    element: h("div", {}, h("div", { class: "code" }, code, copier(words, code)), parameters),
    draw({ state }) {
      const count = parameterCount(state);
      write(code, codeLine(state));
      write(parameters, Number.isInteger(count) ? words.parameters(count.toLocaleString("en")) : "");
    },
  };
}

export function result(app) {
  const parts = [formulas(), codeBox(app)], agreement = h("p", { class: "agreement" });
  let waiting = 0;
  return {
    element: h("div", { class: "result" }, ...parts.map((part) => part.element), agreement),
    draw(now) {
      for (const part of parts) part.draw(now);
      write(agreement, agreed(app, now));
      clearTimeout(waiting);
      const asked = app.model.get("pytorch")?.of && !agreement.textContent;
      if (asked) waiting = setTimeout(() => write(agreement, app.words.gone()), 3000);
    },
  };
}

/** Whether PyTorch agrees, but for rounding, where a kernel says so; or that there is no kernel any more. */
function agreed(app, now) {
  const { words } = app, { state, setting, output, refused, bias } = now, answer = answerTo(state, app);
  if (app.isLost) return words.gone(true);
  if (!answer) return "";
  const sizes = (grid) => ({ ...grid, values: grid.values.map(Math.abs) });
  const close = (rows) => {
    const { height, width, values } = cropped(uncropped(sizes(now.input), sizes(now.kernel), setting), setting);
    const near = (value, place) =>
      Math.abs(value - output.values[place]) <= 1e-5 * (values[place] + Math.abs(bias));
    return rows.length === height && rows[0].length === width && rows.flat().every(near);
  };
  const same = refused ? RULES[broken(state).rule].test(answer.refusal) : answer.output && close(answer.output);
  return (same ? words.agrees : words.disagrees)(answer.version);
}
