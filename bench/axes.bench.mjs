// @ts-check
/**
 * What another axis than the last costs: the same rows along axis 1 and along the last axis, each result
 * checked against the same float64 reference.
 */
import { createEngine } from "../dist/index.js";
import { checkOutcome } from "./harness/check.mjs";
import { inputsOf } from "./harness/inputs.mjs";
import { race } from "./harness/race.mjs";
import { digits, textTable } from "./harness/table.mjs";
import { workloads as crossEntropy } from "./crossEntropy.bench.mjs";
import { workloads as logSoftmax } from "./logSoftmax.bench.mjs";
import { workloads as logSumExp } from "./logSumExp.bench.mjs";
import { workloads as softmax } from "./softmax.bench.mjs";

/** @typedef {import("./harness/workload.ts").Inputs} Inputs */

const WORKLOADS = [...softmax, ...logSoftmax, ...logSumExp, ...crossEntropy];
/**
 * Segmentation as in Pascal VOC; the most classes that are taken as they lie. More are turned: ADE20K's in
 * many images and in two; language models in PyTorch's layout, batch × classes × positions.
 */
const SHAPES = [
  [16, 21, 64, 64],
  [16, 64, 64, 64],
  [16, 150, 64, 64],
  [2, 150, 64, 64],
  [4, 1000, 512],
  [1, 32000, 128],
];
const QUICK_SHAPES = SHAPES.slice(0, 1);

/**
 * @param {import("./harness/race.mjs").Effort} effort
 * @param {readonly import("./harness/workload.ts").Build[]} builds
 */
export async function report(effort, builds) {
  console.log("\nanother axis   (axis 1 beside the same rows along the last axis)");
  const rows = [];
  for (const shape of effort.rounds < 9 ? QUICK_SHAPES : SHAPES) {
    const inner = inputsOf({ shape, axis: 1, reason: "" });
    const last = inner.map(alongLastAxis);
    for (const [at, workload] of WORKLOADS.entries()) {
      const truths = [last, inner].map(([inputs]) => workload.reference(inputs));
      for (const numerics of builds) {
        const engine = createEngine({ numerics });
        const runners = [last, inner].map((inputs) => ({
          name: workload.name,
          ...workload.ours(engine, inputs),
        }));
        for (const [i, { outcome }] of runners.entries()) {
          const { refused } = checkOutcome(await outcome(0), truths[i]);
          if (refused) throw new Error(`${workload.name}: ${refused}`);
        }
        const timings = await race(runners, last.length, effort);
        const { length } = last[0].logits;
        const times = timings.map(({ milliseconds }) => digits((milliseconds * 1e6) / length));
        rows.push([
          at === 0 && numerics === builds[0] ? shape.join("×") : "",
          workload.name,
          numerics,
          ...times,
          digits(timings[1].ratio),
        ]);
        engine.dispose();
      }
    }
  }
  const header = ["", "", "", "last axis, ns per logit", "axis 1, ns per logit", "ratio"];
  console.log(textTable(header, rows, new Set([0, 1, 2])));
}

/** @param {Inputs} inputs @returns {Inputs} */
function alongLastAxis({ rows, classes, stride, logits, targets, labels }) {
  const dense = new Float32Array(logits.length);
  for (let row = 0; row < rows; row++) {
    const first = Math.floor(row / stride) * classes * stride + (row % stride);
    for (let c = 0; c < classes; c++) dense[row * classes + c] = logits[first + c * stride];
  }
  const shape = [rows, classes];
  return { shape, axis: 1, rows, classes, stride: 1, logits: dense, targets, labels };
}
