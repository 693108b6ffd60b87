// @ts-check
/**
 * What the API costs around a kernel: calls on one row of 16 logits with all arrays resident, beside
 * the bare exports called with the same pointers. A loss returns an object of its numbers.
 */
import process from "node:process";
import { createEngine } from "../dist/index.js";
import { race } from "./harness/race.mjs";
import { tensorOf } from "./harness/resident.mjs";
import { digits, textTable } from "./harness/table.mjs";

const CLASSES = 16;
/** Calls in one sample: a clock cannot time a single one. */
const CALLS = 1000;

/**
 * @param {import("./harness/race.mjs").Effort} effort
 * @param {readonly import("./harness/workload.ts").Build[]} builds
 */
export async function report(effort, builds) {
  console.log(`\ncall overhead   (1×${CLASSES}, resident tensors)`);
  const rows = [];
  for (const numerics of builds) {
    const engine = createEngine({ numerics });
    let first = /** @type {string} */ (numerics);
    for (const calls of groupsOf(engine)) {
      const runners = Object.entries(calls).map(([name, call]) => ({
        name,
        run() {
          for (let i = 0; i < CALLS; i++) call();
        },
      }));
      const timings = await race(runners, 1, effort);
      for (const [at, { name, run }] of runners.entries()) {
        const { milliseconds, ratio } = timings[at];
        const bytes = heapBytes(run) / CALLS;
        const call = (milliseconds * 1e6) / CALLS;
        rows.push([first, name, digits(call), digits(ratio), bytes.toFixed(0)]);
        first = "";
      }
    }
    engine.dispose();
  }
  const header = ["", "", "ns per call", "× bare", "heap bytes per call"];
  console.log(textTable(header, rows, new Set([0, 1])));
}

/**
 * Groups of calls: a bare export, then those that it is the kernel of.
 *
 * @param {import("./harness/workload.ts").Engine} engine
 * @returns {Record<string, () => unknown>[]}
 */
function groupsOf(engine) {
  const values = Float32Array.from({ length: CLASSES }, (_, i) => Math.sin(i));
  const x = tensorOf(engine, [1, CLASSES], values);
  const labels = tensorOf(
    engine,
    [1, CLASSES],
    values.map((value) => (value > 0 ? 1 : 0)),
  );
  const weight = tensorOf(
    engine,
    [CLASSES],
    values.map((value) => 2 + value),
  );
  const [grad, out] = [engine.tensor([1, CLASSES]), engine.tensor([1, CLASSES])];
  const target = Int32Array.of(3);
  const resident = engine.tensor([1], "int32");
  resident.data.set(target);
  const { kernels, table, losses } = innards(engine);
  const [xPtr, zPtr, gradPtr] = [x, labels, grad].map(({ data }) => data.byteOffset);
  const [outPtr, yPtr] = [out.data.byteOffset, resident.data.byteOffset];
  const rows = kernels.crossEntropyRows;
  const blocks = kernels.binaryCrossEntropyWithLogitsBlocks;
  const [into, withGrad] = [{ out }, { grad }];
  const some = { grad, weight, labelSmoothing: 0.1, ignoreIndex: 0 };
  const sum = { grad, posWeight: weight, reduction: /** @type {const} */ ("sum") };
  return [
    {
      "bare softmaxRows": () => kernels.softmaxRows(xPtr, outPtr, 1, CLASSES, false, table),
      "softmax, out": () => engine.softmax(x, into),
    },
    {
      "bare crossEntropyRows": () => rows(xPtr, 0, 1, CLASSES, yPtr, 0, 0, 0, 1, 0, table, losses),
      crossEntropy: () => engine.crossEntropy(x, target),
    },
    {
      "bare crossEntropyRows, grad": () =>
        rows(xPtr, gradPtr, 1, CLASSES, yPtr, 0, 0, 0, 1, 0, table, losses),
      "crossEntropy, grad": () => engine.crossEntropy(x, target, withGrad),
      "crossEntropy, grad, targets a tensor": () => engine.crossEntropy(x, resident, withGrad),
      "crossEntropy, grad and three options": () => engine.crossEntropy(x, resident, some),
    },
    {
      "bare binaryCrossEntropyWithLogitsBlocks, grad": () =>
        blocks(xPtr, zPtr, 0, 0, CLASSES, 1, 0, 1 / CLASSES, 0, 0, gradPtr, losses),
      "binaryCrossEntropyWithLogits, grad": () =>
        engine.binaryCrossEntropyWithLogits(x, labels, withGrad),
      "binaryCrossEntropyWithLogits, grad, posWeight, sum": () =>
        engine.binaryCrossEntropyWithLogits(x, labels, sum),
    },
  ];
}

/**
 * The kernels, and room that they write to; kept, as nothing gives it back.
 *
 * @param {import("./harness/workload.ts").Engine} engine
 */
function innards(engine) {
  return engine.run("innards", (work) => {
    const [table, losses] = [work.arena.allocate(16384), work.arena.allocate(64)];
    const { kernels } = work;
    const finish = () => ({ kernels, table, losses });
    return { rows: 0, classes: 1, operands: [], run() {}, finish };
  });
}

/**
 * JavaScript heap that a run leaves behind: the greatest of a few, as a collection that falls into one
 * takes away what others left.
 *
 * @param {() => void} run
 */
function heapBytes(run) {
  const sizes = Array.from({ length: 5 }, () => {
    const before = process.memoryUsage().heapUsed;
    run();
    return process.memoryUsage().heapUsed - before;
  });
  return Math.max(...sizes);
}
