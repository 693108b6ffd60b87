/**
 * logSoftmax of rows of at most 64 classes:  (z − m) − L, with m and L of shortRows.ts. With `turned` rows come and
 * go as columns (turnColumns.ts).
 */
import { log1pLanes } from "../math/log1p";
import { SHIFT, storeColumns } from "../simd/columns";
import { LANE_MAX, LANE_REST, LANE_TOP, chunkRows, enterSums } from "./shortRows";

export function logSoftmaxShortRows(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  maskedZero: bool,
  scratchPtr: usize,
): void {
  const chunk = chunkRows(classes);
  const rowBytes = (<usize>classes) << 2;
  for (let i = 0; i < rows; i += chunk) {
    const count = min(chunk, rows - i);
    logSoftmaxChunk(zPtr, outPtr, count, classes, turned, maskedZero, scratchPtr);
    zPtr += <usize>count * rowBytes;
    outPtr += <usize>count * rowBytes;
  }
}

function logSoftmaxChunk(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  maskedZero: bool,
  scratchPtr: usize,
): void {
  enterSums(zPtr, rows, classes, turned, scratchPtr);
  const groupBytes = (<usize>classes) << 4;
  let columns = scratchPtr;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const rest = v128.load(lanes, LANE_REST);
    let m = v128.load(lanes, LANE_MAX);
    let log = log1pLanes(f32x4.div(rest, v128.load(lanes, LANE_TOP)));
    if (maskedZero) {
      const masked = f32x4.eq(m, f32x4.splat(-Infinity));
      const zero = v128.and(masked, f32x4.eq(rest, f32x4.splat(0)));
      m = v128.andnot(m, zero);
      log = v128.andnot(log, zero);
    }
    storeColumns(columns, outPtr, min(4, rows - i), classes, turned, SHIFT, m, log);
    columns += groupBytes;
    outPtr += groupBytes;
    lanes += 16;
  }
}
