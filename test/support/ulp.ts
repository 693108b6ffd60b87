/**
 * Distances in units in the last place of float32.
 *
 *   ulp32(t) = 2^(max(⌊log2 |t|⌋, −126) − 23),   distance = |got − truth| / ulp32(truth)
 *
 * The truth is a float64, so a correctly rounded result is at most 0.5 away, not 0.
 */

/** 2^−126, the smallest normal float32. */
export const SMALLEST_NORMAL = 2 ** -126;
/** (2 − 2^−23) · 2^127, the greatest float32. */
export const GREATEST = (2 - 2 ** -23) * 2 ** 127;
/** 2^−24, half the relative spacing of float32: the greatest relative error of one rounding. */
export const ROUNDING = 2 ** -24;

/** Spacing of float32 at |t|; 2^−149 below the normal range, that of 2^127 above it. */
export function ulp32(t: number): number {
  const magnitude = Math.min(Math.abs(t), GREATEST);
  if (!(magnitude >= SMALLEST_NORMAL)) return 2 ** -149;
  const high = new Uint32Array(new Float64Array([magnitude]).buffer)[1] as number;
  return 2 ** (((high >>> 20) & 0x7ff) - 1023 - 23);
}

/** |got − truth| / ulp32(truth); 0 for the same non-finite value, ∞ for any other. */
export function ulpDistance(got: number, truth: number): number {
  if (Object.is(got, truth) || (got === Math.fround(truth) && !Number.isFinite(got))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(truth)) return Infinity;
  return Math.abs(got - truth) / ulp32(truth);
}
