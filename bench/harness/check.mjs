// @ts-check
/**
 * The check before the clock starts: a contender that computes something else is refused, and the
 * error of the others is printed beside their time.
 */
import { greatestDistance } from "./ulp.mjs";
import { digits } from "./table.mjs";

/**
 * @typedef {import("./workload.ts").Outcome} Outcome
 *
 * @typedef {object} Errors
 * @property {number} [lossUlps]
 * @property {number} [valueUlps]
 * @property {string | undefined} [refused] why the result is wrong
 */

/** Of the greatest value: above what float32 sums of 262,144 terms lose, below a wrong formula. */
const SAME = 5e-3;

/**
 * @param {Outcome} outcome
 * @param {Outcome} truth
 * @returns {Errors}
 */
export function checkOutcome({ loss = NaN, values = [] }, truth) {
  /** @type {Errors} */
  const errors = {};
  if (truth.loss !== undefined) {
    errors.refused = difference([loss], [truth.loss], "loss");
    errors.lossUlps = greatestDistance([loss], [truth.loss]).ulps;
  }
  if (truth.values !== undefined && !errors.refused) {
    errors.refused = difference(values, truth.values, "value");
    if (!errors.refused) errors.valueUlps = greatestDistance(values, truth.values).ulps;
  }
  return errors;
}

/**
 * @param {ArrayLike<number>} got
 * @param {ArrayLike<number>} truth
 * @param {string} what
 */
function difference(got, truth, what) {
  if (got.length !== truth.length) return `${got.length} ${what}s instead of ${truth.length}`;
  let scale = 0;
  for (let i = 0; i < truth.length; i++) {
    if (Number.isFinite(truth[i])) scale = Math.max(scale, Math.abs(truth[i]));
  }
  for (let i = 0; i < truth.length; i++) {
    if (got[i] !== truth[i] && !(Math.abs(got[i] - truth[i]) <= SAME * scale)) {
      return `${what} ${i} is ${got[i]}, not ${digits(truth[i])}`;
    }
  }
  return undefined;
}

/** The errors for a table. @param {Errors} errors */
export function errorText({ lossUlps, valueUlps, refused }) {
  if (refused) return `wrong: ${refused}`;
  const parts = [];
  if (lossUlps !== undefined) parts.push(`loss ${digits(lossUlps)}`);
  if (valueUlps !== undefined)
    parts.push((lossUlps === undefined ? "" : "grad ") + digits(valueUlps));
  return parts.join(", ");
}
