/**
 * Isotonic calibration: the non-decreasing probabilities nearest to the labels in least squares, by
 * pooling neighbours that are out of order (Ayer et al. 1955). Equal scores are one point.
 */
import { type BinaryFitOptions, readScores } from "./binaryScores.js";

export interface IsotonicFit {
  /** Ends of the steps, ascending; and the probability at each. */
  readonly scores: Float64Array;
  readonly probabilities: Float64Array;
  /** Linear between the ends, constant beyond the first and last, as scikit-learn with "clip". */
  apply(scores: ArrayLike<number>): Float64Array;
}

interface Pool {
  readonly low: number;
  high: number;
  positives: number;
  count: number;
}

/**
 * @param scores - one finite score or logit per row, the greater the more likely yes.
 * @param labels - 0 or 1 for each.
 * @param options - `ignoreIndex` (none), `rowMask`.
 * @throws {LogitsError} ERR_SHAPE if lengths disagree; ERR_ARGUMENT_VALUE for other values or no rows.
 */
export function fitIsotonic(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  options?: BinaryFitOptions,
): IsotonicFit {
  const fn = "fitIsotonic";
  const { s, positive } = readScores(fn, scores, labels, options);
  const points: Pool[] = [];
  for (const i of Uint32Array.from(s.keys()).sort((a, b) => s[a]! - s[b]!)) {
    const last = points.at(-1);
    if (last && last.high === s[i]) {
      last.positives += positive[i]!;
      last.count++;
    } else points.push({ low: s[i]!, high: s[i]!, positives: positive[i]!, count: 1 });
  }
  const pools: Pool[] = [];
  for (const point of points) {
    let pool = point;
    for (let last = pools.at(-1); last && outOfOrder(last, pool); last = pools.at(-1)) {
      pools.pop();
      last.high = pool.high;
      last.positives += pool.positives;
      last.count += pool.count;
      pool = last;
    }
    pools.push(pool);
  }
  const at: number[] = [];
  const p: number[] = [];
  for (const { low, high, positives, count } of pools) {
    at.push(low);
    p.push(positives / count);
    if (high === low) continue;
    at.push(high);
    p.push(positives / count);
  }
  const ends = Float64Array.from(at);
  const probabilities = Float64Array.from(p);
  return {
    scores: ends,
    probabilities,
    apply: (given) => Float64Array.from(given, (v) => interpolate(ends, probabilities, v)),
  };
}

/** Whether the mean of `first` is not below that of `second`, in integers. */
function outOfOrder(first: Pool, second: Pool): boolean {
  return first.positives * second.count >= second.positives * first.count;
}

function interpolate(at: Float64Array, p: Float64Array, v: number): number {
  if (Number.isNaN(v)) return NaN;
  const last = at.length - 1;
  if (v <= at[0]!) return p[0]!;
  if (v >= at[last]!) return p[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at[middle]! <= v) low = middle;
    else high = middle;
  }
  const share = (v - at[low]!) / (at[high]! - at[low]!);
  return p[low]! + share * (p[high]! - p[low]!);
}
