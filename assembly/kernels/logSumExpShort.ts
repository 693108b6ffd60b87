/**
 * logSumExp of rows of at most 64 classes:  m + L, with m and L of shortRows.ts. With `turned` rows come as
 * columns (turnColumns.ts).
 */
import { log1pLanes } from "../math/log1p";
import { storePartial } from "../simd/lanes";
import { LANE_MAX, LANE_REST, LANE_TOP, chunkRows, enterSums } from "./shortRows";

export function logSumExpShortRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  const chunk = chunkRows(classes);
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    logSumExpChunk(zPtr, outPtr, count, classes, turned, scratchPtr);
    zPtr += (<usize>count * <usize>classes) << 2;
    outPtr += (<usize>count) << 2;
  }
}

function logSumExpChunk(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  scratchPtr: usize,
): void {
  enterSums(zPtr, rows, classes, turned, scratchPtr);
  const infinity = f32x4.splat(Infinity);
  const groupBytes = (<usize>classes) << 4;
  let columns = scratchPtr;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const m = v128.load(lanes, LANE_MAX);
    const ratio = f32x4.div(v128.load(lanes, LANE_REST), v128.load(lanes, LANE_TOP));
    let lse = f32x4.add(m, log1pLanes(ratio));
    const infinite = f32x4.eq(f32x4.abs(m), infinity);
    if (i32x4.bitmask(infinite)) {
      // A maximum of ±∞ is the result, unless a logit is NaN.
      lse = v128.or(v128.bitselect(m, lse, infinite), anyNaN(columns, classes));
    }
    if (rows - i >= 4) v128.store(outPtr, lse);
    else storePartial(outPtr, lse, rows - i);
    columns += groupBytes;
    outPtr += 16;
    lanes += 16;
  }
}

/** All ones in the lanes whose row holds NaN. */
// @ts-ignore: decorator
@inline
function anyNaN(columns: usize, classes: i32): v128 {
  let nan = f32x4.splat(0);
  for (let c = 0; c < classes; c++) {
    const z = v128.load(columns + ((<usize>c) << 4));
    nan = v128.or(nan, f32x4.ne(z, z));
  }
  return nan;
}
