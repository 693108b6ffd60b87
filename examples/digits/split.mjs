// @ts-check
import { take } from "./dataset.mjs";
import { UserError } from "./errors.mjs";
import { range, shuffle } from "./random.mjs";

/**
 * Holds out a random part of the rows for judging.
 *
 * @param {import("./dataset.mjs").Dataset} data
 * @param {number} heldOutShare in (0, 1)
 * @param {() => number} random
 */
export function split(data, heldOutShare, random) {
  const heldOutRows = Math.round(data.rows * heldOutShare);
  if (heldOutRows === 0 || heldOutRows === data.rows) {
    throw new UserError(`too few rows to hold some out: ${data.rows}`);
  }
  const order = shuffle(range(data.rows), random);
  return {
    heldOut: take(data, order.subarray(0, heldOutRows)),
    training: take(data, order.subarray(heldOutRows)),
  };
}
