/**
 * Rows of at most 64 classes, four at a time: each lane is a row with its own maximum, reference
 * and sums, so no row ever depends on its neighbours.
 *
 * Mathematics
 *   As rowTable.ts, with one block:  top = e^(m − ref(m)),  rest = Σ of the others,
 *   L = ln(1 + rest / top),  logSumExp = m + L.
 *
 * Stability
 *   Four exponentials are added in float32, then in float64, and the largest term stays out of the
 *   sum: each step keeps the greater of two and adds the other.
 *   m = ±∞ and NaN end as in rowTable.ts.
 *
 * Layout
 *   A chunk of up to 1024 logits goes through in steps, each over all groups of four rows: columns
 *   and maxima, exponentials, results. One group at a time would wait for its own latencies.
 *   Scratch: columns of logits (4 KiB), of exponentials (4 KiB), then for each group the vectors
 *   m, top and rest (2 KiB each). src/memory/workspace.ts reserves it.
 */
// prettier-ignore
import { C1, C2, C3, C4, C5, LN2_HI, LN2_LO, LOG2E, expConstant, expShifted } from "../math/exp";
import { isFar, lowLanes, magicLanes, offsetLanes, shiftLanes } from "../math/referenceLanes";
import { loadColumns } from "../simd/columns";
import { highDoubles, joinDoubles, lowDoubles } from "../simd/lanes";

/** Rows of at most this many classes are short. */
// @ts-ignore: decorator
@inline
export const SHORT: i32 = 64;

/** Offsets in the scratch. */
// @ts-ignore: decorator
@inline
export const EXPS: usize = 4096;
// @ts-ignore: decorator
@inline
export const LANE_MAX: usize = 8192;
// @ts-ignore: decorator
@inline
export const LANE_TOP: usize = 10240;
// @ts-ignore: decorator
@inline
export const LANE_REST: usize = 12288;

/** Rows in a chunk: a multiple of 4, with at most 1024 logits and at most 128 groups. */
// @ts-ignore: decorator
@inline
export function chunkRows(classes: i32): i32 {
  return min(128, 256 / classes) << 2;
}

/** Enters a chunk (with `turned` of columns): leaves columns, m, top and rest of each group in the scratch. */
export function enterSums(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const from = loadChunk(zPtr, rows, classes, turned, scratchPtr);
  expChunk(from, rows, classes, false, scratchPtr);
}

/** The same, and the exponentials. */
export function enterExps(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const from = loadChunk(zPtr, rows, classes, turned, scratchPtr);
  expChunk(from, rows, classes, true, scratchPtr);
}

/**
 * Loads columns and maxima. Returns where the columns stand whose exponentials are wanted: beyond
 * |m| = 2000 they are less their offset and stand where the exponentials will.
 */
export function loadChunk(
  zPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): usize {
  const columnBytes = (<usize>classes) << 4;
  let columns = scratchPtr;
  let lanes = scratchPtr;
  let far = 0;
  for (let i = 0; i < rows; i += 4) {
    const m = loadColumns(zPtr, min(4, rows - i), classes, turned, columns);
    v128.store(lanes, m, LANE_MAX);
    far |= i32x4.bitmask(isFar(m));
    zPtr += columnBytes;
    columns += columnBytes;
    lanes += 16;
  }
  if (!far) return scratchPtr;
  columns = scratchPtr;
  lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const offset = offsetLanes(v128.load(lanes, LANE_MAX));
    for (const end = columns + columnBytes; columns < end; columns += 16) {
      v128.store(columns, f32x4.sub(v128.load(columns), offset), EXPS);
    }
    lanes += 16;
  }
  return scratchPtr + EXPS;
}

// @ts-ignore: decorator
@inline
function expChunk(from: usize, rows: i32, classes: i32, keep: bool, scratchPtr: usize): void {
  const log2e = expConstant(LOG2E);
  const hi = expConstant(LN2_HI);
  const lo = expConstant(LN2_LO);
  const c1 = expConstant(C1);
  const c2 = expConstant(C2);
  const c3 = expConstant(C3);
  const c4 = expConstant(C4);
  const c5 = expConstant(C5);
  const columnBytes = (<usize>classes) << 4;
  let lanes = scratchPtr;
  let out = scratchPtr + EXPS;
  for (let i = 0; i < rows; i += 4) {
    const k = shiftLanes(v128.load(lanes, LANE_MAX));
    const magic = magicLanes(k);
    const low = lowLanes(k);
    const end = from + columnBytes;
    let top = f32x4.splat(0);
    let rest01 = f64x2.splat(0); // of lanes 0 and 1, and of lanes 2 and 3
    let rest23 = rest01;
    // Of the greatest so far and the next exponential the greater stays, the other goes to the rest.
    // NaN goes to the rest: pmin keeps its first operand where one is NaN, and so does pmax.
    // One column after the other keeps few values alive: V8 has 15 registers for them.
    for (; from + 48 < end; from += 64) {
      const e0 = expShifted(v128.load(from), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(out, e0);
      const l0 = f32x4.pmin(e0, top);
      top = f32x4.pmax(top, e0);
      const e1 = expShifted(v128.load(from, 16), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(out, e1, 16);
      const l1 = f32x4.pmin(e1, top);
      top = f32x4.pmax(top, e1);
      const e2 = expShifted(v128.load(from, 32), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(out, e2, 32);
      const l2 = f32x4.pmin(e2, top);
      top = f32x4.pmax(top, e2);
      const e3 = expShifted(v128.load(from, 48), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(out, e3, 48);
      const l3 = f32x4.pmin(e3, top);
      top = f32x4.pmax(top, e3);
      const four = f32x4.add(f32x4.add(l0, l1), f32x4.add(l2, l3));
      rest01 = f64x2.add(rest01, lowDoubles(four));
      rest23 = f64x2.add(rest23, highDoubles(four));
      out += 64;
    }
    let some = f32x4.splat(0);
    for (; from < end; from += 16) {
      const e = expShifted(v128.load(from), low, magic, log2e, hi, lo, c1, c2, c3, c4, c5);
      if (keep) v128.store(out, e);
      some = f32x4.add(some, f32x4.pmin(e, top));
      top = f32x4.pmax(top, e);
      out += 16;
    }
    rest01 = f64x2.add(rest01, lowDoubles(some));
    rest23 = f64x2.add(rest23, highDoubles(some));
    v128.store(lanes, top, LANE_TOP);
    v128.store(lanes, joinDoubles(rest01, rest23), LANE_REST);
    lanes += 16;
  }
}
