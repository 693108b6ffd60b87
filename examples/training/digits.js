// @ts-check
import { createRandom, shuffle } from "./plain.js";

/** @typedef {{ x: Float32Array, y: Int32Array, rows: number, features: number }} Digits pixels in [0, 1] */

const FEATURES = 64;

/** 64 pixels of 0 to 16 and the digit, a line each. @param {string} csv @returns {Digits} */
export function readDigits(csv) {
  const lines = csv.trim().split("\n").map((line) => line.split(",").map(Number)); // prettier-ignore
  const x = Float32Array.from(lines.flatMap((line) => line.slice(0, FEATURES)), (ink) => ink / 16); // prettier-ignore
  return {
    x,
    y: Int32Array.from(lines, (line) => line[FEATURES]),
    rows: lines.length,
    features: FEATURES,
  };
}

/**
 * Holds out a random share of the rows.
 *
 * @param {Digits} digits
 * @param {number} share
 * @param {number} seed
 */
export function heldOut(digits, share, seed) {
  const order = Uint32Array.from({ length: digits.rows }, (_, i) => i);
  shuffle(order, createRandom(seed));
  const count = Math.round(share * digits.rows);
  return {
    test: take(digits, order.subarray(0, count)),
    training: take(digits, order.subarray(count)),
  };
}

/** @param {Digits} digits @param {Uint32Array} rows @returns {Digits} */
function take({ x, y, features }, rows) {
  const taken = new Float32Array(rows.length * features);
  rows.forEach((row, i) =>
    taken.set(x.subarray(row * features, (row + 1) * features), i * features),
  );
  return { x: taken, y: Int32Array.from(rows, (row) => y[row]), rows: rows.length, features };
}
