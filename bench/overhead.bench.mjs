// @ts-check
/**
 * What the API costs around a kernel: softmax of one row of 16 logits, resident and with `out`,
 * beside the bare export called with the same pointers.
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
  console.log(`\ncall overhead   (softmax of 1×${CLASSES}, resident tensors)`);
  const rows = [];
  for (const numerics of builds) {
    const engine = createEngine({ numerics });
    const logits = tensorOf(engine, [1, CLASSES], Float32Array.from({ length: CLASSES }, Math.sin));
    const grad = engine.tensor([1, CLASSES]);
    const out = engine.tensor([1, CLASSES]);
    const targets = Int32Array.of(3);
    const [into, withGrad] = [{ out }, { grad }];
    const bare = bareSoftmax(engine, logits.data, out.data);
    const calls = {
      "bare export": bare,
      "engine.softmax, out": () => engine.softmax(logits, into),
      "engine.crossEntropy, grad": () => engine.crossEntropy(logits, targets, withGrad),
    };
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
      rows.push([at === 0 ? numerics : "", name, digits(call), digits(ratio), bytes.toFixed(0)]);
    }
    engine.dispose();
  }
  const header = ["", "", "ns per call", "× bare", "heap bytes per call"];
  console.log(textTable(header, rows, new Set([0, 1])));
}

/**
 * The kernel alone, with the pointers that the engine would pass.
 *
 * @param {import("./harness/workload.ts").Engine} engine
 * @param {Float32Array} logits
 * @param {Float32Array} out
 */
function bareSoftmax(engine, logits, out) {
  /** @type {(() => void) | undefined} */
  let call;
  engine.run("bareSoftmax", (work) => {
    const { kernels } = work;
    const table = work.arena.allocate(64); // kept, as nothing gives it back
    const [zPtr, outPtr] = [logits.byteOffset, out.byteOffset];
    call = () => kernels.softmaxRows(zPtr, outPtr, 1, CLASSES, false, table);
    return { rows: 0, classes: 1, operands: [], run: () => {}, finish: () => {} };
  });
  if (!call) throw new Error("engine.run did not plan");
  return call;
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
