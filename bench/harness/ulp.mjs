// @ts-check
/**
 * Distances in units in the last place of float32:
 *
 *   ulp(t) = 2^(max(⌊log2 |t|⌋, −126) − 23),   distance = |got − truth| / ulp(truth)
 *
 * The truth is a float64, so a correctly rounded result is at most 0.5 away.
 */
const GREATEST = (2 - 2 ** -23) * 2 ** 127;
const SMALLEST_NORMAL = 2 ** -126;

const scratch = new Float64Array(1);
const halves = new Uint32Array(scratch.buffer);

/** @param {number} truth */
export function ulp(truth) {
  scratch[0] = Math.max(SMALLEST_NORMAL, Math.min(Math.abs(truth), GREATEST));
  return 2 ** (((halves[1] >>> 20) & 0x7ff) - 1023 - 23);
}

/**
 * |got − truth| in ULP. The same infinity or NaN is no distance, and below 2^−126 nothing is asked
 * but a result as small.
 *
 * @param {number} got
 * @param {number} truth
 */
export function distance(got, truth) {
  if (Object.is(got, truth) || got === truth) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(truth)) return Infinity;
  if (Math.abs(truth) < SMALLEST_NORMAL && Math.abs(got) <= SMALLEST_NORMAL) return 0;
  return Math.abs(got - truth) / ulp(truth);
}

/**
 * The greatest distance between two arrays and where it is.
 *
 * @param {ArrayLike<number>} got
 * @param {ArrayLike<number>} truth
 * @returns {{ ulps: number; index: number }}
 */
export function greatestDistance(got, truth) {
  if (got.length !== truth.length) {
    throw new Error(`${got.length} values for ${truth.length} expected ones`);
  }
  const worst = { ulps: 0, index: -1 };
  for (let i = 0; i < truth.length; i++) {
    const ulps = distance(got[i], truth[i]);
    if (ulps > worst.ulps) Object.assign(worst, { ulps, index: i });
  }
  return worst;
}
