// @ts-check
/**
 * linearCrossEntropy: loss and all gradients, and what it borrows of linear memory.
 */
import { createEngine } from "../dist/index.js";
import { race } from "./harness/race.mjs";
import { digits, textTable } from "./harness/table.mjs";

/** @typedef {import("./harness/workload.ts").Build} Build */

/** Rows, features and classes: a small head, a wide one. */
const SHAPES = [
  [256, 512, 1000],
  [128, 768, 32000],
];
/** Its logits would take 524 MB. */
const LARGE = [4096, 768, 32000];
const HEADER = ["shape", "", "ms", "GMAC/s", "MB borrowed"];

/** @param {import("./harness/race.mjs").Effort} effort @param {readonly Build[]} builds */
export async function report(effort, builds) {
  console.log("\nlinearCrossEntropy with every gradient   (3 products; resident tensors)");
  const quick = effort.rounds < 9;
  const rows = [];
  for (const shape of quick ? SHAPES : [...SHAPES, LARGE]) {
    for (const numerics of builds) {
      const { milliseconds, borrowed } = await measure(numerics, shape, effort);
      const [n, d, c] = shape;
      const rate = (3 * n * d * c) / milliseconds / 1e6;
      rows.push([shape.join("×"), numerics, digits(milliseconds), digits(rate), digits(borrowed / 2 ** 20)]); // prettier-ignore
    }
  }
  console.log(textTable(HEADER, rows, new Set([0, 1])));
}

/**
 * @param {Build} numerics
 * @param {readonly number[]} shape
 * @param {import("./harness/race.mjs").Effort} effort
 */
async function measure(numerics, [rows, features, classes], effort) {
  const engine = createEngine({ numerics });
  const make = () => ({
    input: engine.tensor([rows, features]),
    weight: engine.tensor([classes, features]),
    bias: engine.tensor([classes]),
  });
  const [layer, grad] = [make(), make()];
  for (const { data } of [layer.input, layer.weight]) {
    for (let i = 0; i < data.length; i++) data[i] = Math.sin(i * 12.9898) / 8;
  }
  const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
  const { heldBytes } = engine.memory;
  const run = () => engine.linearCrossEntropy(layer, targets, { grad }).loss;
  const start = performance.now();
  const loss = run();
  if (!Number.isFinite(loss)) throw new Error(`linearCrossEntropy: the loss is ${loss}`);
  const borrowed = engine.memory.heldBytes - heldBytes;
  let milliseconds = performance.now() - start;
  if (rows < 1000) [{ milliseconds }] = await race([{ name: "ours", run }], 1, effort);
  engine.dispose();
  return { milliseconds, borrowed };
}
