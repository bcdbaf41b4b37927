/* Numbers, as they are shown, and within bounds. */

/** A number in at most that many digits; more would be the processor's noise. */
export const exact = (number, digits = 12) => `${Number(number.toPrecision(digits))}`;

/** What fits a cell: four digits. */
export const shown = (number) => (Number.isInteger(number) ? `${number}` : exact(number, 4));

export const between = (low, value, high) => Math.min(Math.max(low, value), high);
