/**
 * softmax of rows of at most 64 classes:  p = e / Σ, with e and Σ of shortRows.ts. With `turned` rows come and
 * go as columns (turnColumns.ts).
 */
import { SCALE, storeColumns } from "../simd/columns";
import { EXPS, LANE_MAX, LANE_REST, chunkRows, enterChunk } from "./shortRows";

export function softmaxShortRows(
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
    softmaxChunk(zPtr, outPtr, count, classes, turned, maskedZero, scratchPtr);
    zPtr += <usize>count * rowBytes;
    outPtr += <usize>count * rowBytes;
  }
}

function softmaxChunk(
  zPtr: usize,
  outPtr: usize,
  rows: i32,
  classes: i32,
  turned: bool,
  maskedZero: bool,
  scratchPtr: usize,
): void {
  enterChunk(zPtr, rows, classes, turned, true, true, scratchPtr);
  const groupBytes = (<usize>classes) << 4;
  let columns = scratchPtr + EXPS;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    let factor = v128.load(lanes, LANE_REST);
    if (maskedZero) {
      // Σ is 0 in a row of −∞ only, and NaN where a NaN is among them.
      const masked = f32x4.eq(v128.load(lanes, LANE_MAX), f32x4.splat(-Infinity));
      const empty = f32x4.eq(factor, f32x4.splat(Infinity));
      factor = v128.andnot(factor, v128.and(masked, empty));
    }
    storeColumns(columns, outPtr, min(4, rows - i), classes, turned, SCALE, factor, factor);
    columns += groupBytes;
    outPtr += groupBytes;
    lanes += 16;
  }
}
