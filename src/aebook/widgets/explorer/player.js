/* Plays something that has steps. */

import { button, h, labelled, write } from "../lib/dom.js";
import { between } from "./numbers.js";

/** Play, pause, step, scrub and speed; it begins at the last step, and calls `show` for each other.

    Words: play, pause, back, forward, step, speed, stepOf(step, steps). */
export class Player {
  constructor(words, show) {
    Object.assign(this, { words, show, step: Infinity, steps: 0, frame: 0 });
    const go = (to) => {
      this.pause();
      this.go(to);
    };
    this.toggle = button("", () => (this.frame ? this.pause() : this.play()));
    this.scrub = h("input", { type: "range", min: 0, "aria-label": words.step });
    this.scrub.addEventListener("input", () => go(this.scrub.valueAsNumber));
    this.speed = h("input", { type: "number", min: 1, max: 30, value: 4 });
    this.counter = h("span", { class: "counter" });
    const back = button(words.back, () => go(this.step - 1)),
      forward = button(words.forward, () => go(this.step + 1));
    const speed = labelled(words.speed, this.speed);
    this.element = h("div", { class: "player" }, this.toggle, back, forward, this.scrub, this.counter, speed);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.pause();
  }

  draw(steps) {
    if (this.step >= this.steps) this.step = steps; // at the end it stays at the end
    this.steps = steps;
    this.step = Math.min(this.step, steps);
    this.element.hidden = !steps;
    this.toggle.hidden = this.calm.matches; // motion only where it is welcome; the steps remain
    this.scrub.max = steps;
    this.scrub.value = this.step;
    write(this.counter, this.words.stepOf(this.step, steps));
  }

  go(to) {
    this.step = between(0, to, this.steps);
    this.show();
  }

  play() {
    if (this.step === this.steps) this.go(0);
    let due = performance.now();
    const tick = (time) => {
      this.frame = requestAnimationFrame(tick);
      if (time < due) return;
      due = Math.max(due, time - 1000) + 1000 / between(1, this.speed.valueAsNumber || 1, 30);
      this.go(this.step + 1);
      if (this.step >= this.steps) this.pause();
    };
    this.frame = requestAnimationFrame(tick);
    write(this.toggle, this.words.pause);
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    write(this.toggle, this.words.play);
  }
}
