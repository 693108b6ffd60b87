// @ts-check
import { baseOf } from "../reference/rows.mjs";
import { logSumExpOf } from "./softmax.mjs";

/** @typedef {import("../harness/workload.ts").Inputs} Inputs */

/**
 * Mean cross entropy as one writes it in JavaScript: float64 arithmetic, one Math.exp a logit.
 *
 * @param {Inputs} inputs
 */
export function crossEntropy(inputs) {
  const { logits, targets, rows, classes, stride } = inputs;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const from = baseOf(inputs, row);
    const log = logSumExpOf(logits, from, from + classes * stride, stride);
    total += log - logits[from + targets[row] * stride];
  }
  return total / rows;
}

/**
 * The same with the gradient of the mean, still with one Math.exp a logit.
 *
 * @param {Inputs} inputs
 * @param {Float32Array} grad
 */
export function crossEntropyGrad(inputs, grad) {
  const { logits, targets, rows, classes, stride } = inputs;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const from = baseOf(inputs, row);
    const end = from + classes * stride;
    let max = -Infinity;
    for (let i = from; i < end; i += stride) if (logits[i] > max) max = logits[i];
    let sum = 0;
    for (let i = from; i < end; i += stride) {
      const e = Math.exp(logits[i] - max);
      grad[i] = e;
      sum += e;
    }
    const target = from + targets[row] * stride;
    total += max - logits[target] + Math.log(sum);
    const factor = 1 / (sum * rows);
    for (let i = from; i < end; i += stride) grad[i] *= factor;
    grad[target] -= 1 / rows;
  }
  return total / rows;
}
