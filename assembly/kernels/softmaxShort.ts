/**
 * softmax of rows of at most 64 classes:  p = e / (top + rest), with e, top and rest of shortRows.ts.
 * With `turned` rows come and go as columns (turnColumns.ts).
 */
import { SCALE, storeColumns } from "../simd/columns";
import { highDoubles, joinDoubles, lowDoubles } from "../simd/lanes";
import { EXPS, LANE_MAX, LANE_REST, LANE_TOP, chunkRows, enterExps } from "./shortRows";

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
  enterExps(zPtr, rows, classes, turned, scratchPtr);
  const groupBytes = (<usize>classes) << 4;
  const one = f64x2.splat(1);
  let columns = scratchPtr + EXPS;
  let lanes = scratchPtr;
  for (let i = 0; i < rows; i += 4) {
    const top = v128.load(lanes, LANE_TOP);
    const rest = v128.load(lanes, LANE_REST);
    const sum01 = f64x2.add(lowDoubles(top), lowDoubles(rest));
    const sum23 = f64x2.add(highDoubles(top), highDoubles(rest));
    let factor = joinDoubles(f64x2.div(one, sum01), f64x2.div(one, sum23));
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
