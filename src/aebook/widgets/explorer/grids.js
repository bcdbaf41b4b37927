/* Grids of numbers: tables and, where they are large, pictures of the whole beside a table of a part. */

import { h, put, QUIET, write } from "../lib/dom.js";
import { between, shown } from "./numbers.js";
import { CUT, LOOKS, sides } from "./sheets.js";

const TABLE_LIMIT = 16; // a grid with more rows or columns is an overview and a table of this many around one cell

/** How strong a number's colour is: half a sum may exceed all of it. */
const share = (number, most) => Math.min(1, Math.abs(number) / most);

/** A grid as a picture, a pixel a number, with a frame around what the table below it shows.

    The pointer alone moves it: by the arrow keys one reaches every cell in the table, and the frame follows. */
class Overview {
  constructor(point) {
    this.canvas = h("canvas", { role: "img" });
    this.frame = h("div", { class: "frame" });
    this.element = h("div", { class: "overview" }, this.canvas, this.frame);
    if (point) this.canvas.addEventListener("pointermove", (event) => point(...this.place(event)));
  }

  place({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect(), { start, grid } = this.sheet;
    const at = (part, count) => between(0, Math.floor(part * count), count - 1);
    return [
      start[0] + at((clientY - box.top) / box.height, grid.height),
      start[1] + at((clientX - box.left) / box.width, grid.width),
    ];
  }

  draw(sheet, origin, sizes, colours) {
    this.sheet = sheet;
    const { title, grid, start } = sheet;
    for (const side of ["height", "width"]) put(this.canvas, side, grid[side]);
    put(this.canvas, "ariaLabel", title);
    this.canvas.getContext("2d").putImageData(painted(sheet, colours), 0, 0);
    const percent = (part, axis) => `${(100 * part) / sides(grid)[axis]}%`;
    const [top, left] = [0, 1].map((axis) => percent(origin[axis] - start[axis], axis));
    Object.assign(this.frame.style, { top, left, height: percent(sizes[0], 0), width: percent(sizes[1], 1) });
  }
}

/** The sheet's numbers as pixels, each written as the four bytes alpha, blue, green, red. */
function painted({ grid: { height, width, values }, looks, marked, most }, colours) {
  const picture = new ImageData(width, height), pixels = new Uint32Array(picture.data.buffer);
  const [above, below, trace, cut] = colours.map(([red, green, blue]) => (blue << 16) | (green << 8) | red);
  for (let row = 0, place = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const number = values[place] || 0; // nothing where it is NaN
      let colour = number < 0 ? below : above, opacity = share(number, most);
      if (marked[0][row] && marked[1][column]) [colour, opacity] = [trace, 1];
      else if ((looks[0][row] | looks[1][column]) & CUT) [colour, opacity] = [cut, 0.25 + 0.4 * opacity];
      pixels[place++] = ((255 * opacity) << 24) | colour;
    }
  }
  return picture;
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function cellIn(row, tag, attributes) {
  const text = new Text(), element = h(tag, attributes, text);
  row.append(element);
  return { element, text, value: "", look: "" };
}

function fillCell(cell, value, look = "") {
  if (cell.value !== value) {
    cell.value = value;
    cell.text.data = value;
  }
  if (cell.look !== look) {
    cell.look = look;
    cell.element.className = look;
  }
}

/** The class of a number's colour: p1 to p8 above 0, n1 to n8 below. */
const tint = (number, most) => number ? `${number < 0 ? "n" : "p"}${Math.ceil(share(number, most) * 8)}` : "";

/** Brings a list to that length, making and removing no more than it takes. */
function fit(list, length, make) {
  while (list.length > length) list.pop().element.remove();
  while (list.length < length) list.push(make());
}

// A box that scrolls and holds no cell to focus has to be reached by Tab itself, or the keyboard cannot scroll it.
export const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = target;
    target.tabIndex = scrollWidth > clientWidth || scrollHeight > clientHeight ? 0 : -1;
  }
});

/** A grid of numbers: a table and, where it is large, an overview, in the words and colours of the explorer `app`.
    `point` is told where one points. */
export class NumberGrid {
  constructor(name, app, point) {
    Object.assign(this, { app, point, names: [], rows: [], origin: [0, 0], stop: null });
    this.caption = h("caption");
    this.head = h("tr", {}, h("td"));
    this.body = h("tbody");
    this.table = h("table", { "data-grid": name }, this.caption, h("thead", {}, this.head), this.body);
    this.overview = new Overview(point);
    const box = h("div", { class: "scroll" }, this.table);
    this.element = h("div", { class: "grid" }, this.overview.element, box);
    if (point) this.listen();
    else scrollers.observe(box);
  }

  listen() {
    const pointed = ({ target, type }) => {
      const place = this.place(target);
      if (place) this.point(...place, type === "focusin");
    };
    for (const event of ["pointermove", "pointerdown", "focusin"]) this.table.addEventListener(event, pointed);
    this.table.addEventListener("keydown", (event) => this.pressed(event));
  }

  draw(sheet) {
    this.sheet = sheet;
    const { title, grid } = sheet, sizes = sides(grid).map((size) => Math.min(size, TABLE_LIMIT));
    const large = Math.max(...sides(grid)) > TABLE_LIMIT;
    this.scroll(sizes);
    this.resize(...sizes);
    this.fill();
    this.rove();
    const [rows, columns] = this.origin.map((first, axis) => `${first}–${first + sizes[axis] - 1}`);
    write(this.caption, large ? `${title}: ${this.app.words.window(rows, columns)}` : title);
    this.overview.element.hidden = !large;
    if (large) this.overview.draw(sheet, this.origin, sizes, this.app.colours);
  }

  /** Moves the table's first row and column as little as shows the current cell. */
  scroll(sizes) {
    const { start, grid, current } = this.sheet;
    this.origin = this.origin.map((first, axis) => {
      const near = current ? between(current[axis] - sizes[axis] + 1, first, current[axis]) : first;
      return between(start[axis], near, start[axis] + sides(grid)[axis] - sizes[axis]);
    });
  }

  resize(rows, columns) {
    fit(this.names, columns, () => cellIn(this.head, "th", { scope: "col" }));
    fit(this.rows, rows, () => {
      const element = h("tr");
      this.body.append(element);
      return { element, name: cellIn(element, "th", { scope: "row" }), cells: [] };
    });
    for (const { element, cells } of this.rows) fit(cells, columns, () => cellIn(element, "td"));
  }

  fill() {
    const { grid, start, looks, marked, most } = this.sheet, [top, left] = this.origin;
    let digits = 1; // of the longest number, for which each column has room
    this.names.forEach((name, across) => fillCell(name, `${left + across}`));
    this.rows.forEach(({ name, cells }, down) => {
      fillCell(name, `${top + down}`);
      const row = top + down - start[0], first = left - start[1];
      cells.forEach((cell, across) => {
        const number = grid.values[row * grid.width + first + across];
        const value = Number.isNaN(number) ? "" : shown(number),
          look = LOOKS[looks[0][row] | looks[1][first + across]];
        digits = Math.max(digits, value.length);
        fillCell(
          cell,
          value,
          `${tint(number, most)}${look}${marked[0][row] && marked[1][first + across] ? " mark" : ""}`,
        );
      });
    });
    // As custom properties the two numbers would be handed down, and all cells styled anew at each change.
    const columns = this.names.length, column = `max(var(--cell), ${digits} * var(--digit) + 5px)`;
    this.table.style.width = `calc(${columns} * ${column} + 22px)`;
    put(this.table, "className", columns > 12 ? "small many" : columns > 8 ? "many" : "");
  }

  /** The row and the column of a cell with a number, or null for anything else. */
  place(element) {
    if (element.tagName !== "TD" || element.parentNode === this.head) return null;
    return [this.origin[0] + element.parentNode.rowIndex - 1, this.origin[1] + element.cellIndex - 1];
  }

  pressed(event) {
    const step = ARROWS[event.key], from = this.place(event.target), { start, grid } = this.sheet;
    if (!step || !from) return;
    event.preventDefault();
    event.stopPropagation();
    const to = from.map((at, axis) => between(start[axis], at + step[axis], start[axis] + sides(grid)[axis] - 1));
    this.point(...to, true);
    this.stop.focus();
  }

  /** One cell at a time is in the tab order; the arrow keys go on from it. */
  rove() {
    if (!this.point) return;
    const [row, column] = this.sheet.current ?? this.origin;
    const next = this.rows[row - this.origin[0]].cells[column - this.origin[1]].element;
    if (next === this.stop) return;
    for (const [name, value] of [["tabindex", "0"], QUIET]) {
      this.stop?.removeAttribute(name);
      next.setAttribute(name, value);
    }
    this.stop = next;
  }
}
