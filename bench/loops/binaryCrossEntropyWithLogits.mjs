// @ts-check
/** @typedef {import("../harness/workload.ts").Inputs} Inputs */

/**
 * Mean of max(x, 0) − x·z + log1p(e^−|x|).
 *
 * @param {Inputs} inputs
 */
export function binaryCrossEntropy({ logits, labels }) {
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    const x = logits[i];
    total += Math.max(x, 0) - x * labels[i] + Math.log1p(Math.exp(-Math.abs(x)));
  }
  return total / logits.length;
}

/**
 * The same with the gradient of the mean, (σ(x) − z) / N, from one Math.exp.
 *
 * @param {Inputs} inputs
 * @param {Float32Array} grad
 */
export function binaryCrossEntropyGrad({ logits, labels }, grad) {
  const { length } = logits;
  let total = 0;
  for (let i = 0; i < length; i++) {
    const x = logits[i];
    const e = Math.exp(-Math.abs(x));
    total += Math.max(x, 0) - x * labels[i] + Math.log1p(e);
    grad[i] = ((x >= 0 ? 1 : e) / (1 + e) - labels[i]) / length;
  }
  return total / length;
}
