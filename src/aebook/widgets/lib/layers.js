/* The layers that a packed net can hold, each a function that makes a step of the net: of the layer's description,
   and of the tools that read its tensors (`read`) and refuse what it is given (`refuse`). */

import { average, blend, erf, fillPlanes, gather, largest, pad, product, repeat, scatter, turn } from "./loops.js";

const SIDES = [0, 1]; // down, across

/** A layer as a function of (values, shape) that gives {values, shape}: its own values, until its next call. */
export function made(description, read, path) {
  const { layer, name = "" } = description, place = path && name ? `${path}.${name}` : path || name;
  if (!Object.hasOwn(LAYERS, layer)) {
    throw new Error(`this packed net has a layer ${layer}; what is known is ${Object.keys(LAYERS).join(", ")}`);
  }
  const refuse = (accepted, given) => {
    throw new Error(`${layer}${place && ` (layer ${place})`} takes ${accepted}, and was given ${given}`);
  };
  return LAYERS[layer](description, { read, refuse, place });
}

/** Layers one after the other. */
function sequential({ layers }, { read, place }) {
  const steps = layers.map((layer) => made(layer, read, place));
  return (values, shape) => steps.reduce((batch, step) => step(batch.values, batch.shape), { values, shape });
}

/** What goes in added to what the layers make of it. */
function residual(description, tools) {
  const body = sequential(description, tools), output = room(Float32Array);
  return (values, shape) => {
    const change = body(values, shape);
    if (String(change.shape) !== String(shape)) {
      tools.refuse("layers that keep the shape", `ones that make ${said(change.shape)} of ${said(shape)}`);
    }
    const sums = output(values.length);
    for (let at = 0; at < sums.length; at++) sums[at] = values[at] + change.values[at];
    return { values: sums, shape };
  };
}

function linear({ in_features, out_features, weight, bias }, { read, refuse }) {
  const weights = read(weight), biases = read(bias), rows = room(Float64Array), output = room(Float32Array);
  return (values, shape) => {
    if (shape.at(-1) !== in_features) refuse(`${in_features} numbers in the last axis`, said(shape));
    const images = values.length / in_features, input = rows(values.length), sums = output(images * out_features);
    input.set(values);
    for (let image = 0; image < images; image++) {
      if (biases) sums.set(biases, image * out_features);
      else sums.fill(0, image * out_features, (image + 1) * out_features);
    }
    product(weights, 0, out_features, input, 0, images, in_features, sums, 0, 1, out_features);
    return { values: sums, shape: [...shape.slice(0, -1), out_features] };
  };
}

function conv2d(layer, { read, refuse }) {
  const { in_channels, out_channels, groups, padding_mode } = layer, depth = in_channels / groups;
  const [kernel, stride, dilation] = pairs(layer, "kernel_size", "stride", "dilation");
  const pads = SIDES.map((axis) => ends(layer.padding, axis, dilation[axis] * (kernel[axis] - 1)));
  const weights = read(layer.weight), biases = read(layer.bias), rows = out_channels / groups;
  const [wide, patches, output] = [room(Float32Array), room(Float64Array), room(Float32Array)];
  return (values, shape) => {
    const size = planeSize(shape, in_channels, refuse);
    const from = SIDES.map((axis) => padded(size[axis], pads[axis], padding_mode, refuse));
    const grid = SIDES.map((axis) => steps(from[axis].length, kernel[axis], stride[axis], dilation[axis]));
    requirePlane(grid, size, refuse);
    const [height, width] = from.map((places) => places.length), plane = grid[0] * grid[1];
    const sums = output(shape[0] * out_channels * plane), frame = wide(depth * height * width);
    const geometry = { kernel, stride, dilation, grid, depth, height, width };
    const length = depth * kernel[0] * kernel[1], patch = patches(plane * length);
    fillPlanes(sums, biases, out_channels, plane);
    for (let group = 0; group < shape[0] * groups; group++) {
      pad(values, group * depth, depth, size, from, frame);
      gather(frame, geometry, patch);
      const weight = (group % groups) * rows * length;
      product(weights, weight, rows, patch, 0, plane, length, sums, group * rows * plane, plane, 1);
    }
    return { values: sums, shape: [shape[0], out_channels, ...grid] };
  };
}

function convTranspose2d(layer, { read, refuse }) {
  const { in_channels, out_channels, groups } = layer, depth = in_channels / groups, width = out_channels / groups;
  const [kernel, stride, dilation] = pairs(layer, "kernel_size", "stride", "dilation");
  const [padding, added] = pairs(layer, "padding", "output_padding");
  const weights = read(layer.weight), biases = read(layer.bias), stamps = width * kernel[0] * kernel[1];
  const [pixels, columns, output] = [room(Float64Array), room(Float32Array), room(Float32Array)];
  const long = (size, axis) =>
    (size - 1) * stride[axis] - 2 * padding[axis] + dilation[axis] * (kernel[axis] - 1) + added[axis] + 1;
  return (values, shape) => {
    const size = planeSize(shape, in_channels, refuse), grid = size.map(long);
    requirePlane(grid, size, refuse);
    const plane = size[0] * size[1], turned = pixels(plane * depth), products = columns(stamps * plane);
    const sums = output(shape[0] * out_channels * grid[0] * grid[1]);
    const geometry = { kernel, stride, padding, dilation, size, grid, width };
    fillPlanes(sums, biases, out_channels, grid[0] * grid[1]);
    for (let group = 0; group < shape[0] * groups; group++) {
      turn(values, group * depth * plane, depth, plane, turned);
      const weight = (group % groups) * stamps * depth;
      products.fill(0);
      product(weights, weight, stamps, turned, 0, plane, depth, products, 0, plane, 1);
      scatter(products, geometry, sums, group * width * grid[0] * grid[1]);
    }
    return { values: sums, shape: [shape[0], out_channels, ...grid] };
  };
}

/** Batch normalization in evaluation mode: for each channel a factor, and a number that is added. */
const batchNorm = (ranks, accepted) => ({ num_features, weight, bias }, { read, refuse }) => {
  const factors = read(weight), shifts = read(bias), output = room(Float32Array);
  return (values, shape) => {
    const suits = ranks.includes(shape.length) && shape[1] === num_features;
    if (!suits) refuse(accepted(num_features), said(shape));
    const plane = count(shape.slice(2)), result = output(values.length);
    for (let first = 0, channel = 0; first < values.length; first += plane, channel++) {
      const factor = factors[channel % num_features], shift = shifts[channel % num_features];
      for (let at = first; at < first + plane; at++) result[at] = values[at] * factor + shift;
    }
    return { values: result, shape };
  };
};

/** A pool: what `pooled` makes of each window, [top, bottom) × [left, right) of a plane and the whole's size. */
const pool2d = (pooled) => (layer, { refuse }) => {
  const [kernel, stride, padding, dilation] = pairs(layer, "kernel_size", "stride", "padding", "dilation");
  const output = room(Float32Array), geometry = { kernel, stride, padding, dilation, layer };
  return (values, shape) => {
    const size = planeSize(shape, null, refuse);
    const grid = SIDES.map((axis) => poolSteps(size[axis], geometry, axis));
    requirePlane(grid, size, refuse);
    const planes = shape[0] * shape[1], result = output(planes * grid[0] * grid[1]);
    for (let plane = 0, place = 0; plane < planes; plane++) {
      const first = plane * size[0] * size[1];
      for (let row = 0; row < grid[0]; row++) {
        for (let column = 0; column < grid[1]; column++) {
          result[place++] = pooled(values, first, size, row, column, geometry);
        }
      }
    }
    return { values: result, shape: [shape[0], shape[1], ...grid] };
  };
};

function upsample(layer, { refuse }) {
  const output = room(Float32Array), draw = layer.mode === "nearest" ? repeat : blend;
  const places = layer.mode === "nearest" ? nearest : between;
  return (values, shape) => {
    const size = planeSize(shape, null, refuse), grid = SIDES.map((axis) => upsampled(layer, size[axis], axis));
    requirePlane(grid, size, refuse);
    const [down, across] = SIDES.map((axis) => places(layer, size[axis], grid[axis], axis));
    const planes = shape[0] * shape[1], result = output(planes * grid[0] * grid[1]);
    for (let plane = 0; plane < planes; plane++) {
      draw(values, plane * size[0] * size[1], size[1], down, across, result, plane * grid[0] * grid[1]);
    }
    return { values: result, shape: [shape[0], shape[1], ...grid] };
  };
}

function flatten({ start_dim, end_dim }, { refuse }) {
  return (values, shape) => {
    const [start, end] = [start_dim, end_dim].map((axis) => (axis < 0 ? shape.length + axis : axis));
    const suits = 0 <= start && start <= end && end < shape.length;
    if (!suits) refuse(`what has axes ${start_dim} to ${end_dim}`, said(shape));
    const joined = count(shape.slice(start, end + 1));
    return { values, shape: [...shape.slice(0, start), joined, ...shape.slice(end + 1)] };
  };
}

function unflatten({ dim, unflattened_size }, { refuse }) {
  return (values, shape) => {
    const axis = dim < 0 ? shape.length + dim : dim, known = count(unflattened_size.filter((size) => size >= 0));
    const sizes = unflattened_size.map((size) => (size < 0 ? shape[axis] / known : size));
    if (count(sizes) !== shape[axis] || !sizes.every(Number.isInteger)) {
      refuse(`what can be ${said(unflattened_size)} in axis ${dim}`, said(shape));
    }
    return { values, shape: [...shape.slice(0, axis), ...sizes, ...shape.slice(axis + 1)] };
  };
}

/** A layer that changes each number by itself, as `functionOf` its arguments does. */
const elementwise = (functionOf) => (layer) => {
  const change = functionOf(layer), output = room(Float32Array);
  return (values, shape) => {
    const result = output(values.length);
    for (let at = 0; at < result.length; at++) result[at] = change(values[at]);
    return { values: result, shape };
  };
};

/** The one activation that costs no more than its loop, so the loop is its own. */
function relu() {
  const output = room(Float32Array);
  return (values, shape) => {
    const result = output(values.length);
    for (let at = 0; at < result.length; at++) result[at] = values[at] < 0 ? 0 : values[at];
    return { values: result, shape };
  };
}

const unchanged = () => (values, shape) => ({ values, shape });

const logistic = (x) => 1 / (1 + Math.exp(-x));

const gelu = (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2));

const tanhGelu = (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

const LAYERS = {
  Linear: linear,
  Conv2d: conv2d,
  ConvTranspose2d: convTranspose2d,
  BatchNorm1d: batchNorm([2, 3], (channels) => `(B, ${channels}) or (B, ${channels}, L)`),
  BatchNorm2d: batchNorm([4], (channels) => `(B, ${channels}, H, W)`),
  MaxPool2d: pool2d(largest),
  AvgPool2d: pool2d(average),
  Upsample: upsample,
  Sequential: sequential,
  Residual: residual,
  ReLU: relu,
  LeakyReLU: elementwise(({ negative_slope }) => (x) => (x < 0 ? negative_slope * x : x)),
  ELU: elementwise(({ alpha }) => (x) => (x <= 0 ? alpha * Math.expm1(x) : x)),
  SiLU: elementwise(() => (x) => x / (1 + Math.exp(-x))),
  GELU: elementwise(({ approximate }) => (approximate === "tanh" ? tanhGelu : gelu)),
  Tanh: elementwise(() => Math.tanh),
  Sigmoid: elementwise(() => logistic),
  Softplus: elementwise(({ beta, threshold }) => (x) =>
    x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta
  ),
  Flatten: flatten,
  Unflatten: unflatten,
  Identity: unchanged,
  Dropout: unchanged,
};

// ---------------------------------------------------------------------- Shapes, and room for values

export const count = (shape) => shape.reduce((all, size) => all * size, 1);

export const said = (shape) => `(${shape.join(", ")})`;

/** A number for both axes, or one for each, as [down, across]. */
const pair = (value) => (Array.isArray(value) ? [value[0], value.at(-1)] : [value, value]);

/** Some of a layer's arguments as pairs; one that it does not have is 1. */
const pairs = (layer, ...names) => names.map((name) => pair(layer[name] ?? 1));

/** A place for values that is kept: a function that gives as many as are asked for, left as they are. */
function room(Numbers) {
  let all = new Numbers(0), part = all;
  return (length) => {
    if (length > all.length) part = all = new Numbers(length);
    else if (length !== part.length) part = all.subarray(0, length);
    return part;
  };
}

/** [H, W] of a batch of planes (B, channels, H, W); any number of channels where that is null. */
function planeSize(shape, channels, refuse) {
  if (shape.length !== 4 || (channels !== null && shape[1] !== channels)) {
    refuse(`(B, ${channels ?? "C"}, H, W)`, said(shape));
  }
  return shape.slice(2);
}

function requirePlane(grid, size, refuse) {
  const large = grid.every((length) => Number.isInteger(length) && length >= 1);
  if (!large) refuse("planes of which at least 1 × 1 is left", `${size.join(" × ")}: ${grid.join(" × ")} is left`);
}

/** How often a kernel finds room on an axis. */
const steps = (size, kernel, stride, dilation) => Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;

/** The same for a pool, whose last window may reach past the end if ceil_mode lets it, but begins before it. */
function poolSteps(size, { kernel, stride, padding, dilation, layer }, axis) {
  const free = size + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1;
  if (!layer.ceil_mode) return Math.floor(free / stride[axis]) + 1;
  const windows = Math.ceil(free / stride[axis]) + 1;
  return (windows - 1) * stride[axis] >= size + padding[axis] ? windows - 1 : windows;
}

/** Of a convolution's padding on one axis, how much lies before and after; "same" puts an odd one after. */
function ends(padding, axis, reach) {
  if (padding === "valid") return [0, 0];
  if (padding === "same") return [Math.floor(reach / 2), Math.ceil(reach / 2)];
  return [pair(padding)[axis], pair(padding)[axis]];
}

/** For each place of a padded axis the index that it is a copy of; -1 where it is 0. */
function padded(size, [before, after], mode, refuse) {
  const most = { zeros: Infinity, replicate: Infinity, reflect: size - 1, circular: size }[mode];
  if (Math.max(before, after) > most) {
    refuse(`${mode} padding of at most ${most} for an axis of ${size}`, Math.max(before, after));
  }
  const index = {
    zeros: (at) => (at < 0 || at >= size ? -1 : at),
    replicate: (at) => Math.max(0, Math.min(size - 1, at)),
    reflect: (at) => size - 1 - Math.abs(size - 1 - Math.abs(at)),
    circular: (at) => (at + size) % size,
  }[mode];
  return Int32Array.from({ length: Math.max(0, before + size + after) }, (_, at) => index(at - before));
}

/** How long an axis is after Upsample. */
const upsampled = ({ size, scale_factor }, length, axis) =>
  size === null ? Math.floor(length * pair(scale_factor)[axis]) : pair(size)[axis];

/** How far apart in the input two neighbours of the output lie. In float32, like PyTorch: indices hang on it. */
function spacing({ scale_factor, recompute_scale_factor, align_corners }, size, length, axis) {
  if (align_corners) return length > 1 ? Math.fround((size - 1) / (length - 1)) : 0;
  const given = scale_factor !== null && !recompute_scale_factor;
  return Math.fround(given ? 1 / pair(scale_factor)[axis] : size / length);
}

/**
 * For each place of the output's axis the one of the input's that it repeats.
 * Where the axis keeps its length, or doubles it, PyTorch does not ask for the exact scale_factor.
 */
function nearest(layer, size, length, axis) {
  const whole = length === size || length === 2 * size;
  const apart = whole ? size / length : spacing(layer, size, length, axis);
  return Int32Array.from({ length }, (_, at) => Math.min(size - 1, Math.floor(Math.fround(at * apart))));
}

/** For each place of the output's axis the two of the input's that it lies between, and how near the second is. */
function between(layer, size, length, axis) {
  const apart = spacing(layer, size, length, axis), half = layer.align_corners ? 0 : 0.5;
  return Array.from({ length }, (_, at) => {
    const exact = size === length ? at : Math.max(0, Math.fround(Math.fround(apart * (at + half)) - half));
    const low = Math.min(size - 1, Math.floor(exact));
    return [low, Math.min(size - 1, low + 1), Math.min(1, exact - low)];
  });
}
