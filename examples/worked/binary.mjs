// @ts-check
/** @typedef {import("./softmax.mjs").Engine} Engine */

/**
 * One yes/no answer: its probability, and its loss if the answer should have been yes.
 *
 * @param {Engine} engine
 */
export function yesOrNo(engine) {
  const logit = 1.2;
  const probability = engine.sigmoid([logit]).data[0];
  const { loss } = engine.binaryCrossEntropyWithLogits([logit], [1]);
  return { logit, probability, loss };
}

/**
 * Mails are spam from a probability of 0.5 on. The decision is taken on the logits.
 *
 * @param {Engine} engine
 */
export function spamFilter(engine) {
  const logits = [-2.1, 1.2, 0.4, -0.3];
  const probabilities = Array.from(engine.sigmoid(logits).data);
  const decisions = engine.threshold(logits, { probability: 0.5 }).data;
  return { logits, probabilities, spam: Array.from(decisions, (decision) => decision === 1) };
}
