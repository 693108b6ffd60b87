// @ts-check
/** @typedef {import("./softmax.mjs").Engine} Engine */

const CLASSES = ["cat", "dog", "bird"];

/**
 * From the logits of one image to a class name, its probability and the loss if it was a cat.
 *
 * @param {Engine} engine
 */
export function classifyImage(engine) {
  const logits = [2.5, 0.3, -1.2];
  const probabilities = Array.from(engine.softmax(logits).data);
  const best = engine.argmax(logits).data[0];
  const { loss } = engine.crossEntropy([logits], [CLASSES.indexOf("cat")]);
  return { logits, probabilities, name: CLASSES[best], loss };
}
