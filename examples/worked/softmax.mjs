// @ts-check
/** @typedef {ReturnType<typeof import("../../dist/index.js").createEngine>} Engine */

/**
 * Softmax turns any numbers into probabilities: positive, in the same order, adding up to 1.
 *
 * @param {Engine} engine
 */
export function softmaxOfFour(engine) {
  const logits = [0.1, 0.3, 0.5, 0.9];
  const probabilities = Array.from(engine.softmax(logits).data);
  const sum = probabilities.reduce((total, probability) => total + probability, 0);
  return { logits, probabilities, sum };
}
