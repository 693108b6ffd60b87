/**
 * A row of logits z seen from its greatest one, m = z_k:
 *
 *   rest = Σ_{j≠k} e^(z_j − m),   L = ln(1 + rest),   logSumExp = m + L
 *   p_j = e^(z_j − m) / (1 + rest),   1 − p_k = rest / (1 + rest)
 *
 * The term e^(z_k − m) = 1 stays out of the sum, so L and 1 − p_k keep their relative accuracy down
 * to the smallest float64: no confident row is rounded to a loss of 0.
 */
import { sum } from "./sum.ts";

export interface RowSum {
  /** m; NaN if a logit is NaN, −∞ for no logits at all. */
  readonly max: number;
  /** k, the first index of m. */
  readonly argmax: number;
  /** NaN unless m is finite. */
  readonly rest: number;
  /** L; NaN unless m is finite. */
  readonly log: number;
}

export function rowSum(z: Float64Array): RowSum {
  let argmax = 0;
  let max = -Infinity;
  let hasNaN = false;
  z.forEach((value, j) => {
    hasNaN ||= Number.isNaN(value);
    if (value > max) {
      max = value;
      argmax = j;
    }
  });
  if (hasNaN) return { max: NaN, argmax, rest: NaN, log: NaN };
  if (!Number.isFinite(max)) return { max, argmax, rest: NaN, log: NaN };
  const rest = sum(z.map((value, j) => (j === argmax ? 0 : Math.exp(value - max))));
  return { max, argmax, rest, log: Math.log1p(rest) };
}

/** m + L, or m itself where it is ±∞ or NaN. */
export function logSumExpOf(row: RowSum): number {
  return Number.isFinite(row.max) ? row.max + row.log : row.max;
}

/** p_j for every j; NaN throughout unless m is finite. */
export function probabilitiesOf(z: Float64Array, row: RowSum): Float64Array {
  return z.map((value) => Math.exp(value - row.max) / (1 + row.rest));
}

/** 1 − p_j for every j. Only p_k can come near 1; the others are at most 1/2. */
export function complementsOf(z: Float64Array, row: RowSum): Float64Array {
  const p = probabilitiesOf(z, row);
  return p.map((value, j) => (j === row.argmax ? row.rest / (1 + row.rest) : 1 - value));
}
