/* The settings of a widget as its spec.json says them: what they are at first, and what they take. */

const LARGEST = (2 - 2 ** -23) * 2 ** 127; // of PyTorch's numbers, which are float32

/** Every setting as it is at first; those that follow from another ("when") and bytes have no say yet. */
export function defaultsOf({ settings }) {
  const own = Object.entries(settings).filter(([, { kind, when }]) => kind !== "bytes" && !when);
  return Object.fromEntries(own.map(([name, setting]) => [name, setting.default]));
}

/** The lowest and the highest value of a setting. */
export const rangeOf = ({ low = -LARGEST, high = LARGEST }) => [low, high];

/** Whether the setting of that name takes that value, which may come from a page's address and be anything. */
export function takes({ settings }, name, value) {
  return Object.hasOwn(settings, name) && KINDS[settings[name].kind](value, settings[name]);
}

/** Whether the page's address keeps that setting, in a state. */
export function isKept({ settings }, name, state) {
  const { kind, address = true, when = {} } = settings[name] ?? { address: false };
  return address && kind !== "bytes" && Object.entries(when).every(([other, value]) => state[other] === value);
}

const isNumber = (value, { low = -LARGEST, high = LARGEST } = {}) =>
  typeof value === "number" && value >= low && value <= high;
const isWhole = (value, { low, high }) => Number.isInteger(value) && value >= low && value <= high;
const areNumbers = (all, { longest }) =>
  Array.isArray(all) && all.length <= longest && all.every((value) => isNumber(value));

/** Whether those are rows of numbers, equally long, at most `longest` each way. */
export function areRows(rows, { longest }) {
  const length = rows?.[0]?.length;
  const isRow = (row) => areNumbers(row, { longest }) && row.length === length;
  return Array.isArray(rows) && rows.length <= longest && length > 0 && rows.every(isRow);
}

/** Rows of whole numbers, as many as there are columns, each within the bounds of its column. */
function isTable(rows, { columns, longest }) {
  const bounds = Object.values(columns);
  const isRow = (row) =>
    Array.isArray(row) && row.length === bounds.length && row.every((one, at) => isWhole(one, bounds[at]));
  return Array.isArray(rows) && rows.length > 0 && rows.length <= longest && rows.every(isRow);
}

const KINDS = {
  whole: isWhole,
  pair: (value, setting) =>
    Array.isArray(value)
      ? value.length === 2 && value.every((one) => isWhole(one, setting))
      : isWhole(value, setting),
  number: isNumber,
  flag: (value) => typeof value === "boolean",
  choice: (value, { of }) => of.includes(value),
  numbers: areNumbers,
  rows: areRows,
  table: isTable,
  text: (value, { longest }) => typeof value === "string" && value.length <= longest,
  bytes: () => false,
};
