// @ts-check
/**
 * The data sets on which the error is measured, each chosen for a way in which softmax goes wrong.
 */
import { createRandom, normal } from "../harness/random.mjs";

/**
 * @typedef {object} DataSet
 * @property {string} name
 * @property {string} reason
 * @property {(random: () => number, index: number) => number} draw the logit of class `index` in a row
 */

/** @type {readonly DataSet[]} */
export const DATA_SETS = [
  { name: "N(0, 1)", reason: "an untrained model", draw: (random) => normal(random) },
  { name: "N(0, 3²)", reason: "a trained model", draw: (random) => 3 * normal(random) },
  { name: "N(0, 10²)", reason: "a confident one: many tiny terms", draw: (r) => 10 * normal(r) },
  {
    name: "N(1000, 3²)",
    reason: "a large offset, where e^z overflows",
    draw: (random) => 1000 + 3 * normal(random),
  },
  {
    name: "N(−1990, 3²)",
    reason: "the far end of the range, where e^z is 0",
    draw: (random) => -1990 + 3 * normal(random),
  },
  {
    name: "peak +18",
    reason: "one term outweighs the rest, which must not be lost in its sum",
    draw: (random, index) => normal(random) + (index === 0 ? 18 : 0),
  },
];

/** From two classes to Gemma's vocabulary. */
export const CLASS_COUNTS = [2, 3, 10, 100, 1000, 32000, 262144];

/** Logits in a batch, so that few classes come in many rows. */
const BATCH = 2 ** 17;

/**
 * @param {DataSet} set
 * @param {number} classes
 */
export function drawRows(set, classes) {
  const random = createRandom(classes);
  const rows = Math.max(1, Math.floor(BATCH / classes));
  const logits = Float32Array.from({ length: rows * classes }, (_, i) =>
    set.draw(random, i % classes),
  );
  const targets = Int32Array.from({ length: rows }, () => Math.floor(random() * classes));
  return { logits, targets, rows, classes, stride: 1, shape: [rows, classes] };
}
