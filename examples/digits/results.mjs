// @ts-check
import { CLASSES } from "./dataset.mjs";
import { brierScore, calibration, confusionMatrix } from "./metrics.mjs";

/** As in Guo et al. 2017. */
const BINS = 15;

/**
 * Everything report.json holds. It depends on data, settings and numerics alone, so two runs write
 * the same bytes.
 *
 * @typedef {ReturnType<typeof summarise>} Results
 */

/**
 * @param {ReturnType<typeof import("./model.mjs").judge>} judged
 * @param {Int32Array} targets
 * @param {object} about
 * @param {string} about.numerics
 * @param {number} about.trainingRows
 * @param {typeof import("./settings.mjs").SETTINGS} about.settings
 * @param {import("./train.mjs").Epoch[]} about.curve
 */
export function summarise(judged, targets, { numerics, trainingRows, settings, curve }) {
  const { probabilities, predictions, correct, loss } = judged;
  const confidences = Float32Array.from(
    predictions,
    (prediction, row) => probabilities[row * CLASSES + prediction],
  );
  const hits = Array.from(predictions, (prediction, row) => prediction === targets[row]);
  return {
    count: targets.length,
    correct,
    accuracy: correct / targets.length,
    loss,
    brier: brierScore(probabilities, targets),
    ...calibration(confidences, hits, BINS),
    confusion: confusionMatrix(targets, predictions, CLASSES),
    epochs: settings.epochs,
    curve,
    settings: { ...settings, trainingRows },
    engine: { numerics },
  };
}
