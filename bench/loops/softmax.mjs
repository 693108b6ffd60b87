// @ts-check
import { baseOf } from "../reference/rows.mjs";

/** @typedef {import("../harness/workload.ts").Inputs} Inputs */

/**
 * Softmax as one writes it in JavaScript: float64 arithmetic, typed arrays, one Math.exp a logit.
 *
 * @param {Inputs} inputs
 * @param {Float32Array} out
 */
export function softmax(inputs, out) {
  const { logits, rows, classes, stride } = inputs;
  for (let row = 0; row < rows; row++) {
    const from = baseOf(inputs, row);
    const end = from + classes * stride;
    let max = -Infinity;
    for (let i = from; i < end; i += stride) if (logits[i] > max) max = logits[i];
    let sum = 0;
    for (let i = from; i < end; i += stride) {
      const e = Math.exp(logits[i] - max);
      out[i] = e;
      sum += e;
    }
    const factor = 1 / sum;
    for (let i = from; i < end; i += stride) out[i] *= factor;
  }
}

/**
 * Log-softmax: one Math.exp a logit, one logarithm a row.
 *
 * @param {Inputs} inputs
 * @param {Float32Array} out
 */
export function logSoftmax(inputs, out) {
  const { logits, rows, classes, stride } = inputs;
  for (let row = 0; row < rows; row++) {
    const from = baseOf(inputs, row);
    const end = from + classes * stride;
    const log = logSumExpOf(logits, from, end, stride);
    for (let i = from; i < end; i += stride) out[i] = logits[i] - log;
  }
}

/**
 * @param {Inputs} inputs
 * @param {Float32Array} out one a row
 */
export function logSumExp(inputs, out) {
  const { logits, rows, classes, stride } = inputs;
  for (let row = 0; row < rows; row++) {
    const from = baseOf(inputs, row);
    out[row] = logSumExpOf(logits, from, from + classes * stride, stride);
  }
}

/**
 * @param {Float32Array} logits
 * @param {number} from
 * @param {number} end
 * @param {number} stride
 */
export function logSumExpOf(logits, from, end, stride) {
  let max = -Infinity;
  for (let i = from; i < end; i += stride) if (logits[i] > max) max = logits[i];
  let sum = 0;
  for (let i = from; i < end; i += stride) sum += Math.exp(logits[i] - max);
  return max + Math.log(sum);
}
