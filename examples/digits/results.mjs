// @ts-check
import { Evaluator } from "../../dist/evaluate/index.js";
import { CLASSES } from "./dataset.mjs";

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
 * @param {import("./model.mjs").Engine} about.engine
 * @param {number} about.trainingRows
 * @param {typeof import("./settings.mjs").SETTINGS} about.settings
 * @param {import("./train.mjs").Epoch[]} about.curve
 */
export function summarise(judged, targets, { engine, trainingRows, settings, curve }) {
  const evaluator = new Evaluator(engine, { classes: CLASSES, bins: BINS });
  evaluator.update({ data: judged.logits, shape: [targets.length, CLASSES] }, targets);
  const { count, accuracy, loss, brier, ece, bins, confusion } = evaluator.result();
  return {
    count,
    correct: judged.correct,
    accuracy,
    loss,
    brier,
    ece,
    bins,
    confusion: /** @type {number[][]} */ (confusion),
    epochs: settings.epochs,
    curve,
    settings: { ...settings, trainingRows },
    engine: { numerics: engine.numerics },
  };
}
