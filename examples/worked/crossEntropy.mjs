// @ts-check
/** @typedef {import("./softmax.mjs").Engine} Engine */

/**
 * Three ways to the same mean cross entropy: one-hot probabilities, class indices, and the manual
 * composition −mean(Σ_j y_j · ln softmax(z)_j).
 *
 * @param {Engine} engine
 */
export function threeWays(engine) {
  const logits = [
    [0.5, 1.5, 0.1],
    [2.2, 1.3, 1.7],
  ];
  const oneHot = [
    [0, 1, 0],
    [0, 0, 1],
  ];
  const fromOneHot = engine.crossEntropy(logits, oneHot).loss;
  const fromIndices = engine.crossEntropy(logits, [1, 2]).loss;

  const rowLosses = logits.map((row, index) => {
    const probabilities = engine.softmax(row).data;
    return -oneHot[index].reduce((sum, y, j) => sum + y * Math.log(probabilities[j]), 0);
  });
  const manual = rowLosses.reduce((sum, loss) => sum + loss, 0) / rowLosses.length;
  return { logits, fromOneHot, fromIndices, manual };
}

/**
 * The gradient is softmax minus one-hot, divided by the number of rows; it comes with the loss.
 *
 * @param {Engine} engine
 */
export function lossAndGradient(engine) {
  const { loss, grad } = engine.crossEntropy([[2.5, 0.3, -1.2]], [0], { grad: true });
  return { loss, gradient: Array.from(grad.data) };
}
