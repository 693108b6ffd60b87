// @ts-check
/**
 * The cases whose output bits are hashed in every runtime. A case is one call of an engine:
 *
 *   engine[operation](logits, second?, options?)
 *
 * where `second` is what stands between logits and options: targets, or k. To add one, add a line,
 * and if the operation is new its oracle in ../oracles.ts; then `npm run conformance:update`.
 */
import { SPECIALS, bells, halves, indices, probabilities } from "./numbers.mjs";

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} operation
 * @property {any} logits
 * @property {any} [second]
 * @property {Record<string, any>} [options]
 * @property {boolean} [tensor] whether the logits are placed in linear memory first
 */

const matrix = (/** @type {number} */ rows, /** @type {number} */ classes, more = {}) => ({
  data: bells(rows * classes, more),
  shape: [rows, classes],
});

/** Round the lane width, the blocks of 1024, and a row longer than a tile. */
const CLASSES = [1, 2, 3, 4, 5, 7, 8, 10, 13, 16, 17, 31, 33, 64, 65, 100, 1000, 1024, 1027, 40001];
/** A staged row of more elements is fed to the kernels in segments. */
const SEGMENTED = { data: bells(600_001), shape: [1, 600_001] };

/** Each special beside ordinary logits, all of one sign beside another, and masked rows. */
const SPECIAL_ROWS = {
  data: Float32Array.from(
    [
      ...SPECIALS.map((special) => [0.5, special, -1.25, 3, 2.5]),
      [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
      [1e30, 1e30, 1e30, -1e30, 0],
      [-0, 0, -0, 0, -0],
    ].flat(),
  ),
  shape: [SPECIALS.length + 3, 5],
};

/** @returns {Case[]} */
function ofRows(/** @type {string} */ operation) {
  return [
    ...CLASSES.map((classes) => ({
      name: `${operation} of 3 rows of ${classes}`,
      operation,
      logits: matrix(3, classes),
    })),
    { name: `${operation} of a row in segments`, operation, logits: SEGMENTED },
    { name: `${operation} of specials`, operation, logits: SPECIAL_ROWS },
    {
      name: `${operation} far from 0`,
      operation,
      logits: matrix(5, 33, { mean: 1500, deviation: 20 }),
    },
    {
      name: `${operation} along the middle axis`,
      operation,
      logits: { data: bells(3 * 9 * 7), shape: [3, 9, 7] },
      options: { axis: 1 },
    },
    { name: `${operation} of a tensor`, operation, logits: matrix(9, 65), tensor: true },
    {
      name: `${operation} of a tensor that grows the memory`,
      operation,
      logits: matrix(300, 1000),
      tensor: true,
    },
    ...ofDtypes(operation),
  ];
}

/** @returns {Case[]} */
function ofDtypes(/** @type {string} */ operation) {
  const shape = [4, 37];
  return [
    {
      name: `${operation} of float64`,
      operation,
      logits: { data: Float64Array.from(bells(148), (x) => x * (1 + 2 ** -30)), shape },
    },
    ...["float16", "bfloat16"].map((dtype) => ({
      name: `${operation} of ${dtype}`,
      operation,
      logits: { data: halves(148, /** @type {any} */ (dtype)), shape, dtype },
    })),
    { name: `${operation} of numbers`, operation, logits: Array.from(bells(11)) },
    { name: `${operation} of a bare Float32Array`, operation, logits: bells(21) },
  ];
}

/** @returns {Case[]} */
function ofElements(/** @type {string} */ operation, options = {}) {
  return [
    ...[1, 2, 3, 4, 5, 8, 17, 129, 1000, 40001].map((length) => ({
      name: `${operation} of ${length} elements`,
      operation,
      logits: bells(length, { deviation: 12 }),
      options,
    })),
    { name: `${operation} of specials`, operation, logits: Float32Array.from(SPECIALS), options },
    ...ofDtypes(operation).map((one) => ({ ...one, options })),
  ];
}

/** @returns {Case} */
function crossEntropy(
  /** @type {string} */ name,
  options = {},
  logits = matrix(37, 10),
  second = indices(37, 10, { ignored: 0.1 }),
) {
  return { name: `crossEntropy ${name}`, operation: "crossEntropy", logits, second, options };
}

const WEIGHT = Float32Array.from([1, 2, 0.5, 0.25, 3, 1.5, 1, 0.75, 2.5, 0.125]);
const LABELS = Float32Array.from(indices(148, 2));

/** @returns {Case[]} Sums of the losses that go beside cross entropy, with gradients. */
function ofLosses(/** @type {number} */ classes) {
  const shape = [4, classes];
  const labels = Float32Array.from(indices(4 * classes, 2));
  const lists = Int32Array.from(indices(4 * classes, classes), (y, i) =>
    i % classes < 2 ? y : -1,
  );
  const all = {
    focalLoss: { second: indices(4, classes), gamma: 1.5 },
    polyLoss: { second: indices(4, classes) },
    sigmoidFocalLoss: { second: { data: labels, shape }, alpha: 0.25 },
    klDivLoss: { second: { data: probabilities(4, classes), shape } },
    distillationLoss: {
      second: { data: bells(4 * classes, { seed: 2 }), shape },
      temperature: 2,
      direction: classes % 2 === 0 ? "forward" : "jensenShannon",
    },
    multiMarginLoss: { second: indices(4, classes) },
    multilabelMarginLoss: { second: { data: lists, shape } },
    multilabelSoftMarginLoss: { second: { data: labels, shape } },
    softMarginLoss: { second: { data: labels.map((z) => 2 * z - 1), shape } },
    sampledSoftmaxLoss: {
      second: indices(4, classes),
      sampled: Array.from({ length: classes - 1 }, (_unused, i) => i),
      classes,
    },
  };
  return Object.entries(all).map(([operation, { second, ...options }]) => ({
    name: `${operation} of ${classes} classes`,
    operation,
    logits: matrix(4, classes),
    second,
    options: { ...options, reduction: "sum", grad: true },
  }));
}

/** @type {readonly Case[]} */
export const CASES = [
  ...ofRows("softmax"),
  {
    name: "softmax with temperature",
    operation: "softmax",
    logits: matrix(4, 19),
    options: { temperature: 0.7 },
  },
  {
    name: "softmax of masked rows as zeros",
    operation: "softmax",
    logits: SPECIAL_ROWS,
    options: { allMasked: "zero" },
  },
  ...ofRows("logSoftmax"),
  ...ofRows("logSumExp"),
  {
    name: "logSumExp along two axes",
    operation: "logSumExp",
    logits: { data: bells(3 * 9 * 7), shape: [3, 9, 7] },
    options: { axis: [0, 2], keepDims: true },
  },

  ...ofElements("sigmoid"),
  ...ofElements("logSigmoid"),
  ...ofElements("softplus"),
  ...ofElements("threshold", { probability: 0.3 }),

  crossEntropy("mean"),
  crossEntropy("mean with gradient", { grad: true }),
  crossEntropy("none with gradient", { reduction: "none", grad: true }),
  crossEntropy(
    "sum of bigint targets",
    { reduction: "sum" },
    matrix(9, 5),
    /** @type {any} */ (BigInt64Array.from(indices(9, 5), BigInt)),
  ),
  crossEntropy("with weight", { weight: WEIGHT, grad: true }),
  crossEntropy("with smoothing", { labelSmoothing: 0.1, grad: true }),
  crossEntropy("with weight and smoothing", { weight: WEIGHT, labelSmoothing: 0.2, grad: true }),
  crossEntropy("with temperature", { temperature: 2.5, grad: true }),
  crossEntropy("with softcap", { softcap: 5, grad: true }),
  crossEntropy("with zLoss", { zLoss: 1e-3, grad: true }),
  crossEntropy("with upstream", { upstream: -2.5, grad: true }),
  crossEntropy(
    "along the class axis of images",
    { axis: 1, grad: true },
    {
      data: bells(2 * 6 * 3 * 5),
      shape: [2, 6, 3, 5],
    },
    indices(30, 6),
  ),
  ...[2, 3, 4, 17, 64, 1000, 1027].map((classes) =>
    crossEntropy(`of ${classes} classes`, { grad: true }, matrix(6, classes), indices(6, classes)),
  ),
  crossEntropy("of a row in segments", { grad: true }, SEGMENTED, indices(1, 600_001)),
  crossEntropy("of specials", { reduction: "none", grad: true }, SPECIAL_ROWS, indices(19, 5)),
  crossEntropy(
    "of probabilities",
    { grad: true },
    matrix(8, 23),
    /** @type {any} */ ({ data: probabilities(8, 23), shape: [8, 23] }),
  ),

  ...[3, 10, 1000].map((classes) => ({
    name: `nllLoss of ${classes} classes`,
    operation: "nllLoss",
    logits: { data: bells(5 * classes).map((x) => -Math.abs(x)), shape: [5, classes] },
    second: indices(5, classes),
    options: { grad: true },
  })),

  ...[{}, { reduction: "none" }, { posWeight: 3 }, { labelSmoothing: 0.1, reduction: "sum" }].map(
    (options) => ({
      name: `binaryCrossEntropyWithLogits ${JSON.stringify(options)}`,
      operation: "binaryCrossEntropyWithLogits",
      logits: matrix(4, 37),
      second: { data: LABELS, shape: [4, 37] },
      options: { ...options, grad: true },
    }),
  ),

  ...[5, 10, 37, 70].flatMap(ofLosses),
  {
    name: "ctcLoss of two samples",
    operation: "ctcLoss",
    logits: { data: bells(5 * 2 * 4).map((x) => -Math.abs(x)), shape: [5, 2, 4] },
    second: [[1, 2], [3]],
    options: { reduction: "sum", grad: true },
  },

  ...ofRows("argmax"),
  ...[1, 3, 5].map((k) => ({
    name: `topK of ${k} specials`,
    operation: "topK",
    logits: SPECIAL_ROWS,
    second: k,
  })),
  ...[
    { k: 5, classes: 100, options: {} },
    { k: 100, classes: 100, options: { largest: false } },
    { k: 7, classes: 40001, options: {} },
  ].map(({ k, classes, options }) => ({
    name: `topK of ${k} of ${classes} ${JSON.stringify(options)}`,
    operation: "topK",
    logits: matrix(3, classes),
    second: k,
    options,
  })),

  ...[
    { classes: 10, options: { seed: 1 } },
    { classes: 1027, options: { seed: 2 ** 52, row: 99, step: 7, temperature: 3 } },
    { classes: 40001, options: { topK: 50, topP: 0.95, temperature: 0.8, seed: 3 } },
    { classes: 40001, options: { minP: 0.01, typicalP: 0.7, temperature: 2, step: 12345 } },
    { classes: 1000, options: { temperature: 0 } },
  ].map(({ classes, options }) => ({
    name: `sample of 8 rows of ${classes} ${JSON.stringify(options)}`,
    operation: "sample",
    logits: matrix(8, classes),
    options,
  })),
  {
    name: "sample with bias and penalties",
    operation: "sample",
    logits: matrix(1, 500),
    options: { logitBias: [[3, 4]], outputIds: [7, 7, 9], repetitionPenalty: 1.5, bannedIds: [0] },
  },
  ...[
    { classes: 5, options: { seed: 1 } },
    { classes: 10, options: { tau: 0.3, step: 9 } },
    { classes: 1027, options: { hard: true, seed: 2 ** 52 } },
  ].map(({ classes, options }) => ({
    name: `gumbelSoftmax of ${classes} classes ${JSON.stringify(options)}`,
    operation: "gumbelSoftmax",
    logits: matrix(6, classes),
    options,
  })),
  { name: "gumbelSoftmax of specials", operation: "gumbelSoftmax", logits: SPECIAL_ROWS },

  ...[2, 3, 10, 64, 65, 1000, 1027, 40001].map((classes) => ({
    name: `score of ${classes} classes`,
    operation: "score",
    logits: matrix(7, classes),
    second: indices(7, classes),
    options: { topK: 2 },
  })),
  { name: "score of specials", operation: "score", logits: SPECIAL_ROWS, second: indices(19, 5) },
  {
    name: "score of a row in segments",
    operation: "score",
    logits: SEGMENTED,
    second: indices(1, 600_001),
  },
];

/** Runs one case on an engine; tensors are disposed after `read` has seen the result. */
export function runCase(
  /** @type {any} */ engine,
  /** @type {Case} */ { operation, logits, second, options, tensor },
  /** @type {(result: any) => any} */ read,
) {
  return engine.scope(() => {
    const placed = tensor ? engine.tensor(logits.shape) : logits;
    if (tensor) placed.data.set(logits.data);
    const args = [placed, second, options].filter((one) => one !== undefined);
    return read(engine[operation](...args));
  });
}
