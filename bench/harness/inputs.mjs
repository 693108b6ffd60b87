// @ts-check
/**
 * Seeded inputs of a case. Logits are N(0, 3²), as trained models give them: wide enough that the
 * rounding of z − max shows, narrow enough that no class vanishes.
 */
import { createRandom, normal } from "./random.mjs";

/** @typedef {import("./workload.ts").Inputs} Inputs */

const SEED = 1;
const DEVIATION = 3;
/** Distinct logits; a longer array repeats them, each set of inputs from another place. */
const POOL_LENGTH = 2 ** 20;
/** Bytes of logits that the sets of inputs add up to, so that caches cannot keep one small array. */
const ROTATED_BYTES = 2 ** 22;

/** @type {Float32Array | undefined} */
let pool;

function normals() {
  if (!pool) {
    const random = createRandom(SEED);
    pool = Float32Array.from({ length: POOL_LENGTH }, () => DEVIATION * normal(random));
  }
  return pool;
}

/**
 * Two to eight sets of inputs, as many as make 4 MB of logits.
 *
 * @param {import("./workload.ts").Case} given
 * @returns {Inputs[]}
 */
export function inputsOf(given) {
  const length = given.shape.reduce((product, size) => product * size, 1);
  const count = Math.min(8, Math.max(2, Math.ceil(ROTATED_BYTES / (4 * length))));
  return Array.from({ length: count }, (_, index) => makeInputs(given, length, index));
}

/**
 * @param {import("./workload.ts").Case} given
 * @param {number} length
 * @param {number} index
 * @returns {Inputs}
 */
function makeInputs({ shape, axis = shape.length - 1, masked = 0 }, length, index) {
  const source = normals();
  const random = createRandom(SEED + 1 + index);
  const classes = shape[axis];
  const rows = length / classes;
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const start = index * 104729; // a prime, so that the sets differ
  const logits = new Float32Array(length);
  for (let i = 0; i < length; i++) logits[i] = source[(start + i) % POOL_LENGTH];
  const targets = Int32Array.from({ length: rows }, () => Math.floor(random() * classes));
  if (masked > 0) {
    for (let i = 0; i < length; i++) if (random() < masked) logits[i] = -Infinity;
    for (let row = 0; row < rows; row++) logits[row * classes + targets[row]] = source[row];
  }
  const labels = new Float32Array(length);
  for (let i = 0; i < length; i++) labels[i] = random() < 0.5 ? 0 : 1;
  return { shape, axis, rows, classes, stride, logits, targets, labels };
}
