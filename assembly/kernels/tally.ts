/**
 * Adds up the records of short rows (scoreShort.ts) for the metrics of many rows.
 *
 * Mathematics
 *   Σ loss and Σ Brier as hi + lo with the rounding errors in lo (two-sum); Σ doubt of each bin in two
 *   parts, multiples of 2^−22 and what is left: the greater is exact, the other near enough;
 *   counts of target and prediction, of bin and the target's place, of the doubt by its upper 16 bits, of the steps of log-probabilities.
 *
 * Layout
 *   sumsPtr: f64 loss hi (2), lo (2), Brier hi (2), lo (2); then 32 bytes for the parts of four doubts.
 *   binsPtr, for each bin: f32 greatest doubt (+∞ in the first) · 4 unused · f64 both parts of the sum · i32
 *   counts by place (C), and of those at place 0 that were not predicted, in whole 8 bytes. After the last
 *   bin −∞.
 *   countsPtr: i32 confusion (C × C), then fine bins as pairs of wrong and right.
 *   ranksPtr, unless stepsPtr is 0: i32 counts of all (C × 32769), then of the positives; a table ends
 *   with step 0. They are filled class by class from the steps of some rows, so that the part in use
 *   of one of them stays in cache.
 *   leftPtr: i32 row numbers, as many as rows. Of a record only its losses outlive the call.
 *
 * Domain     fewer than 2^31 rows in all; C ≤ 64
 */
import { highDoubles, highPairs, lowDoubles, lowPairs } from "../simd/lanes";
import { RECORD } from "./scoreShort";

// prettier-ignore
const CONSTANTS = memory.data<f32>([
  3, 3, 3, 3, //                         1.5 · 2^1: adding it rounds a doubt to a multiple of 2^−22
  8388608, 8388608, 8388608, 8388608, // 2^23: adding it rounds to an integer in the lowest bits
], 16);

/** Bytes of a table of steps before that of 0. */
const TABLE: usize = 32768 << 2;

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
  ranksPtr: usize,
  bound: f64,
  leftPtr: usize,
): i32 {
  const columnBytes = (<usize>classes) << 4;
  const binBytes: usize = 24 + ((<usize>(classes + 2)) & ~1) * 4;
  const fine = countsPtr + ((<usize>(classes * classes)) << 2);
  const firstTable = ranksPtr + TABLE;
  const positives = firstTable + <usize>classes * (TABLE + 4);
  const zero = i32x4.splat(0);
  const limit = f64x2.splat(bound);
  // Half a bin and a little: a doubt beside an edge is looked for from the bin below.
  const half = f32x4.splat(<f32>0.5 + <f32>bins * <f32>9.5367432e-7); // 2^−20
  let left = leftPtr;
  for (let i = 0; i < rows; i += 4) {
    const place = v128.load(recordPtr, 80);
    let loss01 = v128.load(recordPtr);
    let loss23 = v128.load(recordPtr, 16);
    const below = v128.and(f64x2.lt(loss01, limit), f64x2.lt(loss23, limit));
    if (!i64x2.all_true(below)) {
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
    const counts = i32x4.ge_s(place, zero);
    const counts01 = i32x4.shuffle(counts, counts, 0, 0, 1, 1);
    const counts23 = i32x4.shuffle(counts, counts, 2, 2, 3, 3);
    addBoth(sumsPtr, v128.and(loss01, counts01), v128.and(loss23, counts23));
    const brier = v128.and(v128.load(recordPtr, 32), counts);
    addBoth(sumsPtr + 32, lowDoubles(brier), highDoubles(brier));

    // Where each row counts, in place of what is not needed any more.
    const y = v128.load(targetsPtr);
    const doubt = v128.load(recordPtr, 48);
    const argmax = v128.load(recordPtr, 64);
    const c = i32x4.splat(classes);
    const right = i32x4.eq(y, argmax);
    const cell = i32x4.shl(i32x4.add(i32x4.mul(y, c), argmax), 2);
    v128.store(recordPtr, i32x4.add(cell, i32x4.splat(<i32>countsPtr)), 32);
    const pair = i32x4.shl(i32x4.shr_u(doubt, 16), 1);
    const pairs = i32x4.shl(i32x4.sub(pair, right), 2);
    v128.store(recordPtr, i32x4.add(pairs, i32x4.splat(<i32>fine)), 112);
    const coarse = f32x4.sub(f32x4.add(doubt, v128.load(CONSTANTS)), v128.load(CONSTANTS));
    const rest = f32x4.sub(doubt, coarse);
    v128.store(sumsPtr, lowPairs(coarse, rest), 64);
    v128.store(sumsPtr, highPairs(coarse, rest), 80);
    const b = f32x4.convert_i32x4_s(i32x4.splat(bins));
    const guess = f32x4.sub(f32x4.sub(b, f32x4.mul(b, doubt)), half);
    const magic = v128.load(CONSTANTS, 16);
    const bin = i32x4.sub(f32x4.add(f32x4.pmax(zero, guess), magic), magic);
    const own = i32x4.mul(bin, i32x4.splat(<i32>binBytes));
    v128.store(recordPtr, i32x4.add(own, i32x4.splat(<i32>binsPtr)), 64);
    const missed = v128.and(v128.andnot(c, right), i32x4.eq(place, zero));
    v128.store(recordPtr, i32x4.shl(i32x4.add(place, missed), 2), 80);
    if (stepsPtr) {
      const table = i32x4.add(
        i32x4.mul(y, i32x4.splat(<i32>(TABLE + 4))),
        i32x4.splat(<i32>positives),
      );
      v128.store(recordPtr, i32x4.add(table, i32x4.shl(v128.load(recordPtr, 96), 2)), 96);
    }
    for (let r: usize = 0; r < 16; r += 4) {
      addRow(recordPtr + r, sumsPtr + r + r, binBytes, stepsPtr);
    }
    recordPtr += RECORD;
    targetsPtr += 16;
  }
  if (stepsPtr) {
    const end = stepsPtr + <usize>((rows + 3) >> 2) * columnBytes;
    while (stepsPtr < end) {
      const next = min(end, stepsPtr + GROUPS * columnBytes);
      let table = firstTable;
      for (let column = stepsPtr; column < stepsPtr + columnBytes; column += 16) {
        for (let p = column; p < next; p += columnBytes) {
          increment(table + (load<u32>(p) << 2));
          increment(table + (load<u32>(p, 4) << 2));
          increment(table + (load<u32>(p, 8) << 2));
          increment(table + (load<u32>(p, 12) << 2));
        }
        table += TABLE + 4;
      }
      stepsPtr = next;
    }
  }
  return <i32>((left - leftPtr) >> 2);
}

/** hi + lo of each lane at `ptr` become hi + lo + a + b. */
// @ts-ignore: decorator
@inline
function addBoth(ptr: usize, a: v128, b: v128): void {
  let hi = v128.load(ptr);
  let lo = v128.load(ptr, 16);
  let t = f64x2.add(hi, a);
  let d = f64x2.sub(t, hi);
  lo = f64x2.add(lo, f64x2.add(f64x2.sub(hi, f64x2.sub(t, d)), f64x2.sub(a, d)));
  hi = t;
  t = f64x2.add(hi, b);
  d = f64x2.sub(t, hi);
  lo = f64x2.add(lo, f64x2.add(f64x2.sub(hi, f64x2.sub(t, d)), f64x2.sub(b, d)));
  v128.store(ptr, t);
  v128.store(ptr, lo, 16);
}

/** Counts a row: rowPtr and partsPtr stand where its own words and the parts of its doubt are. */
// @ts-ignore: decorator
@inline
function addRow(rowPtr: usize, partsPtr: usize, binBytes: usize, stepsPtr: usize): void {
  const place = load<i32>(rowPtr, 80);
  if (place < 0) return;
  const doubt = load<f32>(rowPtr, 48);
  let own = load<usize>(rowPtr, 64);
  while (doubt <= load<f32>(own + binBytes)) own += binBytes;
  const parts = f64x2.promote_low_f32x4(v128.load64_zero(partsPtr, 64));
  v128.store(own, f64x2.add(v128.load(own, 8), parts), 8);
  increment(own + place + 24);
  increment(load<usize>(rowPtr, 32));
  increment(load<usize>(rowPtr, 112));
  if (stepsPtr) increment(load<usize>(rowPtr, 96));
}

// @ts-ignore: decorator
@inline
function increment(ptr: usize): void {
  store<i32>(ptr, load<i32>(ptr) + 1);
}
