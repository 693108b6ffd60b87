/**
 * Adds up the records of short rows (scoreShort.ts) for the metrics of many rows.
 *
 * Mathematics
 *   Σ loss, Σ Brier and Σ confidence of each bin as hi + lo with the rounding errors in lo (two-sum);
 *   counts of bins, of right answers among them, of 1 − confidence by its upper 16 bits, of the
 *   target's place, of target and prediction; of every log-probability (z_j − m) − L ≤ 0 by the
 *   upper 16 bits of its float32, turned so that greater numbers stand later.
 *
 * Layout
 *   sumsPtr: f64 loss hi, lo, Brier hi, lo; then for each bin f64 count, right, hi, lo.
 *   countsPtr: i32 places (C), confusion (C × C), then fine bins as pairs of count and right.
 *   ranksPtr, or 0: i32 counts of all (C × 32769), then of the positives. They are filled class by
 *   class from the steps of all rows, so that the part in use of one of them stays in cache.
 *   edgesPtr: f64, edge b is the least confidence of bin b; −∞ before and +∞ after them.
 *   leftPtr: i32 row numbers (256), then the steps (256 × C, and room for 4).
 *
 * Domain     at most 256 rows a call, fewer than 2^31 in all; C ≤ 64
 */
import { loadPartial } from "../simd/lanes";

const RECORD: usize = 64;

/** Steps of log-probabilities ≤ 0. */
const STEPS: usize = 32769;

const LEFT_BYTES: usize = 1024;

/**
 * Returns how many rows are left to the caller and puts their numbers at leftPtr: those that are no
 * number, which do not count here, and those whose loss is not below `bound` or is +∞, which does not
 * enter the sum.
 */
export function tallyRows(
  zPtr: usize,
  recordPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  tied: i32,
  bins: i32,
  edgesPtr: usize,
  sumsPtr: usize,
  countsPtr: usize,
  ranksPtr: usize,
  bound: f64,
  leftPtr: usize,
): i32 {
  const rowBytes = (<usize>classes) << 2;
  const steps = leftPtr + LEFT_BYTES;
  const zero = f32x4.splat(0);
  const last = i32x4.splat((<i32>STEPS - 1) << 2);
  const mask = i32x4.splat(-4);
  let left = leftPtr;
  let stepPtr = steps;
  const confusion = countsPtr + ((<usize>classes) << 2);
  const fine = confusion + ((<usize>(classes * classes)) << 2);
  for (let i = 0; i < rows; i++) {
    const rank = load<i32>(recordPtr, 52);
    const loss = load<f64>(recordPtr);
    const number = load<i32>(recordPtr, 56) == 0;
    if (rank >= 0 && (!number || !(loss < bound) || loss == Infinity)) {
      store<i32>(left, i);
      left += 4;
    }
    if (rank >= 0 && number) {
      const y = load<i32>(targetsPtr);
      const predicted = load<i32>(recordPtr, 48);
      const right = y == predicted ? 1 : 0;
      if (loss < Infinity) addTo(sumsPtr, loss);
      addTo(sumsPtr + 16, load<f64>(recordPtr, 32));
      const confidence = load<f64>(recordPtr, 24);
      let b = min(bins - 1, <i32>(confidence * <f64>bins));
      while (confidence < load<f64>(edgesPtr + ((<usize>b) << 3))) b--;
      while (confidence >= load<f64>(edgesPtr + ((<usize>b) << 3), 8)) b++;
      const bin = sumsPtr + 32 + ((<usize>b) << 5);
      store<f64>(bin, load<f64>(bin) + 1);
      store<f64>(bin, load<f64>(bin, 8) + <f64>right, 8);
      addTo(bin + 16, confidence);
      const at = fine + ((<usize>(reinterpret<u32>(<f32>(1 - confidence)) >> 16)) << 3);
      store<i32>(at, load<i32>(at) + 1);
      store<i32>(at, load<i32>(at, 4) + right, 4);
      increment(countsPtr + ((<usize>(rank + (tied ? load<i32>(recordPtr, 60) : 0))) << 2));
      increment(confusion + ((<usize>(y * classes + predicted)) << 2));
      if (ranksPtr) {
        const max = load<f32>(recordPtr, 40);
        const m = f32x4.splat(max);
        const log = f32x4.splat(<f32>(load<f64>(recordPtr, 8) - <f64>max));
        // The last vector overlaps the one before it.
        for (let j = 0; j < classes; j += 4) {
          const at = (<usize>(classes < 4 ? 0 : min(j, classes - 4))) << 2;
          const z = classes < 4 ? loadPartial(zPtr, classes, 0) : v128.load(zPtr + at);
          const logProb = f32x4.add(f32x4.sub(f32x4.sub(z, m), log), zero); // −0 becomes 0
          const step = v128.and(i32x4.shr_u(v128.not(logProb), 14), mask); // 4 bytes each
          v128.store(stepPtr + at, i32x4.min_u(step, last));
        }
        const own = load<u32>(stepPtr + ((<usize>y) << 2));
        increment(ranksPtr + <usize>(classes + y) * (STEPS << 2) + own);
        stepPtr += rowBytes;
      }
    }
    zPtr += rowBytes;
    targetsPtr += 4;
    recordPtr += RECORD;
  }
  if (ranksPtr) countSteps(steps, stepPtr, rowBytes, ranksPtr);
  return <i32>((left - leftPtr) >> 2);
}

/** Counts steps, row by row from `start` to `end`, in one table for each class. */
function countSteps(start: usize, end: usize, rowBytes: usize, table: usize): void {
  for (let j: usize = 0; j < rowBytes; j += 4) {
    for (let p = start + j; p < end; p += rowBytes) increment(table + load<u32>(p));
    table += STEPS << 2;
  }
}

/** hi + lo at `ptr` become hi + lo + v. */
// @ts-ignore: decorator
@inline
function addTo(ptr: usize, v: f64): void {
  const hi = load<f64>(ptr);
  const t = hi + v;
  const b = t - hi;
  store<f64>(ptr, t);
  store<f64>(ptr, load<f64>(ptr, 8) + (hi - (t - b) + (v - b)), 8);
}

// @ts-ignore: decorator
@inline
function increment(ptr: usize): void {
  store<i32>(ptr, load<i32>(ptr) + 1);
}
