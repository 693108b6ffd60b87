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
 *   ranksPtr, or 0: i32 negatives (C × 32769), then positives.
 *   edgesPtr: f64, edge b is the least confidence of bin b; −∞ before and +∞ after them.
 *   Ignored rows, rows that are no number and infinite losses are left to the caller.
 *
 * Domain     fewer than 2^31 rows; C ≤ 64
 */
const RECORD: usize = 64;

/** Steps of log-probabilities ≤ 0. */
const STEPS: usize = 32769;

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
): void {
  const confusion = countsPtr + ((<usize>classes) << 2);
  const fine = confusion + ((<usize>(classes * classes)) << 2);
  for (let i = 0; i < rows; i++) {
    const rank = load<i32>(recordPtr, 52);
    if (rank >= 0 && load<i32>(recordPtr, 56) == 0) {
      const y = load<i32>(targetsPtr);
      const predicted = load<i32>(recordPtr, 48);
      const right = y == predicted ? 1 : 0;
      const loss = load<f64>(recordPtr);
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
      increment(countsPtr + ((<usize>(rank + (tied ? load<i32>(recordPtr, 60) : 0))) << 2), 1);
      increment(confusion + ((<usize>(y * classes + predicted)) << 2), 1);
      if (ranksPtr) countRanks(zPtr, recordPtr, classes, y, ranksPtr);
    }
    zPtr += (<usize>classes) << 2;
    targetsPtr += 4;
    recordPtr += RECORD;
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
function increment(ptr: usize, by: i32): void {
  store<i32>(ptr, load<i32>(ptr) + by);
}

// @ts-ignore: decorator
@inline
function stepOf(z: f32, m: f32, log: f32): usize {
  const bits = reinterpret<u32>(z - m - log);
  return bits << 1 ? (<usize>(~bits >> 16)) << 2 : (STEPS - 1) << 2;
}

function countRanks(zPtr: usize, recordPtr: usize, classes: i32, y: i32, ranksPtr: usize): void {
  const m = load<f32>(recordPtr, 40);
  const log = <f32>(load<f64>(recordPtr, 8) - <f64>m);
  let table = ranksPtr;
  for (let j = 0; j < classes; j++) {
    increment(table + stepOf(load<f32>(zPtr + ((<usize>j) << 2)), m, log), 1);
    table += STEPS << 2;
  }
  const own = <usize>y * (STEPS << 2) + stepOf(load<f32>(zPtr + ((<usize>y) << 2)), m, log);
  increment(ranksPtr + own, -1);
  increment(table + own, 1);
}
