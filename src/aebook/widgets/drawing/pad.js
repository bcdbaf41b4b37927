/* The pad: a canvas that a mouse, a finger, a pen and the arrow keys draw on. */

import { h, QUIET, write } from "../lib/dom.js";
import { status } from "../lib/frame.js";
import { paint } from "../lib/pictures.js";
import { SIDE } from "./prepare.js";
import { moved, pixel, rasterOf, segment } from "./strokes.js";

const STEP = 4; // pixels that an arrow key moves the pen; ten times that with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The pad's element, and what draws on it.
 * @param {object} app its `begin()` starts a stroke and gives the raster that it goes into, `goOn()` says that the
 *   raster has changed, `finish(stroke)` that the stroke is whole, `drop()` that it is not to be
 */
export function pad(app) {
  const canvas = h("canvas", {
    class: "picture pad",
    width: SIDE,
    height: SIDE,
    tabindex: 0,
    role: "application",
    "aria-label": app.words.padLabel,
    "aria-describedby": `${app.id}-keys`,
  });
  canvas.setAttribute(...QUIET);
  const hint = h("span", { class: "hint", "aria-hidden": "true" }, app.words.drawHere);
  const cursor = h("span", { class: "cursor", hidden: true });
  const told = status();
  const keys = h("span", { class: "told", id: `${app.id}-keys` }, app.words.padKeys);
  const element = h("div", { class: "paper" }, canvas, hint, cursor, told, keys);
  const pen = new Pen(app);
  byPointer(canvas, pen);
  byKeys(canvas, pen, cursor, (text) => write(told, text), app.words);

  function draw(raster, ink) {
    paint(canvas, raster, ink, 255);
    hint.hidden = raster.some((grey) => grey);
  }
  return { element, draw, isDrawing: () => pen.stroke !== null };
}

/** What is being drawn, whatever draws it. */
class Pen {
  constructor(app) {
    Object.assign(this, { app, stroke: null, raster: null });
  }

  /** Sets the pen down at a place of the pad. */
  down(x, y) {
    this.raster = this.app.begin();
    this.stroke = [pixel(x), pixel(y)];
    segment(this.raster, this.stroke, 0, 0);
  }

  /** Draws on to a place; nothing where that is as good as the last one. */
  to(x, y) {
    const { stroke } = this, [across, down] = [pixel(x), pixel(y)];
    if (!moved(stroke, across, down)) return;
    stroke.push(across, down);
    segment(this.raster, stroke, stroke.length - 4, stroke.length - 2);
  }

  up() {
    const { stroke } = this;
    this.stroke = null;
    this.app.finish(stroke);
  }

  drop() {
    this.stroke = null;
    this.app.drop();
  }
}

/** Draws with the one pointer that came down first; all the places that it passed, also between two frames. */
function byPointer(canvas, pen) {
  let active = null;
  const place = ({ clientX, clientY }, box) => [
    ((clientX - box.left) * SIDE) / box.width - 0.5,
    ((clientY - box.top) * SIDE) / box.height - 0.5,
  ];
  canvas.addEventListener("pointerdown", (event) => {
    if (active !== null || pen.stroke || event.button > 0) return;
    active = event.pointerId;
    canvas.setPointerCapture(active);
    pen.down(...place(event, canvas.getBoundingClientRect()));
    pen.app.goOn();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== active) return;
    const box = canvas.getBoundingClientRect(), all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length ? all : [event]) pen.to(...place(each, box));
    pen.app.goOn();
  });
  const ends = (finish) => (event) => {
    if (event.pointerId !== active) return;
    active = null;
    finish();
  };
  canvas.addEventListener("pointerup", ends(() => pen.up()));
  canvas.addEventListener("pointercancel", ends(() => pen.drop()));
}

/** Arrow keys move a pen that the space bar sets down and lifts. */
function byKeys(canvas, pen, cursor, tell, words) {
  const at = [SIDE / 2, SIDE / 2];
  const show = () => {
    cursor.hidden = document.activeElement !== canvas || !canvas.matches(":focus-visible");
    cursor.classList.toggle("down", pen.stroke !== null);
    [cursor.style.left, cursor.style.top] = at.map((place) => `${(100 * (place + 0.5)) / SIDE}%`);
  };
  const move = (way, step) => {
    for (const axis of [0, 1]) at[axis] = Math.max(0, Math.min(SIDE - 1, at[axis] + step * way[axis]));
    if (pen.stroke) pen.to(...at);
  };
  const press = () => {
    if (pen.stroke) pen.up();
    else pen.down(...at);
    tell(pen.stroke ? words.penDown : words.penUp);
  };
  canvas.addEventListener("keydown", (event) => {
    const isPress = event.key === " " || event.key === "Enter", way = ARROWS[event.key];
    if (!way && !isPress) return;
    event.preventDefault();
    if (isPress) press();
    else move(way, event.shiftKey ? 10 * STEP : STEP);
    if (pen.stroke) pen.app.goOn();
    show();
  });
  canvas.addEventListener("focus", show);
  canvas.addEventListener("blur", () => {
    if (pen.stroke) press();
    show();
  });
}

/** An empty raster for a new drawing. */
export const emptyPad = () => rasterOf();
