/**
 * Adds up the records of short rows (scoreShort.ts) for the metrics of many rows.
 *
 * Mathematics
 *   Σ loss and Σ Brier as hi + lo with the rounding errors in lo (two-sum of what is ≥ 0); Σ doubt of each
 *   bin in two parts, multiples of 2^−22 and what is left: the greater is exact, the other near enough;
 *   counts of target and prediction, of bin and the target's place, of the doubt by its upper 16 bits, of
 *   the steps of log-probabilities.
 *
 * Layout
 *   sumsPtr: f64 loss hi (2), lo (2), Brier hi (2), lo (2); then 32 bytes for rows that do not count.
 *   binsPtr, for each bin: f32 greatest doubt (+∞ in the first) · 4 unused · f64 both parts of the sum · i32
 *   counts by place (C), and of those at place 0 that were not predicted, in whole 8 bytes. After the last
 *   bin −∞; there is one bin more than `bins` where confidence 1 has its own.
 *   countsPtr: i32 confusion (C × C), then fine bins as pairs of wrong and right.
 *   stepsPtr, or 0: i32 counts at the addresses there. They are counted class by class for some rows, so
 *   that the part in use of the tables of a class stays in cache.
 *   leftPtr: i32 row numbers, as many as rows. Of a record only its losses outlive the call.
 *
 * Domain     fewer than 2^31 rows in all; C ≤ 64; fewer than 2^15 bins
 */
import { highDoubles, highPairs, lowDoubles, lowPairs } from "../simd/lanes";
import { countFour } from "./counters";
import { RECORD } from "./scoreShort";

// prettier-ignore
const CONSTANTS = memory.data<f32>([
  3, 3, 3, 3, //                             1.5 · 2^1: adding it rounds a doubt to a multiple of 2^−22
  12582912, 12582912, 12582912, 12582912, // 1.5 · 2^23: adding it rounds to an integer in the lowest bits
], 16);

/** Groups of rows whose steps are counted class by class. */
const GROUPS: usize = 64;

/**
 * Returns how many rows are left to the caller and puts their numbers at leftPtr: those whose loss is
 * NaN, which do not count here, and those whose loss is not below `bound` or is +∞, which does not
 * enter the sum.
 */
export function tallyRows(
  recordPtr: usize,
  rows: i32,
  classes: i32,
  targetsPtr: usize,
  stepsPtr: usize,
  bins: i32,
  binsPtr: usize,
  sumsPtr: usize,
  countsPtr: usize,
  bound: f64,
  leftPtr: usize,
): i32 {
  const columnBytes = (<usize>classes) << 4;
  const binBytes = 24 + ((classes + 2) & ~1) * 4;
  const zero = i32x4.splat(0);
  const limit = f64x2.splat(bound);
  const c = i32x4.splat(classes);
  const c4 = i32x4.splat(classes << 2);
  const cells = i32x4.splat(<i32>countsPtr);
  const pairs = i32x4.splat(<i32>countsPtr + ((classes * classes) << 2));
  const binsAt = i32x4.splat(<i32>binsPtr);
  const stride = i32x4.splat(binBytes);
  const counts = i32x4.splat(24);
  const nowhere = i32x4.splat(<i32>sumsPtr + 64);
  const coarser = v128.load(CONSTANTS);
  const magic = v128.load(CONSTANTS, 16);
  // A doubt beside an edge is looked for from the bin below.
  const near = <f32>bins * <f32>9.5367432e-7; // 2^−20
  const b = f32x4.splat(<f32>bins);
  const lowest = f32x4.splat(<f32>bins - <f32>0.5 - near);
  const twice = f32x4.splat(near + near);
  const end = load<f32>(binsPtr + <usize>(bins * binBytes)) < 0 ? bins - 1 : bins;
  const last = f32x4.splat(<f32>end);
  let loss = v128.load(sumsPtr);
  let lossLow = v128.load(sumsPtr, 16);
  let brier = v128.load(sumsPtr, 32);
  let brierLow = v128.load(sumsPtr, 48);
  let left = leftPtr;
  for (let i = 0; i < rows; i += 4) {
    let loss01 = v128.load(recordPtr);
    let loss23 = v128.load(recordPtr, 16);
    const below = v128.and(f64x2.lt(loss01, limit), f64x2.lt(loss23, limit));
    if (i64x2.bitmask(below) != 3) {
      for (let r = 0; r < 4; r++) {
        const at = recordPtr + ((<usize>r) << 2);
        const loss = load<f64>(recordPtr + ((<usize>r) << 3));
        if (load<i32>(at, 80) == -1 || loss < bound) continue;
        store<i32>(left, i + r);
        left += 4;
      }
      const most = f64x2.splat(Infinity);
      loss01 = v128.and(loss01, f64x2.lt(loss01, most));
      loss23 = v128.and(loss23, f64x2.lt(loss23, most));
    }

    // Where each row counts, in place of what is not needed any more.
    const y = v128.load(targetsPtr);
    const doubt = v128.load(recordPtr, 48);
    const argmax = v128.load(recordPtr, 64);
    const place = v128.load(recordPtr, 80);
    let square = v128.load(recordPtr, 32);
    const right = i32x4.eq(y, argmax);
    let cell = i32x4.add(i32x4.dot_i16x8_s(y, c4), i32x4.shl(argmax, 2));
    cell = i32x4.add(cell, cells);
    let pair = i32x4.shl(i32x4.shr_u(doubt, 16), 1);
    pair = i32x4.add(i32x4.shl(i32x4.sub(pair, right), 2), pairs);
    const guess = f32x4.sub(lowest, f32x4.mul(b, doubt));
    const low = f32x4.add(f32x4.pmax(zero, guess), magic);
    const high = f32x4.add(f32x4.pmin(last, f32x4.add(guess, twice)), magic);
    let own = i32x4.dot_i16x8_s(i32x4.sub(low, magic), stride);
    own = i32x4.add(own, binsAt);
    v128.store(recordPtr, own, 64);
    if (i32x4.bitmask(f32x4.ne(low, high))) {
      findBins(recordPtr, binBytes);
      own = v128.load(recordPtr, 64);
    }
    const missed = v128.and(v128.andnot(c, right), i32x4.eq(place, zero));
    let count = i32x4.add(i32x4.shl(i32x4.add(place, missed), 2), i32x4.add(own, counts));
    if (i32x4.bitmask(place)) {
      const out = i32x4.shr_s(place, 31);
      loss01 = v128.andnot(loss01, lowPairs(out, out));
      loss23 = v128.andnot(loss23, highPairs(out, out));
      square = v128.andnot(square, out);
      cell = v128.bitselect(nowhere, cell, out);
      pair = v128.bitselect(nowhere, pair, out);
      count = v128.bitselect(nowhere, count, out);
      v128.store(recordPtr, v128.bitselect(nowhere, own, out), 64);
    }
    const coarse = f32x4.sub(f32x4.add(doubt, coarser), coarser);
    const rest = f32x4.sub(doubt, coarse);
    const parts01 = lowPairs(coarse, rest);
    const parts23 = highPairs(coarse, rest);
    addParts(load<usize>(recordPtr, 64), lowDoubles(parts01));
    addParts(load<usize>(recordPtr, 68), highDoubles(parts01));
    addParts(load<usize>(recordPtr, 72), lowDoubles(parts23));
    addParts(load<usize>(recordPtr, 76), highDoubles(parts23));
    v128.store(recordPtr, cell, 32);
    v128.store(recordPtr, pair, 48);
    v128.store(recordPtr, count, 80);
    countFour(recordPtr + 32);
    countFour(recordPtr + 48);
    countFour(recordPtr + 80);

    let sum = f64x2.add(loss, loss01);
    lossLow = f64x2.add(lossLow, errorOf(loss, loss01, sum));
    loss = f64x2.add(sum, loss23);
    lossLow = f64x2.add(lossLow, errorOf(sum, loss23, loss));
    const square01 = lowDoubles(square);
    const square23 = highDoubles(square);
    sum = f64x2.add(brier, square01);
    brierLow = f64x2.add(brierLow, errorOf(brier, square01, sum));
    brier = f64x2.add(sum, square23);
    brierLow = f64x2.add(brierLow, errorOf(sum, square23, brier));
    recordPtr += RECORD;
    targetsPtr += 16;
  }
  v128.store(sumsPtr, loss);
  v128.store(sumsPtr, lossLow, 16);
  v128.store(sumsPtr, brier, 32);
  v128.store(sumsPtr, brierLow, 48);
  if (stepsPtr) {
    const end = stepsPtr + <usize>((rows + 3) >> 2) * columnBytes;
    while (stepsPtr < end) {
      const next = min(end, stepsPtr + GROUPS * columnBytes);
      for (let column = stepsPtr; column < stepsPtr + columnBytes; column += 16) {
        for (let p = column; p < next; p += columnBytes) countFour(p);
      }
      stepsPtr = next;
    }
  }
  return <i32>((left - leftPtr) >> 2);
}

/** The rounding error of sum = a + b, both ≥ 0. */
// @ts-ignore: decorator
@inline
function errorOf(a: v128, b: v128, sum: v128): v128 {
  return f64x2.sub(f64x2.pmin(a, b), f64x2.sub(sum, f64x2.pmax(a, b)));
}

/** Moves each row on from the bin at 64 to its own. */
function findBins(recordPtr: usize, binBytes: usize): void {
  for (const end = recordPtr + 16; recordPtr < end; recordPtr += 4) {
    const doubt = load<f32>(recordPtr, 48);
    let own = load<usize>(recordPtr, 64);
    while (doubt <= load<f32>(own + binBytes)) own += binBytes;
    store<usize>(recordPtr, own, 64);
  }
}

/** Adds the parts of a doubt to those of its bin. */
// @ts-ignore: decorator
@inline
function addParts(binPtr: usize, parts: v128): void {
  v128.store(binPtr, f64x2.add(v128.load(binPtr, 8), parts), 8);
}
