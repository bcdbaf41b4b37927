/* Trains beside the page, which answers all the while. It hears, all of it in one object or in several:
   digits   the bytes of the widget's file, once
   recipe   begins a course anew; `number` says which, and comes back with all that is told of it
   until    goes on until so many steps are done
   seen     the page has drawn what it was told last; it is told no more before */

import { advance, begun, digitsOf, seen } from "./course.js";

const SLICE = 30, EVERY = 100; // milliseconds: of work before it listens, and from one report to the next
const turn = new MessageChannel();
let digits = null, course = null, number = 0, until = 0, losses = [];
let isSeen = true, isTold = true, told = 0, isWorking = false;

const goesOn = () => course.made.steps < until && !course.diverged;

turn.port1.onmessage = () => {
  const end = performance.now() + SLICE;
  while (goesOn() && performance.now() < end) {
    losses.push(advance(course));
    isTold = false;
  }
  if (!goesOn() || performance.now() - told > EVERY) tell();
  isWorking = goesOn();
  if (isWorking) turn.port2.postMessage(0);
};

function tell() {
  if (isTold || !isSeen) return;
  const report = { number, losses: Float32Array.from(losses), goesOn: goesOn(), diverged: course.diverged };
  Object.assign(report, seen(course));
  postMessage(report, [report.losses.buffer, report.weights.buffer, report.pictures.buffer]);
  losses = [];
  isTold = true;
  isSeen = false;
  told = performance.now();
}

function begin(data) {
  course = begun(digits, data.recipe);
  number = data.number;
  until = 0;
  losses = [];
  isTold = false;
  isSeen = true;
}

self.onmessage = ({ data }) => {
  if (data.digits) {
    digits = digitsOf(data.digits);
    postMessage({ shown: digits.shown });
  }
  if (data.recipe) begin(data);
  if (data.seen === number) isSeen = true;
  if ("until" in data) {
    until = data.until === "now" ? course.made.steps : data.until;
    isTold = false;
  }
  if (!course) return;
  if (goesOn() && !isWorking) {
    isWorking = true;
    turn.port2.postMessage(0);
  } else if (!isWorking) tell();
};
