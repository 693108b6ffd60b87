// @ts-check
import { linear } from "../../dist/train/index.js";
import { CLASSES, FEATURES } from "./dataset.mjs";

/**
 * Softmax regression: logits = x·W + b, with W (64, 10) and b (10) in the engine's memory.
 *
 * @typedef {ReturnType<typeof createModel>} Model
 * @typedef {ReturnType<typeof import("../../dist/index.js").createEngine>} Engine
 */

/**
 * A model of zeros. The objective is convex, so no random start is needed.
 *
 * @param {Engine} engine
 */
export function createModel(engine) {
  const weight = engine.tensor([FEATURES, CLASSES], "float32");
  const bias = engine.tensor([CLASSES], "float32");
  weight.data.fill(0);
  bias.data.fill(0);
  return { weight, bias };
}

/**
 * Judges the model on a dataset.
 *
 * @param {Engine} engine
 * @param {Model} model
 * @param {import("./dataset.mjs").Dataset} data
 */
export function judge(engine, model, data) {
  return engine.scope(() => {
    const input = engine.tensor([data.rows, FEATURES], "float32");
    const output = engine.tensor([data.rows, CLASSES], "float32");
    input.data.set(data.pixels);
    linear(engine, input, model.weight, model.bias, output);

    const logits = { data: Float32Array.from(output.data), shape: [data.rows, CLASSES] };
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
  });
}
