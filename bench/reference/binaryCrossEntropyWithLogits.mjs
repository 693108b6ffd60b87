// @ts-check
import { sigmoid, softplus } from "./sigmoid.mjs";

/**
 * Binary cross entropy of labels 0 and 1, its mean, and the gradient of the mean.
 *
 *   loss = softplus(−x) for label 1, softplus(x) for label 0
 *   g = −σ(−x) / N  and  σ(x) / N
 *
 * @param {Float32Array} logits
 * @param {ArrayLike<number>} labels
 */
export function binaryCrossEntropyWithLogits(logits, labels) {
  const { length } = logits;
  const losses = new Float64Array(length);
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const sign = labels[i] === 1 ? -1 : 1;
    losses[i] = softplus(sign * logits[i]);
    values[i] = (sign * sigmoid(sign * logits[i])) / length;
  }
  return { losses, loss: losses.reduce((sum, loss) => sum + loss, 0) / length, values };
}
