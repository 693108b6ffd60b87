// @ts-check
/**
 * The formulas as articles print them, in float64, and where they break. Not for use.
 *
 * @typedef {import("./softmax.mjs").Engine} Engine
 */

/** @param {number[]} logits */
export function naiveSoftmax(logits) {
  const exponentials = logits.map(Math.exp);
  const sum = exponentials.reduce((total, exponential) => total + exponential, 0);
  return exponentials.map((exponential) => exponential / sum);
}

/**
 * @param {number[]} logits
 * @param {number} target
 */
export const naiveCrossEntropy = (logits, target) => -Math.log(naiveSoftmax(logits)[target]);

/**
 * @param {number} logit
 * @param {number} target 0 or 1
 */
export function naiveBinaryCrossEntropy(logit, target) {
  const probability = 1 / (1 + Math.exp(-logit));
  return -(target * Math.log(probability) + (1 - target) * Math.log(1 - probability));
}

/**
 * Each failure with what the naive formula gives, what the engine gives, and why they differ.
 *
 * @param {Engine} engine
 */
export function failures(engine) {
  const crossEntropy = (/** @type {number[]} */ logits, /** @type {number} */ target) =>
    engine.crossEntropy([logits], [target]).loss;
  return [
    {
      expression: "softmax([1000, 1001, 1002])",
      naive: naiveSoftmax([1000, 1001, 1002]),
      ours: Array.from(engine.softmax([1000, 1001, 1002]).data),
      why: "e^1000 overflows: ∞ / ∞",
    },
    {
      expression: "crossEntropy([0, -800], 1)",
      naive: naiveCrossEntropy([0, -800], 1),
      ours: crossEntropy([0, -800], 1),
      why: "e^-800 underflows: log 0",
    },
    {
      expression: "crossEntropy([40, 0, 0], 0)",
      naive: naiveCrossEntropy([40, 0, 0], 0),
      ours: crossEntropy([40, 0, 0], 0),
      why: "1 + 2·e^-40 rounds to 1: a tiny loss is lost",
    },
    {
      expression: "binaryCrossEntropyWithLogits(40, 0)",
      naive: naiveBinaryCrossEntropy(40, 0),
      ours: engine.binaryCrossEntropyWithLogits([40], [0]).loss,
      why: "sigmoid(40) rounds to 1: log(1 - 1)",
    },
    {
      expression: "binaryCrossEntropyWithLogits(40, 1)",
      naive: naiveBinaryCrossEntropy(40, 1),
      ours: engine.binaryCrossEntropyWithLogits([40], [1]).loss,
      why: "0 · log 0 is NaN",
    },
  ];
}
