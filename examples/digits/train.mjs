// @ts-check
import { Adam, linear, linearGradients } from "../../dist/train/index.js";
import { CLASSES, FEATURES, take } from "./dataset.mjs";
import { UserError } from "./errors.mjs";
import { judge } from "./model.mjs";
import { range, shuffle } from "./random.mjs";

/**
 * @typedef {object} Epoch
 * @property {number} epoch counted from 1
 * @property {number} trainLoss mean over the epoch's batches, each as it was before its own step
 * @property {number} heldOutLoss
 * @property {number} heldOutAccuracy
 */

/**
 * Fits the model by mini-batch Adam on the mean cross entropy, and judges it after every epoch.
 *
 * @param {import("./model.mjs").Engine} engine
 * @param {import("./model.mjs").Model} model changed in place
 * @param {{ training: import("./dataset.mjs").Dataset, heldOut: import("./dataset.mjs").Dataset }} data
 * @param {typeof import("./settings.mjs").SETTINGS} settings the last batch of an epoch may be shorter
 * @param {() => number} random orders the batches
 * @param {(epoch: Epoch) => void} onEpoch
 * @returns {Epoch[]} the learning curve
 */
export function train(engine, model, { training, heldOut }, settings, random, onEpoch) {
  const { weight, bias } = model;
  const gradients = [
    engine.tensor([FEATURES, CLASSES], "float32"),
    engine.tensor([CLASSES], "float32"),
  ];
  const optimizer = new Adam(engine, [weight, bias], settings.adam);
  const order = range(training.rows);
  /** @type {Epoch[]} */
  const curve = [];

  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    shuffle(order, random);
    // Sums, not a mean of means: the last batch may be shorter.
    let lossSum = 0;
    for (let start = 0; start < training.rows; start += settings.batchSize) {
      const batch = take(training, order.subarray(start, start + settings.batchSize));
      lossSum += gradientStep(engine, model, batch, gradients);
      optimizer.step(gradients);
    }
    const trainLoss = lossSum / training.rows;
    if (!Number.isFinite(trainLoss)) {
      throw new UserError(`epoch ${epoch}: the loss became ${trainLoss}; lower the learning rate`);
    }
    const { loss, correct } = judge(engine, model, heldOut);
    const point = {
      epoch,
      trainLoss,
      heldOutLoss: loss,
      heldOutAccuracy: correct / heldOut.rows,
    };
    curve.push(point);
    onEpoch(point);
  }
  optimizer.dispose();
  for (const gradient of gradients) gradient.dispose();
  return curve;
}

/**
 * Forward and backward for one batch: fills `gradients` and returns the sum of the rows' losses.
 *
 * @param {import("./model.mjs").Engine} engine
 * @param {import("./model.mjs").Model} model
 * @param {import("./dataset.mjs").Dataset} batch
 * @param {import("../../dist/index.js").Tensor<"float32">[]} gradients of weight and bias
 */
function gradientStep(engine, { weight, bias }, batch, [gradWeight, gradBias]) {
  return engine.scope(() => {
    const input = engine.tensor([batch.rows, FEATURES], "float32");
    const logits = engine.tensor([batch.rows, CLASSES], "float32");
    const gradLogits = engine.tensor([batch.rows, CLASSES], "float32");
    input.data.set(batch.pixels);
    linear(engine, input, weight, bias, logits);
    const { lossSum } = engine.crossEntropy(logits, batch.labels, { grad: gradLogits });
    linearGradients(engine, input, gradLogits, gradWeight, gradBias);
    return lossSum;
  });
}
