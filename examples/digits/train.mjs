// @ts-check
import { Adam } from "../../dist/train/index.js";
import { UserError } from "./errors.mjs";
import { featuresOf } from "./model.mjs";

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
 * @param {import("./model.mjs").Model} model changed in place
 * @param {{ training: import("./dataset.mjs").Dataset, heldOut: import("./dataset.mjs").Dataset }} data
 * @param {typeof import("./settings.mjs").SETTINGS} settings the last batch of an epoch may be shorter
 * @param {(epoch: Epoch) => void} onEpoch
 * @returns {Promise<Epoch[]>} the learning curve
 */
export async function train(model, { training, heldOut }, settings, onEpoch) {
  const { epochs, batchSize, seed, adam } = settings;
  /** @type {Epoch[]} */
  const curve = [];
  const { stopped, steps } = await model.fit(featuresOf(training), training.labels, {
    epochs,
    batchSize,
    seed,
    optimizer: (engine, parameters) => new Adam(engine, parameters, adam),
    validation: { features: featuresOf(heldOut), targets: heldOut.labels },
    onProgress({ epoch, loss, validation }) {
      const { loss: heldOutLoss, accuracy } = /** @type {NonNullable<typeof validation>} */ (
        validation
      );
      const point = { epoch, trainLoss: loss, heldOutLoss, heldOutAccuracy: accuracy };
      curve.push(point);
      onEpoch(point);
    },
  });
  if (stopped === "diverged") {
    throw new UserError(`step ${steps}: the loss is no longer finite; lower the learning rate`);
  }
  return curve;
}
