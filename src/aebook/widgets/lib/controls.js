/* Controls that widgets share. Each is made once, and its draw(…) shows what is set. */

import { button, copy, h, put, write } from "./dom.js";

/** A slider for whole numbers from `min` to `max`, and a field for them; `take` is given those a reader sets. */
export function slider(label, [min, max], take) {
  let now = min;
  const set = ({ target: { valueAsNumber: value } }) => {
    if (Number.isInteger(value) && value >= min && value <= max) take(value);
  };
  const field = (type) => h("input", { type, min, max, step: 1, "aria-label": label, oninput: set });
  const [range, number] = [field("range"), field("number")];
  number.addEventListener("change", () => {
    number.value = now; // what was refused goes back
  });
  return {
    element: h("div", { class: "slider" }, h("span", { "aria-hidden": "true" }, label), range, number),
    draw(value) {
      now = value;
      for (const one of [range, number]) {
        const typing = one === document.activeElement && !one.validity.valid;
        if (!typing) put(one, "value", `${value}`);
      }
    },
  };
}

/** Tabs, a group of radio buttons: `texts` says what each value is called, `choose` is given the value. */
export function tabs(legend, texts, choose) {
  const name = `aebook-tabs-${Math.random()}`; // a count would not do: JupyterLab loads this module for each view
  const radios = Object.keys(texts).map((value) =>
    h("input", { type: "radio", name, value, onchange: () => choose(value) })
  );
  const labels = radios.map((radio) => h("label", {}, radio, texts[radio.value]));
  return {
    element: h("fieldset", { class: "tabs" }, h("legend", { class: "told" }, legend), ...labels),
    draw(value) {
      for (const radio of radios) radio.checked = radio.value === value;
    },
  };
}

/** A button that copies what an element holds, or selects it where nothing may be copied. Words: copy, copied. */
export function copier(words, code) {
  const taker = button(words.copy, async () => {
    if (!(await copy(code.textContent))) return getSelection().selectAllChildren(code);
    write(taker, words.copied);
    setTimeout(() => write(taker, words.copy), 1500);
  });
  return taker;
}
