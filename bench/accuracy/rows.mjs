// @ts-check
/**
 * Errors of the operations along rows, on every data set and class count.
 *
 * @typedef {import("../harness/workload.ts").Engine} Engine
 * @typedef {ReturnType<typeof drawRows>} Batch
 *
 * @typedef {object} Row one line of the table
 * @property {string} operation
 * @property {string} data
 * @property {string} bound of test/support/tolerance.ts
 * @property {string} unit of the error
 * @property {(engine: Engine, worst: Worst) => void} measure
 */
import { crossEntropy } from "../reference/crossEntropy.mjs";
import { logSoftmax } from "../reference/logSoftmax.mjs";
import { logSumExp } from "../reference/logSumExp.mjs";
import { softmax } from "../reference/softmax.mjs";
import { ulp } from "../harness/ulp.mjs";
import { CLASS_COUNTS, DATA_SETS, drawRows } from "./datasets.mjs";
/** @typedef {import("./worst.mjs").Worst} Worst */

/**
 * One line for every data set, the worst over the class counts.
 *
 * @param {Pick<Row, "operation" | "bound" | "unit">} title
 * @param {(engine: Engine, batch: Batch, worst: Worst) => void} measure
 * @returns {Row[]}
 */
function onEveryDataSet(title, measure) {
  return DATA_SETS.map((set) => ({
    ...title,
    data: set.name,
    measure(engine, worst) {
      for (const classes of CLASS_COUNTS) measure(engine, drawRows(set, classes), worst);
    },
  }));
}

/** @param {Batch} batch @returns {(index: number) => string} */
const placeIn =
  ({ classes }) =>
  (index) =>
    `C = ${classes}, row ${Math.floor(index / classes)}, class ${index % classes}`;

/** What an absolute allowance leaves of an error, in ULP. @param {number} got @param {number} truth @param {number} allowance */
const beyond = (got, truth, allowance) =>
  Math.max(0, Math.abs(got - truth) - allowance) / ulp(truth);

/** @type {Row[]} */
export const ROW_OPERATIONS = [
  ...onEveryDataSet(
    { operation: "softmax", bound: "softmax", unit: "ULP" },
    (engine, batch, worst) => {
      const { data } = engine.softmax({ data: batch.logits, shape: batch.shape });
      worst.addUlps(data, softmax(batch), placeIn(batch));
    },
  ),
  ...onEveryDataSet(
    { operation: "softmax, |Σ − 1|", bound: "softmaxSum", unit: "" },
    (engine, batch, worst) => {
      const { data } = engine.softmax({ data: batch.logits, shape: batch.shape });
      for (let row = 0; row < batch.rows; row++) {
        let sum = 0;
        for (let j = 0; j < batch.classes; j++) sum += data[row * batch.classes + j];
        worst.add(Math.abs(sum - 1), () => `C = ${batch.classes}, row ${row}`);
      }
    },
  ),
  ...onEveryDataSet(
    { operation: "logSoftmax", bound: "logSoftmax", unit: "ULP, or 0 within 2.5e-7" },
    (engine, batch, worst) => {
      const { data } = engine.logSoftmax({ data: batch.logits, shape: batch.shape });
      const truth = logSoftmax(batch);
      const place = placeIn(batch);
      truth.forEach((value, i) => {
        const error = Math.abs(data[i] - value);
        worst.add(
          error <= 2.5e-7 ? 0 : error / ulp(value),
          () => `${place(i)}: ${value.toFixed(4)}`,
        );
      });
    },
  ),
  ...onEveryDataSet(
    { operation: "logSumExp", bound: "logSumExp", unit: "ULP beyond 1.6e-7" },
    (engine, batch, worst) => {
      const { data } = engine.logSumExp({ data: batch.logits, shape: batch.shape });
      logSumExp(batch).forEach((truth, row) => {
        const size = beyond(data[row], truth, 1.6e-7);
        worst.add(size, () => `C = ${batch.classes}, row ${row}: ${truth.toFixed(4)}`);
      });
    },
  ),
  ...onEveryDataSet(
    { operation: "crossEntropy, a row's loss", bound: "crossEntropy", unit: "ULP beyond 2e-7" },
    (engine, batch, worst) => {
      const logits = { data: batch.logits, shape: batch.shape };
      const { loss } = engine.crossEntropy(logits, batch.targets, { reduction: "none" });
      crossEntropy(batch, batch.targets).losses.forEach((truth, row) => {
        const size = beyond(loss[row], truth, 2e-7);
        worst.add(size, () => `C = ${batch.classes}, row ${row}: ${truth.toFixed(4)}`);
      });
    },
  ),
  ...onEveryDataSet(
    {
      operation: "crossEntropy, gradient beside the target",
      bound: "crossEntropyGrad",
      unit: "ULP",
    },
    (engine, batch, worst) => {
      const { grad, values } = gradients(engine, batch);
      for (let row = 0; row < batch.rows; row++) {
        const target = row * batch.classes + batch.targets[row];
        grad[target] = values[target];
      }
      worst.addUlps(grad, values, placeIn(batch));
    },
  ),
  ...onEveryDataSet(
    {
      operation: "crossEntropy, gradient at the target",
      bound: "crossEntropyTargetGrad",
      unit: "relative",
    },
    (engine, batch, worst) => {
      const { grad, values } = gradients(engine, batch);
      for (let row = 0; row < batch.rows; row++) {
        const target = row * batch.classes + batch.targets[row];
        if (Math.abs(values[target]) < 2 ** -126) continue;
        const relative = Math.abs(grad[target] / values[target] - 1);
        worst.add(relative, () => placeIn(batch)(target));
      }
    },
  ),
];

/** @param {Engine} engine @param {Batch} batch */
function gradients(engine, batch) {
  const logits = { data: batch.logits, shape: batch.shape };
  const { grad } = engine.crossEntropy(logits, batch.targets, { grad: true });
  return { grad: Float64Array.from(grad.data), values: crossEntropy(batch, batch.targets).values };
}
