// @ts-check
import { LinearClassifier } from "../../dist/train/index.js";
import { CLASSES, FEATURES } from "./dataset.mjs";

/**
 * Softmax regression: logits = W·x + b, with W (10, 64) and b (10). It begins at zeros: the objective
 * is convex, so no random start is needed.
 *
 * @typedef {LinearClassifier} Model
 * @typedef {ReturnType<typeof import("../../dist/index.js").createEngine>} Engine
 */

/** @param {Engine} engine @returns {Model} */
export function createModel(engine) {
  return new LinearClassifier(engine, { classes: CLASSES });
}

/** @param {import("./dataset.mjs").Dataset} data */
export function featuresOf({ pixels, rows }) {
  return { data: pixels, shape: [rows, FEATURES] };
}

/**
 * Judges the model on a dataset.
 *
 * @param {Engine} engine
 * @param {Model} model
 * @param {import("./dataset.mjs").Dataset} data
 */
export function judge(engine, model, data) {
  const logits = model.predictLogits(featuresOf(data));
  const { loss: losses, lossSum } = engine.crossEntropy(logits, data.labels, {
    reduction: "none",
  });
  const predictions = engine.argmax(logits).data;
  return {
    logits: logits.data,
    losses,
    loss: lossSum / data.rows,
    predictions,
    correct: predictions.filter((prediction, row) => prediction === data.labels[row]).length,
    probabilities: engine.softmax(logits).data,
  };
}
